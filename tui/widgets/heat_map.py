"""A heat map with a cursor: what stands in a cell is said in words, by the one who shows the map."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, Leave, MouseEvent, MouseMove, Resize
from textual.message import Message
from textual.widgets import Static

from core.messages import Chart
from tui.text import one_line
from tui.widgets import heat
from tui.widgets.heat import Place


class HeatMap(Static, can_focus=True):
    """Arrows go from cell to cell once it has the focus; the pointer says what it is over without that."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1, 0)", "Up", show=False, id="heat.up", tooltip="The row above."),
        Binding("down,j", "move(1, 0)", "Down", show=False, id="heat.down", tooltip="The row below."),
        Binding("left,h", "move(0, -1)", "Left", show=False, id="heat.left", tooltip="The column to the left."),
        Binding("right,l", "move(0, 1)", "Cell", key_display="←↑↓→", id="heat.right",
                tooltip="The column to the right."),
        Binding("home,g", "move(0, -9999)", "First", show=False, id="heat.first", tooltip="The first column."),
        Binding("end,G", "move(0, 9999)", "Last", show=False, id="heat.last", tooltip="The last column."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    HeatMap { height: auto; text-wrap: nowrap; }
    """

    class Looked(Message):
        """What is to be said of the cell that a person looks at; nothing when the look goes elsewhere."""

        def __init__(self, source: HeatMap, said: str, line: int | None = None) -> None:
            """`line` of the map is to be in sight."""
            super().__init__()
            self.source = source
            self.said = said
            self.line = line

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.chart: Chart | None = None
        self.over: Chart | None = None
        self.title = ""
        self.cursor = Place(0, 0)

    def show(self, chart: Chart, over: Chart | None, title: str) -> None:
        """Show `chart` under its title, and the one that ships beneath it."""
        self.chart, self.over, self.title = chart, over, title
        self._go(self.cursor)

    def _paint(self) -> None:
        """Draw it, with the cursor while it acts here."""
        if self.chart is None:
            return
        cursor = self.cursor if self.has_focus else None
        lines = [*self._head(self.title), *heat.drawn(self.chart, self._width, cursor)]
        if self.over is not None:
            lines += [*self._head(f"shipped: {self.title}"), *heat.drawn(self.over, self._width)]
        self.update(Content("\n").join(lines))

    @property
    def _width(self) -> int:
        return max(20, self.size.width - 1)

    def _head(self, title: str) -> list[Content]:
        return [*Content(f" {one_line(title)}").wrap(self._width)]

    def _say(self, place: Place, line: int | None = None) -> None:
        said = heat.said(self.chart, place) if self.chart else ""
        if said and self.over and (shipped := heat.value(self.over, place)):
            said += f" · shipped {shipped}"
        self.post_message(self.Looked(self, said, line))

    # --- the cursor ----------------------------------------------------------------------------------------

    def on_resize(self, event: Resize) -> None:
        """Lay it out for the width."""
        self._paint()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The cursor is seen where it acts, and nowhere else."""
        super().watch_has_focus(_has_focus)
        self._go(self.cursor)
        if not _has_focus:
            self.post_message(self.Looked(self, ""))

    def action_move(self, down: int, right: int) -> None:
        """To another cell."""
        self._go(Place(self.cursor.row + down, self.cursor.column + right))

    def _go(self, place: Place) -> None:
        rows = self.chart.cells if self.chart else []
        row = max(0, min(place.row, len(rows) - 1))
        across = len(rows[row]) if rows else 0
        self.cursor = Place(row, max(0, min(place.column, across - 1)))
        self._paint()
        if self.has_focus:
            self._say(self.cursor, len(self._head(self.title)) + row)

    # --- the pointer ---------------------------------------------------------------------------------------

    def _under(self, event: MouseEvent) -> Place | None:
        """The cell under the pointer."""
        if self.chart is None or (offset := event.get_content_offset(self)) is None:
            return None
        where = heat.frame(self.chart, self._width, self.cursor if self.has_focus else None)
        place = where.cell(offset.x, offset.y - len(self._head(self.title)))
        return place if heat.value(self.chart, place) else None

    def on_click(self, event: Click) -> None:
        """Go to the cell that was clicked."""
        if (place := self._under(event)) is not None:
            self._go(place)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Say what the pointer is over."""
        if (place := self._under(event)) is not None:
            self._say(place)

    def on_leave(self, event: Leave) -> None:
        """Say again what is under the cursor, or nothing."""
        if self.has_focus:
            self._say(self.cursor)
        else:
            self.post_message(self.Looked(self, ""))
