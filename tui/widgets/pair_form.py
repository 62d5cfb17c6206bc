"""Two sentences to type, on a screen of their own."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.text import plain

ABOUT = (
    "Two sentences that differ in as little as possible. Every model says which is likelier, and at which word that "
    "is decided."
)


class PairForm(ModalScreen[tuple[str, str] | None]):
    """Answers with both sentences, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="pair_form.close", tooltip="Leave everything as it is."),
        Binding("up,down", "other", "Other sentence", id="pair_form.other", tooltip="To the other sentence."),
    ]
    DEFAULT_CSS = """
    PairForm { align: center middle; }
    PairForm > Vertical { width: 100; max-width: 100%; height: auto; padding: 0 1; }
    PairForm > Vertical { background: $surface; border: round $primary; }
    PairForm Horizontal { height: 1; }
    PairForm .label { width: 6; }
    PairForm Input { background: $boost; width: 1fr; }
    PairForm Static { height: auto; }
    """

    def __init__(self, good: str, bad: str) -> None:
        """What stands there at first."""
        super().__init__()
        self.good, self.bad = good, bad

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Minimal pair"
            box.border_subtitle = "enter asks · ↑↓ the other sentence · esc closes"
            for name, value in (("good", self.good), ("bad", self.bad)):
                with Horizontal():
                    yield Static(Content(name), classes="label")
                    yield Input(value, compact=True, id=name, select_on_focus=False)
            yield Static(Content(ABOUT), id="about")

    def action_other(self) -> None:
        self.query_one("#good" if self.query_one("#bad").has_focus else "#bad", Input).focus()

    @on(Input.Submitted)
    def _taken(self, event: Input.Submitted) -> None:
        good, bad = (self.query_one(f"#{name}", Input).value.strip() for name in ("good", "bad"))
        if not good or not bad or good == bad:
            self.query_one("#about", Static).update(plain("Type two different sentences."))
            self.action_other()
        else:
            self.dismiss((good, bad))
