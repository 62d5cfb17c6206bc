"""A page of the notes to read, in which places can be marked, words found, and links followed."""

from __future__ import annotations

from collections.abc import Sequence
from re import Pattern
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Click, Resize
from textual.message import Message
from textual.widgets import Static

from tui.notes.links import Link
from tui.notes.markdown import Stop, typeset

WIDEST = 92
"""Columns beyond which lines are tiring to read."""


class Request(NamedTuple):
    """What to show: a page, with the pieces that start in `lines` marked and everything that matches `words`."""

    page: str
    lines: Sequence[int] = ()
    words: Pattern[str] | None = None
    key: str = ""
    """The note's."""


class Reader(VerticalScroll):
    """Shows one page at a time. A marked piece has a bar at its left, found words are reversed: no colour needed.

    Links are underlined, the chosen one is reversed; a chosen entry of the references has an arrow at its left.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="reader.down", tooltip="One line down."),
        Binding("k", "scroll_up", "Up", show=False, id="reader.up", tooltip="One line up."),
        Binding("space", "page_down", "Page", show=False, id="reader.page", tooltip="One page down."),
        Binding("right,l", "choose(1)", "Link", key_display="←→", id="reader.link", tooltip="To the next link."),
        Binding("left,h", "choose(-1)", "Before", show=False, id="reader.before", tooltip="To the link before."),
        Binding("enter", "follow", "Follow", id="reader.follow", tooltip="Go where the chosen link leads."),
    ]
    DEFAULT_CSS = """
    Reader { padding: 0 1; scrollbar-size-vertical: 1; }
    Reader Static { width: auto; height: auto; }
    """

    class Followed(Message):
        """A person goes where a link leads."""

        def __init__(self, link: Link) -> None:
            super().__init__()
            self.link = link

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.request = Request("")
        self.stops: list[Stop] = []
        self.chosen: int | None = None
        """Which of the stops."""
        self._set_for = 0
        """The width the page was set for."""
        self._seeks = False
        """Whether a mark is still to be scrolled to."""

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def read(self, request: Request) -> None:
        """Show what `request` says: the first marked piece in the middle, or else a new page from its top."""
        turned = request.page != self.request.page
        self.request = request
        if turned or request.lines:
            self.chosen = None
        self._paint()
        self.refresh_bindings()
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
        page, lines, words, key = self.request
        self._set_for = self._width()
        if self._set_for <= 0:  # not laid out yet: `on_show` will come
            return
        laid = typeset(page, self._set_for, lines, words, self.chosen, key)
        self.stops = laid.stops
        self.query_one(Static).update(laid.content)

    def _paint_again(self) -> None:
        """Set the page again where its width was not known before."""
        if self._width() != self._set_for:
            self._paint()
            if self.request.lines:
                self.call_after_refresh(self._find_mark)

    def _find_mark(self) -> None:
        page, lines, *_ = self.request
        laid = typeset(page, self._width())
        if marked := [laid.rows[line] for line in lines if line in laid.rows]:
            self.scroll_to(y=marked[0] - self.size.height // 3, animate=False)
        # What is not laid out yet cannot be scrolled to.
        self._seeks = self.virtual_size.height <= laid.content.plain.count("\n")

    def watch_virtual_size(self) -> None:
        """The page is laid out: go to what was looked for before it was."""
        if self._seeks:
            self.call_after_refresh(self._find_mark)

    # --- links ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer links where there are some."""
        if action == "choose":
            return bool(self.stops)
        return self.chosen is not None if action == "follow" else True

    def action_choose(self, by: int) -> None:
        """To the next link or the one before; the first time, to the first one marked or in sight."""
        if not self.stops:
            return
        if self.chosen is None:
            marked = [at for at, stop in enumerate(self.stops) if stop.line in self.request.lines]
            seen = [at for at, stop in enumerate(self.stops) if stop.row >= self.scroll_y]
            self.chosen = (marked or seen or [0])[0]
        else:
            self.chosen = (self.chosen + by) % len(self.stops)
        self._paint()
        self.refresh_bindings()
        row = self.stops[self.chosen].row
        if not self.scroll_y <= row < self.scroll_y + self.size.height - 1:
            self.scroll_to(y=row - self.size.height // 3, animate=False)

    def action_follow(self) -> None:
        """Go where the chosen link leads."""
        if self.chosen is not None and self.chosen < len(self.stops):
            self.post_message(self.Followed(self.stops[self.chosen].link))

    def on_click(self, event: Click) -> None:
        """Follow the link under the mouse."""
        number = event.style.meta.get("stop")
        if isinstance(number, int) and number < len(self.stops):
            self.post_message(self.Followed(self.stops[number].link))
