"""The runs of this machine, one line each, with marks for those that are laid over one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.runs.now import Now
from tui.widgets.run_columns import heading, line

MOST_MARKED = 7
"""Runs that can be laid over the one under the cursor: more curves than that cannot be told apart."""


class RunList(ScrollView, can_focus=True):
    """Only visible lines are ever drawn, so that hundreds of runs cost as much as twenty."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs--head", "runs--cursor", "runs--muted", "runs--bad"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="runs.open", tooltip="To the run under the cursor."),
        Binding("space", "mark", "Mark", id="runs.mark", tooltip="Lay this run over the others; again takes it off."),
        Binding("down,j", "move(1)", "Down", show=False, id="runs.down", tooltip="To the next run."),
        Binding("up,k", "move(-1)", "Up", show=False, id="runs.up", tooltip="To the run before."),
        Binding("pagedown", "page(1)", "Page down", show=False, id="runs.pagedown", tooltip="One screen down."),
        Binding("pageup", "page(-1)", "Page up", show=False, id="runs.pageup", tooltip="One screen up."),
        Binding("home,g", "move(-100000)", "First", show=False, id="runs.first", tooltip="To the newest run."),
        Binding("end,G", "move(100000)", "Last", show=False, id="runs.last", tooltip="To the oldest run."),
    ]
    DEFAULT_CSS = """
    RunList { background: transparent; overflow-x: hidden; scrollbar-size-vertical: 1; }
    RunList > .runs--head { color: $text-muted; }
    RunList > .runs--cursor { text-style: reverse; }
    RunList:focus > .runs--cursor { text-style: bold reverse; }
    RunList > .runs--muted { color: $text-muted; }
    RunList > .runs--bad { color: $text-error; }
    """

    class Moved(Message):
        """Another run is under the cursor, or other runs are marked."""

    class Opened(Message):
        """The run under the cursor is to be looked at closely."""

    class Full(Message):
        """No more runs can be marked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.runs: list[Now] = []
        self.marked: list[str] = []
        """Ids in the order in which they were marked."""
        self._cursor = 0

    @property
    def chosen(self) -> str:
        """The id of the run under the cursor, or an empty string."""
        return self.runs[self._cursor].id if self.runs else ""

    def fill(self, runs: Sequence[Now]) -> None:
        """Show `runs` in their order; the cursor stays on its run, or near its place where the run is gone."""
        before, here = self.runs, self.chosen
        self.runs = list(runs)
        ids = [one.id for one in runs]
        self._cursor = ids.index(here) if here in ids else max(0, min(self._cursor, len(ids) - 1))
        if len(before) != len(runs):
            self._lay_out()
        self.refresh()
        if self.chosen != here:
            self._moved()

    def choose(self, run: str) -> None:
        """Move the cursor to the run called `run`, if it is there."""
        for place, one in enumerate(self.runs):
            if one.id == run:
                self.action_move(place - self._cursor)

    def on_resize(self, _: Resize) -> None:
        """As many columns as there is room for."""
        self._lay_out()

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.runs) + 1)
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        top, room = self.scroll_offset.y, self.size.height - 1
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)  # also before the first scrollbar
        elif self._cursor >= top + room > top:
            self.scroll_to(y=self._cursor - room + 1, animate=False, force=True)

    def _moved(self) -> None:
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        """Go `by` lines down, as far as there are any."""
        place = max(0, min(self._cursor + by, len(self.runs) - 1))
        if place != self._cursor:
            self._cursor = place
            self._moved()

    def action_page(self, direction: int) -> None:
        """One screen up or down."""
        self.action_move(direction * max(1, self.size.height - 2))

    def action_open(self) -> None:
        """Look at the run under the cursor."""
        if self.runs:
            self.post_message(self.Opened())

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away."""
        if self.chosen in self.marked:
            self.marked.remove(self.chosen)
        elif len(self.marked) >= MOST_MARKED:
            self.post_message(self.Full())
            return
        elif self.chosen:
            self.marked.append(self.chosen)
        self._moved()

    def on_click(self, event: Click) -> None:
        """Go to the run that was clicked; a second click opens it."""
        place = event.y - 1 + self.scroll_offset.y
        if event.y == 0 or place >= len(self.runs):
            return
        self.action_move(place - self._cursor)
        if event.chain > 1:
            self.action_open()

    def render_line(self, y: int) -> Strip:
        """One line of the widget: the heading, or a run."""
        width, place = self.scrollable_content_region.width, y - 1 + self.scroll_offset.y
        if y == 0:
            strip = Strip([Segment(heading(width), self.get_component_rich_style("runs--head"))])
        elif not self.runs and y == 2:
            strip = Strip([Segment(" No run fits what is looked for: esc shows all.", self.rich_style)])
        elif place < len(self.runs):
            one = self.runs[place]
            tone = "cursor" if place == self._cursor else "bad" if one.state in ("failed", "died", "broken") else ""
            style = self.get_component_rich_style(f"runs--{tone}") if tone else self.rich_style
            strip = Strip([Segment(line(one, width, one.id in self.marked), style)])
        else:
            strip = Strip([])
        return strip.adjust_cell_length(width, self.rich_style)
