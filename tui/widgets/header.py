"""The first line of the window: the name, the four panes, the models and the device."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui.text import one_line

NARROW = 72
"""Columns below which the name of the lab is left out."""


class Tab(Static):
    """The name of a pane with its key; a click goes there."""

    ALLOW_SELECT = False

    def __init__(self, number: int, pane: str, title: str) -> None:
        super().__init__(Content(f" {number} {title} "), id=f"tab-{pane}")
        self.pane = pane
        self.tooltip = Content(f"{title}: key {number} outside a text field, F{number + 1} anywhere")

    async def on_click(self) -> None:
        """Go to this pane."""
        await self.run_action(f"app.show('{self.pane}')")


class Header(Horizontal):
    """One line: tabs on the left, where the numbers come from on the right."""

    def __init__(self, panes: Sequence[tuple[str, str]]) -> None:
        """`panes` are pairs of id and title, in the order of their keys."""
        super().__init__()
        self.panes = panes

    def compose(self) -> ComposeResult:
        yield Static(Content(" Lookboth "), id="name")
        for number, (pane, title) in enumerate(self.panes, start=1):
            yield Tab(number, pane, title)
        yield Static(id="models")
        yield Static(id="where")

    def on_resize(self, event: Resize) -> None:
        """The name of the lab makes room for the models in a narrow window."""
        self.set_class(event.size.width < NARROW, "-narrow")

    def mark(self, pane: str) -> None:
        """Show `pane` as the one in front."""
        for tab in self.query(Tab):
            tab.set_class(tab.pane == pane, "-here")

    def place(self, models: Sequence[str], where: str) -> None:
        """Say which models answer, and on what device."""
        self.query_one("#models", Static).update(Content(one_line("·".join(models))))
        self.query_one("#where", Static).update(Content(f"  {one_line(where)} "))
