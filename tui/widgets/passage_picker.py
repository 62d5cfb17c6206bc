"""The choice of a study passage: type to filter, enter opens."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core import passages
from core.errors import UserError
from core.passages import Passage
from tui.text import passage, plain


class PassagePicker(ModalScreen[Passage | None]):
    """Titles on the left, the text of the one under the cursor on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="passages.close", tooltip="Leave the text as it is."),
        Binding("down", "move(1)", "Down", show=False, id="passages.down", tooltip="Next passage."),
        Binding("up", "move(-1)", "Up", show=False, id="passages.up", tooltip="Passage before."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Passage] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large") as box:
            box.border_title = "Study passages"
            box.border_subtitle = "type to filter · ↑↓ · enter opens · esc closes"
            yield Input(placeholder="title, kind or words of the text", compact=True)
            with Horizontal():
                yield OptionList(id="titles", compact=True, markup=False)
                with VerticalScroll(id="preview", can_focus=False):
                    yield Static()

    def on_mount(self) -> None:
        self._filter("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._filter(event.value)

    def _filter(self, words: str) -> None:
        try:
            every = passages.every()
        except UserError as error:
            self.query_one("#preview Static", Static).update(passage(str(error)))
            return
        wanted = words.lower().split()
        self.found = [
            one for one in every if all(word in f"{one.title} {one.kind} {one.text}".lower() for word in wanted)
        ]
        titles = self.query_one(OptionList)
        titles.set_options(Option(plain(one.title)) for one in self.found)
        titles.highlighted = 0 if self.found else None
        if not self.found:
            self.query_one("#preview Static", Static).update(Content("No passage has all these words."))

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        one = self.found[event.option_index]
        words = f"{one.kind}, {len(one.text.split())} words"
        self.query_one("#preview Static", Static).update(Content(f"({words})\n\n") + passage(one.text))

    def action_move(self, by: int) -> None:
        titles = self.query_one(OptionList)
        if by > 0:
            titles.action_cursor_down()
        else:
            titles.action_cursor_up()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        self.dismiss(self.found[highlighted] if highlighted is not None and self.found else None)
