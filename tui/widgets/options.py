"""A few options of which one is chosen, on one line or one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static


class Options(Static, can_focus=True):
    """The chosen option is marked `(x)`, so that no colour is needed to find it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "move(-1)", "Option before", show=False, id="options.before", tooltip="The option before."),
        Binding("right,down", "move(1)", "Next option", show=False, id="options.next", tooltip="The next option."),
        Binding("space", "move(0)", "Keep it", show=False, id="options.keep", tooltip="Keep the option marked (x)."),
    ]
    DEFAULT_CSS = """
    Options { width: 1fr; height: auto; }
    Options:focus { background: $boost; }
    """

    class Changed(Message):
        """Another option was chosen."""

    def __init__(
        self, options: Sequence[str], chosen: int = 0, *, below: bool = False, id: str | None = None, classes: str = ""
    ) -> None:
        """`below`: one option below the other."""
        super().__init__(id=id, classes=classes)
        self.options, self.chosen, self.below = list(options), chosen, below

    def on_mount(self) -> None:
        self._paint()

    def on_focus(self) -> None:
        self._paint()

    def on_blur(self) -> None:
        self._paint()

    def action_move(self, by: int) -> None:
        """Choose the option `by` places further, round the ends."""
        self.choose((self.chosen + by) % len(self.options))

    def choose(self, option: int) -> None:
        """Choose the option with this number."""
        if option != self.chosen:
            self.chosen = option
            self._paint()
            self.post_message(self.Changed())

    def on_click(self, event: Click) -> None:
        """Choose what was clicked."""
        place, end = (event.y, 0) if self.below else (event.x, 0)
        for option, name in enumerate(self.options):
            end += 1 if self.below else len(name) + 6
            if place < end:
                self.choose(option)
                return

    def _paint(self) -> None:
        style = "bold reverse" if self.has_focus else "bold"
        parts = [
            Content.assemble("(x) ", (name, style)) if option == self.chosen else Content(f"( ) {name}")
            for option, name in enumerate(self.options)
        ]
        self.update(Content("\n" if self.below else "  ").join(parts))
