"""The last line of the window: the keys that act now, with the one for help always in sight."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer


class Keys(Footer):
    """A footer whose key for help stays at the right edge, however many keys there are."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._made_of: object = None

    def compose(self) -> ComposeResult:
        """The keys as Textual makes them; the help screen names those that do not fit."""
        for widget in super().compose():
            if getattr(widget, "action", "") == "help":
                widget.add_class("-help")
            yield widget

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Make the keys anew, but only other ones: panes say twice a second that they may have changed."""
        active = screen.active_bindings.values()
        keys = [(one.binding, one.enabled) for one in active if one.binding.show]
        if not self._bindings_ready or keys != self._made_of:
            self._made_of = keys
            super().bindings_changed(screen)
