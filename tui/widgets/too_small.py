"""What stands in a window that has become too small to be used."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.terminal import COLUMNS, ROWS


def too_small(size: Size) -> bool:
    """Whether the lab cannot be used in a window of this size."""
    return size.width < COLUMNS or size.height < ROWS


class TooSmall(ModalScreen[None]):
    """Covers everything with one line, and goes when there is room again."""

    def compose(self) -> ComposeResult:
        yield Static(self._line())

    def _line(self) -> Content:
        size = self.app.size
        return Content(f"too small: {size.width}x{size.height}, the lab needs {COLUMNS}x{ROWS}")

    def on_resize(self, event: Resize) -> None:
        """Say the new size, or go."""
        self._look()

    def on_screen_resume(self) -> None:
        """A dialog that lay over this one is gone: the window may have grown meanwhile."""
        self._look()

    def _look(self) -> None:
        if too_small(self.app.size):
            self.query_one(Static).update(self._line())
        elif self.is_active:
            self.dismiss()
