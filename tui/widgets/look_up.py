"""A word looked up in the glossary, from any pane: type, and read."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.errors import UserError
from tui.notes import glossary, pages
from tui.notes.glossary import Term
from tui.notes.markdown import typeset
from tui.text import passage, plain


class LookUp(ModalScreen[Term | None]):
    """Terms on the left, what the one under the cursor means on the right; answers with the one to read in Notes."""

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

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large") as box:
            box.border_title = "Glossary"
            box.border_subtitle = "type a word · ↑↓ · enter opens it in Notes · esc closes"
            yield Input(placeholder="a word, or a part of one", compact=True)
            with Horizontal():
                yield OptionList(id="titles", compact=True, markup=False)
                with VerticalScroll(id="preview", can_focus=False):
                    yield Static(markup=False)

    def on_mount(self) -> None:
        """The glossary is a file: it is read in a thread."""
        self.query_one(Input).focus()
        self._read()

    @work(group="read")
    async def _read(self) -> None:
        try:
            notes = await asyncio.to_thread(pages.load)
        except UserError as error:
            self._say(passage(str(error)))
            return
        at = pages.number_of(notes, pages.GLOSSARY)
        self.terms = glossary.terms(notes[at].text) if at is not None else []
        self._filter()

    @on(Input.Changed)
    def _filter(self) -> None:
        self.found = glossary.fitting(self.terms, self.query_one(Input).value)
        titles = self.query_one(OptionList)
        titles.set_options(Option(plain(term.name)) for term in self.found)
        titles.highlighted = 0 if self.found else None
        if not self.found:
            self._say(Content("No term fits." if self.terms else "There is no glossary."))

    def _say(self, content: Content) -> None:
        self.query_one("#preview Static", Static).update(content)

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index >= len(self.found):
            return
        term = self.found[event.option_index]
        also = f"\n\n*also: {', '.join(term.also)}*" if term.also else ""
        width = max(20, self.query_one("#preview").size.width - 2)
        self._say(typeset(f"### {term.name}\n\n{term.text}{also}", width).content)

    def action_move(self, by: int) -> None:
        """Go through the terms while the field keeps the focus."""
        titles = self.query_one(OptionList)
        if by > 0:
            titles.action_cursor_down()
        else:
            titles.action_cursor_up()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and self.found:
            self.dismiss(self.found[at])
