"""The outline of the notes: questions, their claims with their verdicts, the references, about."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.notes.pages import Note
from tui.text import shorten

STYLES = {
    "supported": "$text-success",
    "refuted": "$text-error",
    "mixed": "$text-warning",
    "conditional": "$text-warning",
}


class Outline(OptionList):
    """One entry a note. In a narrow column the verdict stands under the claim, in a wide one beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="outline.down", tooltip="To the next entry."),
        Binding("k", "cursor_up", "Up", show=False, id="outline.up", tooltip="To the entry before."),
    ]
    DEFAULT_CSS = """
    Outline { border: none; padding: 0 0 0 1; background: transparent; scrollbar-size-vertical: 1; }
    Outline:focus { border: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._notes: Sequence[Note] = ()

    def fill(self, notes: Sequence[Note]) -> None:
        """List `notes`, with a blank line before each question and before the references."""
        self._notes = notes
        here = self.highlighted
        self.clear_options()
        for note in notes:
            if self.option_count and (note.key.isdecimal() or note.key == "references"):
                self.add_option(None)
            self.add_option(Option(self._prompt(note), id=note.key))
        self.highlighted = here if here is not None else 0

    def on_resize(self, event: Resize) -> None:
        """Lay the entries out for the new width."""
        if self._notes:
            self.fill(self._notes)

    def _prompt(self, note: Note) -> Content:
        width = max(24, self.size.width)
        if not note.claim:
            name = f"{note.key}. {note.title}" if note.key.isdecimal() else note.title
            return Content.styled(shorten(name, width), "bold")
        verdict = (f"{note.verdict:<12}", STYLES.get(note.verdict, ""))
        if width >= 70:
            return Content.assemble(f"{note.key:<4}", verdict, shorten(note.title, width - 16))
        lines = textwrap.wrap(note.title, width - 4)
        return Content.assemble(f"{note.key:<4}", "\n    ".join(lines), "\n    ", verdict)
