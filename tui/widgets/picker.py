"""The choice of one thing from a short list: what all such lists share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

T = TypeVar("T")


class Picker(ModalScreen[T | None], Generic[T]):
    """Answers with what was chosen, or None."""

    VERB: ClassVar[str] = "opens"
    """What enter does to the one under the cursor."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="picker.close", tooltip="Leave everything as it is."),
        Binding("j", "list('cursor_down')", "Down", show=False, id="picker.down", tooltip="The next one."),
        Binding("k", "list('cursor_up')", "Up", show=False, id="picker.up", tooltip="The one before."),
    ]
    DEFAULT_CSS = """
    Picker { align: center middle; }
    Picker OptionList { height: auto; max-height: 16; background: transparent; border: none; }
    """

    def __init__(self, title: str, choices: Sequence[tuple[T, Content]]) -> None:
        """`choices`: each with its line."""
        super().__init__()
        self.heading, self.choices = title, choices

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.heading)
            box.border_subtitle = f"enter {self.VERB} · esc closes"
            yield OptionList(*(Option(line) for _, line in self.choices), compact=True, markup=False)

    def action_list(self, name: str) -> None:
        """Go through the list."""
        getattr(self.query_one(OptionList), f"action_{name}")()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choices[event.option_index][0])
