"""The line above the footer: what is happening now."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from tui.text import one_line


class StatusLine(Static):
    """One line of plain words. Busy lines carry a moving mark, so that a person sees that something still runs."""

    FRAMES: ClassVar[str] = "◐◓◑◒"
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="status")
        self.line = ""
        self.busy = False
        self._frame = 0

    def on_mount(self) -> None:
        """Turn the mark four times a second, which costs a remote terminal a few bytes."""
        self.set_interval(0.25, self._turn)

    def _turn(self) -> None:
        if self.busy:
            self._frame = (self._frame + 1) % len(self.FRAMES)
            self._paint()

    def say(self, line: str, busy: bool) -> None:
        """Show `line` from now on."""
        if (line, busy) != (self.line, self.busy):
            self.line, self.busy = line, busy
            self._paint()

    def _paint(self) -> None:
        mark = self.FRAMES[self._frame] if self.busy else "·"
        self.update(Content(f" {mark} {one_line(self.line)}"))
