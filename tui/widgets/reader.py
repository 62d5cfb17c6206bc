"""A page of the notes to read, in which places can be marked and words found."""

from __future__ import annotations

from collections.abc import Sequence
from re import Pattern
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.widgets import Static

from tui.notes.markdown import typeset

WIDEST = 92
"""Columns beyond which lines are tiring to read."""


class Request(NamedTuple):
    """What to show: a page, with the pieces that start in `lines` marked and everything that matches `words`."""

    page: str
    lines: Sequence[int] = ()
    words: Pattern[str] | None = None


class Reader(VerticalScroll):
    """Shows one page at a time. A marked piece has a bar at its left, found words are reversed: no colour needed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="reader.down", tooltip="One line down."),
        Binding("k", "scroll_up", "Up", show=False, id="reader.up", tooltip="One line up."),
        Binding("space", "page_down", "Page", show=False, id="reader.page", tooltip="One page down."),
    ]
    DEFAULT_CSS = """
    Reader { padding: 0 1; scrollbar-size-vertical: 1; }
    Reader Static { width: auto; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.request = Request("")
        self._set_for = 0
        """The width the page was set for."""

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def read(self, request: Request) -> None:
        """Show what `request` says: the first marked piece in the middle, or else a new page from its top."""
        turned = request.page != self.request.page
        self.request = request
        self._paint()
        self.call_after_refresh(self._paint_again)  # a reader just brought to the front has no size yet
        if request.lines:
            self.call_after_refresh(self._find_mark)
        elif turned:
            self.scroll_home(animate=False)

    def on_resize(self, event: Resize) -> None:
        """Set the page for the new width."""
        self._paint()

    def on_show(self) -> None:
        """The width is known now, also where it is the one of the last time."""
        self._paint_again()

    def _width(self) -> int:
        return min(WIDEST, self.scrollable_content_region.width - 1)

    def _paint(self) -> None:
        page, lines, words = self.request
        self._set_for = self._width()
        if self._set_for <= 0:  # not laid out yet: `on_show` will come
            return
        self.query_one(Static).update(typeset(page, self._set_for, lines, words).content)

    def _paint_again(self) -> None:
        """Set the page again where its width was not known before."""
        if self._width() != self._set_for:
            self._paint()
            if self.request.lines:
                self.call_after_refresh(self._find_mark)

    def _find_mark(self) -> None:
        page, lines, _ = self.request
        rows = typeset(page, self._width()).rows
        if marked := [rows[line] for line in lines if line in rows]:
            self.scroll_to(y=marked[0] - self.size.height // 3, animate=False)
