"""A line chart with axes: several series in braille, told apart by glyph and label as well as by colour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.text import plain
from tui.widgets.plot import AXIS, Cell, Series, draw

COLOURS = 4
"""Series have this many colours; the fifth starts again."""


class Chart(Widget):
    """Draws the series given to `show`. The first line is the legend, the last two are the x axis."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"chart--axis", *(f"chart--series-{n}" for n in range(COLOURS))}
    DEFAULT_CSS = """
    Chart { height: 1fr; min-height: 6; }
    Chart > .chart--axis { color: $text-muted; }
    Chart > .chart--series-0 { color: $text-primary; }
    Chart > .chart--series-1 { color: $text-warning; }
    Chart > .chart--series-2 { color: $text-success; }
    Chart > .chart--series-3 { color: $text-accent; }
    """

    def __init__(self, title: str, empty: str, *, id: str | None = None) -> None:
        """`title` says what both axes count; `empty` stands where there is nothing to draw yet."""
        super().__init__(id=id)
        self.chart_title = title
        self.empty = empty
        self.log_x = False
        self._series: list[Series] = []
        self._drawn: tuple[tuple[int, int, bool], list[list[Cell]]] | None = None

    def show(self, series: Sequence[Series]) -> None:
        """Draw `series` from now on."""
        self._series = list(series)
        self._drawn = None
        self.refresh()

    def say(self, empty: str) -> None:
        """Change what stands where there is nothing to draw."""
        self.empty = empty
        self.refresh()

    def toggle_log(self) -> bool:
        """Switch between an even and a logarithmic x axis; return whether it is logarithmic now."""
        self.log_x = not self.log_x
        self.refresh()
        return self.log_x

    def _rows(self) -> list[list[Cell]]:
        size = (self.size.width, self.size.height, self.log_x)
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = (size, draw(self._series, size[0], size[1] - 1, self.log_x))
        return self._drawn[1]

    def _style(self, series: int) -> Style:
        name = "chart--axis" if series == AXIS else f"chart--series-{series % COLOURS}"
        return self.get_component_rich_style(name)

    def _legend(self) -> Strip:
        parts = [Segment(" " + self.chart_title + ("  (log)" if self.log_x else ""), self._style(AXIS))]
        for number, one in enumerate(self._series):
            if one.points:
                sample = f"⠒{one.glyph}" if one.form == "line" else one.glyph * (3 if one.form == "level" else 1)
                parts.append(Segment(f"   {sample} {plain(one.label).plain}", self._style(number)))
        return Strip(parts)

    def render_line(self, y: int) -> Strip:
        """One line of the chart."""
        width, rows = self.size.width, self._rows()
        background = self.rich_style
        if not rows:
            text = self.empty if y == self.size.height // 2 else ""
            return Strip([Segment(set_cell_size(text.center(width), width), self._style(AXIS))], width)
        if y == 0:
            return self._legend().adjust_cell_length(width, background)
        runs = groupby(rows[y - 1], key=lambda cell: cell.series) if y <= len(rows) else []
        segments = [Segment("".join(cell.glyph for cell in run), self._style(series)) for series, run in runs]
        return Strip(segments).adjust_cell_length(width, background)
