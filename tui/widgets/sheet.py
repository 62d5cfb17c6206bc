"""A longer text on a screen of its own: to read, and to copy."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.text import passage


class Sheet(ModalScreen[None]):
    """Closed by esc, q or enter; `y` copies everything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Close", id="sheet.close", tooltip="Close this."),
        Binding("y", "copy", "Copy", id="sheet.copy", tooltip="Copy everything that stands here."),
    ]
    DEFAULT_CSS = """
    Sheet { align: center middle; }
    Sheet Static { width: auto; height: auto; }
    """

    def __init__(self, title: Content, text: str) -> None:
        super().__init__()
        self.heading, self.text = title, text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog large") as box:
            box.border_title = self.heading
            box.border_subtitle = "↑↓ scroll · y copies · esc closes"
            yield Static(passage(self.text), markup=False)

    def action_copy(self) -> None:
        """Send the text to the clipboard of the person's terminal."""
        self.app.copy_to_clipboard(self.text)
        self.notify("Copied.", markup=False)
