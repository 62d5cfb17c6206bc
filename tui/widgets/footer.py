"""The last line of the window: the keys that act now, with the one for help always in sight."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from tui.text import cells

BLANK = 1
"""Columns after each key, the last before the one for help."""


class Keys(Footer):
    """A footer whose key for help stays at the right edge. Keys that do not fit whole are not shown."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._made_of: object = None

    def compose(self) -> ComposeResult:
        """The keys as Textual makes them; the help screen names those that do not fit."""
        made = list(super().compose())
        for widget in made:
            if getattr(widget, "action", "") == "help":
                widget.add_class("-help")
        self._fit(made)
        yield from made

    def on_resize(self, event: Resize) -> None:
        """More keys where there is room."""
        self._fit(self.children)

    def _fit(self, made: Iterable[Widget]) -> None:
        """Hide every key from the first on that has no room."""
        keys = [key for key in made if isinstance(key, FooterKey)]
        room = self.size.width - sum(_width(key) - BLANK for key in keys if key.has_class("-help"))
        for key in keys:
            if not key.has_class("-help"):
                room -= _width(key)
                key.display = room >= 0

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Make the keys anew, but only other ones: panes say twice a second that they may have changed."""
        active = screen.active_bindings.values()
        keys = [(one.binding, one.enabled) for one in active if one.binding.show]
        if not self._bindings_ready or keys != self._made_of:
            self._made_of = keys
            super().bindings_changed(screen)


def _width(key: FooterKey) -> int:
    """Columns of a key with the blank after it."""
    return cells(f"{key.key_display} {key.description}") + BLANK
