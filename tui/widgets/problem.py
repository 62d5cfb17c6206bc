"""An error on a screen of its own: what happened, why, what to do, and all of it to copy."""

from __future__ import annotations

import traceback
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import UserError
from core.messages import Failed
from tui.text import passage


class Problem(ModalScreen[None]):
    """Closed by esc or enter; `y` or `c` copies everything that is said here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "dismiss", "Close", id="problem.close", tooltip="Close this."),
        Binding("y,c", "copy", "Copy", id="problem.copy", tooltip="Copy everything that is said here."),
    ]

    def __init__(self, what: str, why: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__()
        self.parts = {"what": what, "why": why, "hint": hint, "detail": detail}

    @classmethod
    def of(cls, error: UserError | Failed) -> Problem:
        """The screen for an error, wherever it comes from."""
        return cls(error.what, error.why, error.hint, error.detail if isinstance(error, Failed) else "")

    @classmethod
    def bug(cls, error: BaseException) -> Problem:
        """The screen for an exception that no one foresaw, with its traceback."""
        detail = "".join(traceback.format_exception(error))
        return cls("Lookboth made a mistake.", f"{type(error).__name__}: {error}", "The app goes on.", detail)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as box:
            box.border_title = "Something went wrong"
            box.border_subtitle = "y copies · esc closes"
            for part, text in self.parts.items():
                if text:
                    yield Static(passage(text), classes=part)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard("\n\n".join(text for text in self.parts.values() if text))
        self.notify("Copied.", markup=False)
