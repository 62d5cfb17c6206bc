"""The choice of a study passage: type to filter, enter opens."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList

from core import passages
from core.errors import UserError
from core.passages import Passage
from tui.text import passage
from tui.widgets.titles import TitlesScreen


class PassagePicker(TitlesScreen[Passage]):
    """Titles on the left, the text of the one under the cursor on the right."""

    HEADING = "Study passages"
    KEYS = "type to filter · ↑↓ · enter opens · esc closes"
    PLACE = "title, kind or words of the text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="passages.close", tooltip="Leave the text as it is."),
        Binding("down", "move(1)", "Down", show=False, id="passages.down", tooltip="Next passage."),
        Binding("up", "move(-1)", "Up", show=False, id="passages.up", tooltip="Passage before."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Passage] = []

    def on_mount(self) -> None:
        self._filter("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._filter(event.value)

    def _filter(self, words: str) -> None:
        try:
            every = passages.every()
        except UserError as error:
            self.preview(passage(str(error)))
            return
        wanted = words.lower().split()
        self.found = [
            one for one in every if all(word in f"{one.title} {one.kind} {one.text}".lower() for word in wanted)
        ]
        self.offer(one.title for one in self.found)
        if not self.found:
            self.preview(Content("No passage has all these words."))

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        one = self.found[event.option_index]
        words = f"{one.kind}, {len(one.text.split())} words"
        self.preview(Content(f"({words})\n\n") + passage(one.text))

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        self.dismiss(self.found[highlighted] if highlighted is not None and self.found else None)
