"""The choice of a note from a short list: of bookmarks, or of the claims that a screen bears on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class NotePicker(ModalScreen[str | None]):
    """Answers with the key of a note, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="note_picker.close", tooltip="Stay where you are."),
        Binding("j", "list('cursor_down')", "Down", show=False, id="note_picker.down", tooltip="The next one."),
        Binding("k", "list('cursor_up')", "Up", show=False, id="note_picker.up", tooltip="The one before."),
    ]
    DEFAULT_CSS = """
    NotePicker { align: center middle; }
    NotePicker OptionList { height: auto; max-height: 16; background: transparent; border: none; }
    """

    def __init__(self, title: str, notes: Sequence[tuple[str, str]]) -> None:
        """`notes`: the key and one line for each."""
        super().__init__()
        self.heading, self.notes = title, notes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.heading)
            box.border_subtitle = "enter opens · esc closes"
            options = [Option(Content.assemble((f"{key:<12}", "bold"), line)) for key, line in self.notes]
            yield OptionList(*options, compact=True, markup=False)

    def action_list(self, name: str) -> None:
        """Go through the list, or open what is under its cursor."""
        getattr(self.query_one(OptionList), f"action_{name}")()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.notes[event.option_index][0])
