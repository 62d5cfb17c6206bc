"""The outline of the notes: questions, their claims with their verdicts, the references, about."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.notes.known import SIGNS, STYLES
from tui.notes.links import REFERENCES
from tui.notes.pages import GLOSSARY, Note
from tui.text import shorten

MARK = "◆"
"""Before a note with a bookmark."""


class Outline(OptionList):
    """One entry a note. In a narrow column the verdict stands under the claim, in a wide one beside it.

    A claim has the verdict of the literature, and then, with its sign, the one that was measured.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="outline.down", tooltip="To the next entry."),
        Binding("k", "cursor_up", "Up", show=False, id="outline.up", tooltip="To the entry before."),
    ]
    DEFAULT_CSS = """
    Outline { border: none; padding: 0 0 0 1; background: transparent; scrollbar-size-vertical: 1; }
    Outline { scrollbar-gutter: stable; }
    Outline:focus { border: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._notes: Sequence[Note] = ()
        self._measured: Mapping[str, str] = {}
        self._marked: Collection[str] = ()
        self._width = 0
        """The last one that was known: out of sight it has none."""

    def fill(self, notes: Sequence[Note]) -> None:
        """List `notes`, with a blank line before each question and before what follows the last."""
        self._notes = notes
        here = self.highlighted
        self.clear_options()
        after = GLOSSARY if any(note.key == GLOSSARY for note in notes) else REFERENCES
        for note in notes:
            if self.option_count and (note.key.isdecimal() or note.key == after):
                self.add_option(None)
            self.add_option(Option(self._prompt(note), id=note.key))
        self.highlighted = here if here is not None else 0

    def tell(self, measured: Mapping[str, str], marked: Collection[str]) -> None:
        """Which verdicts were measured, by claim, and which notes have a bookmark."""
        if (measured, marked) == (self._measured, self._marked):
            return
        self._measured, self._marked = dict(measured), marked
        for note in self._notes:
            self.replace_option_prompt(note.key, self._prompt(note))

    def on_resize(self, event: Resize) -> None:
        """Lay the entries out for the new width."""
        if self._notes:
            self.fill(self._notes)

    def _prompt(self, note: Note) -> Content:
        self._width = self.scrollable_content_region.width - 1 if self.size.width else self._width
        width = max(24, self._width)
        mark = f" {MARK}" if note.key in self._marked else ""
        if not note.claim:
            name = f"{note.key}. {note.title}" if note.key.isdecimal() else note.title
            return Content.styled(shorten(name, width - len(mark)) + mark, "bold")
        verdict = (f"{note.verdict:<12}", STYLES.get(note.verdict, ""))
        found = self._measured.get(note.key, "")
        measured = (f"{SIGNS[found]} {found}" if found else "", STYLES.get(found, ""))
        if width >= 70:
            beside = (f"{measured[0]:<15}", measured[1])
            return Content.assemble(
                f"{note.key:<4}", verdict, beside, shorten(note.title, width - 31 - len(mark)), mark
            )
        lines = textwrap.wrap(note.title, width - 4)
        return Content.assemble(f"{note.key:<4}", "\n    ".join(lines), mark, "\n    ", verdict, measured)
