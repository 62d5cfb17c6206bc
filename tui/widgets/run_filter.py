"""The line over the list of runs in which a person types what to look for."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static


class RunFilter(Horizontal):
    """Hidden while it is empty and nobody types into it; escape empties it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "All runs", id="filter.drop", tooltip="Show all runs again."),
        Binding("down", "leave", "To the list", show=False, id="filter.down", tooltip="To the runs that are left."),
    ]
    DEFAULT_CSS = """
    RunFilter { display: none; height: 1; padding: 0 1; }
    RunFilter.-open { display: block; }
    RunFilter Static { width: 6; color: $text-muted; }
    RunFilter Input { width: 1fr; background: $boost; }
    RunFilter Input:ansi { background: ansi_black; }
    """

    class Changed(Message):
        """Something else is looked for."""

    class Left(Message):
        """The person is done typing."""

    def __init__(self) -> None:
        super().__init__()
        self.field = Input(placeholder="part of a name, note, model, text or state", compact=True)

    def compose(self) -> ComposeResult:
        yield Static(Content("Find"))
        yield self.field

    @property
    def words(self) -> list[str]:
        """What to look for, in lower case."""
        return self.field.value.lower().split()

    def open(self) -> None:
        """Begin to type."""
        self.add_class("-open")
        self.field.focus()

    def action_drop(self) -> None:
        """Look for nothing."""
        self.field.value = ""
        self.action_leave()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def action_leave(self) -> None:
        """Go to the runs that fit."""
        self.set_class(bool(self.words), "-open")
        self.post_message(self.Left())
