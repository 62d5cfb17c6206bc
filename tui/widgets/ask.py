"""One question before something that cannot be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class Ask(ModalScreen[bool]):
    """Asks a question; the key for `yes`, or enter on its button, says yes. Everything else says no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,escape", "answer(False)", "No", id="ask.no", tooltip="Leave everything as it is."),
        Binding("left,up", "app.focus_previous", "Previous", show=False, id="ask.previous", tooltip="Other button."),
        Binding("right,down", "app.focus_next", "Next", show=False, id="ask.next", tooltip="Other button."),
    ]
    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask > Vertical { width: 64; max-width: 90%; height: auto; padding: 1 2; }
    Ask > Vertical { background: $surface; border: round $primary; }
    Ask Horizontal { height: auto; margin-top: 1; align-horizontal: right; }
    Ask Button { margin-left: 2; }
    """

    def __init__(self, question: Content, yes: str, no: str, key: str = "y") -> None:
        """`yes` and `no` are what the two buttons say, `key` is the one that says yes."""
        super().__init__()
        self.question, self.yes, self.no, self.key = question, yes, no, key

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self.question)
            with Horizontal():
                yield Button(Content(f"{self.no} (n)"), id="no", compact=True)
                yield Button(Content(f"{self.yes} ({self.key})"), id="yes", compact=True, variant="warning")

    def on_mount(self) -> None:
        """Start on the harmless answer."""
        self.query_one("#no").focus()

    def on_key(self, event: Key) -> None:
        """Each question has its own key for yes, so that two in a row are not answered by one finger."""
        if event.character == self.key:
            event.stop()
            self.action_answer(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer and close."""
        self.dismiss(yes)
