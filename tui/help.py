"""The help screen: what the pane in front is for, and every key, read from the bindings themselves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.commands import Action

NAMES = {
    "question_mark": "?",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "escape": "esc",
    "pageup": "page up",
    "pagedown": "page down",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}

MOST = 20
"""Columns for the keys of an action; more of them go on a line below."""


def keys(binding: Binding) -> str:
    """The keys of a binding as a person calls them."""
    if binding.key_display:
        return binding.key_display
    return " ".join(NAMES.get(key, key.upper() if key[:1] == "f" and key[1:].isdigit() else key)
                    for key in binding.key.split(","))  # fmt: skip


class HelpScreen(ModalScreen[None]):
    """Closed by esc, ? or f1; scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "Close", id="help.close", tooltip="Close the help.")
    ]

    def __init__(self, title: str, about: str, legend: str, actions: list[Action]) -> None:
        super().__init__()
        self.heading, self.about, self.legend, self.actions = title, about, legend, actions

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as box:
            box.border_title = f"Help: {self.heading}"
            box.border_subtitle = "esc closes"
            yield Static(Content(self.about), classes="about")
            if self.legend:
                yield Static(Content(self.legend), classes="about")
            for section, group in groupby(self.actions, key=lambda action: action.section):
                yield Static(Content(section), classes="section")
                yield Static(self._lines(group))

    def _lines(self, actions: Iterable[Action]) -> Table:
        """A line for each action; what it does goes on below itself where it is longer than a line."""
        lines = Table.grid(padding=(0, 1), expand=True)
        lines.add_column(width=MOST, style="bold")
        lines.add_column(ratio=1)
        for action in actions:
            about = action.binding.tooltip or action.binding.description
            lines.add_row(Text(f" {keys(action.binding)}"), Text(about))
        return lines
