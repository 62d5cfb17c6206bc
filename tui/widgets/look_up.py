"""A word looked up in the glossary, from any pane: type, and read."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList

from core.errors import UserError
from tui.notes import glossary, pages
from tui.notes.glossary import Term
from tui.notes.markdown import typeset
from tui.text import passage
from tui.widgets.titles import TitlesScreen


class LookUp(TitlesScreen[Term]):
    """Terms on the left, what the one under the cursor means on the right; answers with the one to read in Notes."""

    HEADING = "Glossary"
    KEYS = "type a word · ↑↓ · enter opens it in Notes · esc closes"
    PLACE = "a word, or a part of one"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="look_up.close", tooltip="Close the glossary."),
        Binding("down", "move(1)", "Down", show=False, id="look_up.down", tooltip="The next term."),
        Binding("up", "move(-1)", "Up", show=False, id="look_up.up", tooltip="The term before."),
    ]
    DEFAULT_CSS = """
    LookUp { align: center middle; }
    LookUp #titles { width: 32; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[Term] = []
        self.found: list[Term] = []

    def on_mount(self) -> None:
        """The glossary is a file: it is read in a thread."""
        self.query_one(Input).focus()
        self._read()

    @work(group="read")
    async def _read(self) -> None:
        try:
            notes = await asyncio.to_thread(pages.load)
        except UserError as error:
            self.preview(passage(str(error)))
            return
        at = pages.number_of(notes, pages.GLOSSARY)
        self.terms = glossary.terms(notes[at].text) if at is not None else []
        self._filter()

    @on(Input.Changed)
    def _filter(self) -> None:
        self.found = glossary.fitting(self.terms, self.query_one(Input).value)
        self.offer(term.name for term in self.found)
        if not self.found:
            self.preview(Content("No term fits." if self.terms else "There is no glossary."))

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index >= len(self.found):
            return
        term = self.found[event.option_index]
        also = f"\n\n*also: {', '.join(term.also)}*" if term.also else ""
        width = max(20, self.query_one("#preview").size.width - 2)
        self.preview(typeset(f"### {term.name}\n\n{term.text}{also}", width).content)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and self.found:
            self.dismiss(self.found[at])
