"""Searching the notes: words in all of them, from match to match."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from tui.notes import pages as notes
from tui.notes.pages import Hit
from tui.panes.notes.reading import ReadingPane
from tui.text import plain, shorten
from tui.widgets.reader import Request


class SearchField(Input):
    """Where a search is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave search", id="search.leave", tooltip="Close the search."),
        Binding("down", "step(1)", "Next", show=False, id="search.next", tooltip="To the next match."),
        Binding("up", "step(-1)", "Previous", show=False, id="search.previous", tooltip="To the match before."),
    ]


class SearchingPane(ReadingPane):
    """Has a search field over everything, which comes and goes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", id="notes.search", tooltip="Find words in all notes."),
        Binding("n", "step(1)", "Next", id="notes.next", tooltip="To the next match of the search."),
        Binding("N", "step(-1)", "Previous", show=False, id="notes.previous", tooltip="To the match before."),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._searched_from = 0
        """What was shown when the search began: shown again while nothing matches."""
        self._hits: list[Hit] = []
        self._hit = 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the next match only during a search."""
        return bool(self._hits) if action == "step" else super().check_action(action, parameters)

    def leave_search(self) -> None:
        """Close the search; the page stays."""
        self.remove_class("-searching")
        self._hits = []

    def action_search(self) -> None:
        """Open the search field, with the words of the last search."""
        if not self.has_class("-searching"):
            self.add_class("-searching")
            self._searched_from = self.shown_note
        field = self.query_one(SearchField)
        field.focus()
        field.action_end()
        self._find(field.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self.has_class("-searching"):
            self._find(event.value)

    @on(Input.Submitted)
    def _entered(self) -> None:
        if self._hits:
            self.in_front()

    def _find(self, words: str) -> None:
        self._hits, self._hit = notes.search(self.notes, words), 0
        self._go_to_hit()

    def action_step(self, by: int) -> None:
        """To the match `by` places further, round the ends."""
        if self._hits:
            self._hit = (self._hit + by) % len(self._hits)
            self._go_to_hit()

    def _go_to_hit(self) -> None:
        words = self.query_one(SearchField).value
        line = self.query_one("#found", Static)
        if not self._hits:
            line.update(plain("0 matches" if words.strip() else "matches are shown as you type"))
            self.show_note(self._searched_from)
            return
        hit = self._hits[self._hit]
        count = f"{self._hit + 1} of {len(self._hits)} matches · {self.notes[hit.note].key} · "
        before = hit.before if len(hit.before) < 30 else "…" + hit.before[-29:]
        line.update(Content.assemble(count, before, (shorten(hit.found, 40), "reverse"), hit.after))
        self.uncover()
        self._came_from = None
        self.show_note(hit.note, Request("", [hit.line], notes.pattern(words)))

    def uncover(self) -> None:
        """Have the page in sight; the focus stays."""
        raise NotImplementedError
