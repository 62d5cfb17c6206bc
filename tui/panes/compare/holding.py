"""Long texts in Compare: held beside the field, which says what they are: with them in it typing would be slow."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea

from core.errors import UserError
from tui.headless import input as reading
from tui.panes.text_pane import TextPane
from tui.text import one_line
from tui.widgets.entry import Entry
from tui.widgets.field import TextField
from tui.widgets.problem import Problem
from tui.words import amount_of_bytes

LARGE = 20_000
"""Characters from which a text is held beside the field."""
FILE = "A plain text file, in UTF-8. Up to 50,000 words are compared at once."


class HoldingPane(TextPane):
    """`asked` is the text that is meant: the one that is held, or what stands in the field."""

    PASTED = LARGE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("O", "file", "Open file", show=False, id="compare.file", tooltip="Compare the text of a file."),
    ]  # fmt: skip

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._held, self._stands_for = "", ""

    @property
    def asked(self) -> str:
        """The text that a question would be about."""
        value = self.field.value
        return self._held if self._held and value == self._stands_for else value

    def take(self, text: str) -> None:
        if len(text) <= LARGE:
            super().take(text)
        else:
            self.hold(text, "a text")

    def hold(self, text: str, name: str) -> None:
        """Keep a long text; ctrl+l, or anything that is typed, lets it go."""
        size = amount_of_bytes(len(text.encode("utf-8", "replace")))
        stands = f"⟨{one_line(name)}: {size}, held beside this field⟩"
        with self.prevent(TextArea.Changed):
            super().take(stands)
        self._held, self._stands_for = text, stands
        self.changed()

    @on(TextField.Pasted)
    def _pasted(self, event: TextField.Pasted) -> None:
        event.stop()
        self.hold(event.text, "a pasted text")

    def action_file(self) -> None:
        def put(typed: str | None) -> None:
            if typed is not None:
                self.run_worker(self._read(typed.strip()), group="read", exclusive=True)

        self.app.push_screen(Entry(Content("Open a text file"), FILE, "", _named), put)

    async def _read(self, path: str) -> None:
        try:
            text = await asyncio.to_thread(reading.read, path)
        except UserError as error:
            self.lab.fail(Problem.of(error))
            return
        if len(text) <= LARGE:
            self.take(text)
        else:
            self.hold(text, Path(path).name)
        self.opened()


def _named(path: str) -> str:
    if not path.strip() or path.strip() == "-":
        raise UserError("Name a file.")
    return path
