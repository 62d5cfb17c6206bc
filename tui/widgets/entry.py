"""One line to type, on a screen of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import UserError
from tui.text import plain


class Entry(ModalScreen[str | None]):
    """Answers with what was typed once `check` finds nothing wrong with it, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="entry.close", tooltip="Leave everything as it is."),
    ]
    DEFAULT_CSS = """
    Entry { align: center middle; }
    Entry > Vertical { width: 76; max-width: 100%; height: auto; padding: 0 1; }
    Entry > Vertical { background: $surface; border: round $primary; }
    Entry Input { background: $boost; }
    Entry Static { height: auto; }
    """

    def __init__(self, title: Content, about: str, value: str, check: Callable[[str], object]) -> None:
        """`check` raises UserError for a text that cannot be taken."""
        super().__init__()
        self.heading, self.about, self.value, self.check = title, about, value, check

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self.heading
            box.border_subtitle = "enter takes it · esc closes"
            yield Input(self.value, compact=True)
            yield Static(Content(self.about), id="about")

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one("#about", Static).update(Content(self.about))

    @on(Input.Submitted)
    def _taken(self, event: Input.Submitted) -> None:
        try:
            self.check(event.value)
        except UserError as error:
            self.query_one("#about", Static).update(plain(str(error)))
        else:
            self.dismiss(event.value)
