"""The app's memory while it runs: what was remembered, what to remember, and when it is written down."""

from __future__ import annotations

import os
from collections.abc import Container

from core.errors import UserError
from tui.preferences import Drafts, Preferences, load, save
from tui.results import ranks


class Memory:
    """Preferences and drafts. Changing one is instant; `write` puts what changed on the disk."""

    def __init__(self) -> None:
        self.preferences = Preferences()
        self.drafts = Drafts()
        self._needed = ""
        self._changed: set[type[Preferences] | type[Drafts]] = set()

    def recall(self) -> list[str]:
        """Read what was kept; a sentence for each file that could not be used."""
        self.preferences, one = load(Preferences)
        self.drafts, other = load(Drafts)
        return [complaint for complaint in (one, other) if complaint]

    def theme(self, known: Container[str], colours: str | None, wanted: bool = True) -> str:
        """The theme to start with, or "" for the default: sixteen colours get the theme that is made of them.

        So does a terminal in which no colours are wanted: that theme marks everything by reverse, bold and underline.
        """
        chosen = self.preferences.theme if wanted and self.preferences.theme in known else ""
        if not chosen and (not wanted or (colours == "standard" and "TEXTUAL_THEME" not in os.environ)):
            self._needed = "ansi-dark"
        return chosen or self._needed

    def chose_theme(self, name: str) -> None:
        """Remember the theme. The one that the terminal needed is announced as well, and nobody chose it."""
        needed, self._needed = self._needed, ""
        if name not in (needed, self.preferences.theme):
            self.preferences.theme = name
            self._changed.add(Preferences)

    def models(self, pane: str, default: tuple[str, ...]) -> list[str]:
        """The models of a pane."""
        return self.preferences.models.get(pane) or list(default)

    def chose_models(self, pane: str, names: list[str]) -> None:
        """Remember the models of a pane."""
        self.preferences.models[pane] = names
        self._changed.add(Preferences)

    def limits(self) -> tuple[int, ...]:
        """Where the buckets of ranks end."""
        chosen = self.preferences.ranks
        return chosen if chosen and ranks.sound(chosen) else ranks.DEFAULT

    def chose_limits(self, limits: tuple[int, ...]) -> None:
        """Remember where the buckets of ranks end."""
        self.preferences.ranks = limits
        self._changed.add(Preferences)

    @property
    def bookmarks(self) -> list[str]:
        """The keys of the marked notes."""
        return list(self.preferences.bookmarks)

    def flip_bookmark(self, key: str) -> bool:
        """Mark a note, or take its mark away; whether it is marked now."""
        marked = self.bookmarks
        now = key not in marked
        self.preferences.bookmarks = [*marked, key] if now else [one for one in marked if one != key]
        self._changed.add(Preferences)
        return now

    def draft(self, field: str) -> str | None:
        """The text last left in a field, or None."""
        return self.drafts.texts.get(field)

    def typed(self, field: str, text: str) -> None:
        """Remember the text of a field."""
        if text != self.drafts.texts.get(field):
            self.drafts.texts[field] = text
            self._changed.add(Drafts)

    def write(self) -> list[str]:
        """Write what changed since the last time; a sentence for each file that could not be written. Takes a while."""
        complaints = []
        for kind in list(self._changed):
            self._changed.discard(kind)
            try:
                save(self.preferences if kind is Preferences else self.drafts)
            except UserError as error:
                complaints.append(str(error))
        return complaints
