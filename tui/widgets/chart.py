"""A line chart with axes: several series in braille, told apart by glyph and label as well as by colour."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.charts.plot import AXIS, CURSOR, GUTTER, READ, Cell, draw
from tui.charts.series import PLAIN, Frame, Panel, Series, across
from tui.text import one_line, shorten

COLOURS = 6
"""Series have this many colours; the next starts again."""
MOST_LINES = 2
"""Lines that a note, or a legend, may take from the plot."""
PARTS = {AXIS: "axis", CURSOR: "cursor", READ: "read"}


class Chart(Widget):
    """Draws the panel given to `show`: its title and legend, the plot, and the x axis."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--axis", "chart--title", "chart--note", "chart--cursor", "chart--read", "chart--raw",
        *(f"chart--series-{n}" for n in range(COLOURS)),
    }  # fmt: skip
    DEFAULT_CSS = """
    Chart { height: 1fr; width: 1fr; min-height: 6; }
    Chart > .chart--axis { color: $text-muted; }
    Chart > .chart--title { color: $foreground; }
    Chart > .chart--note { color: $text-warning; text-style: bold; }
    Chart > .chart--cursor { color: $text-accent; }
    Chart > .chart--read { text-style: bold reverse; }
    Chart > .chart--raw { color: $text-disabled; }
    Chart > .chart--series-0 { color: $text-primary; }
    Chart > .chart--series-1 { color: $text-warning; }
    Chart > .chart--series-2 { color: $text-success; }
    Chart > .chart--series-3 { color: $text-accent; }
    Chart > .chart--series-4 { color: $text-error; }
    Chart > .chart--series-5 { color: $foreground; }
    """

    class Pointed(Message):
        """A person clicked on a step."""

        def __init__(self, step: float) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None, legend: bool = True) -> None:
        """Without `legend` something beside it says what the lines are."""
        super().__init__(id=id)
        self.legend = legend
        self.panel = Panel("", "", ())
        self.frame = PLAIN
        self.empty = ""
        """What stands where there is nothing to draw."""
        self._framed: tuple[int, Panel] | None = None
        """The panel as it is drawn in so many columns."""
        self._drawn: tuple[tuple[int, int], list[list[Cell]]] | None = None

    def show(self, panel: Panel, frame: Frame = PLAIN, empty: str = "") -> None:
        """Draw `panel` as `frame` says from now on. Nothing happens when that is what is drawn."""
        if (panel, frame, empty) != (self.panel, self.frame, self.empty):
            self.panel, self.frame, self.empty = panel, frame, empty
            self._framed = self._drawn = None
            self.refresh()

    def on_click(self, event: Click) -> None:
        """Tell the step under the mouse."""
        if self._rows() and event.x >= GUTTER:
            scale = across(self.panel.series, self.frame, self.size.width - GUTTER - 1)
            self.post_message(self.Pointed(scale.value(min(event.x - GUTTER, scale.last))))

    def _rows(self) -> list[list[Cell]]:
        size = (self.size.width, self.size.height)
        if self._drawn is None or self._drawn[0] != size:
            above = len(self._head(size[0]))
            x = across(self.panel.series, self.frame, 1.0)  # as of all points, whatever stays of them
            frame = self.frame._replace(window=(x.low, x.high))
            self._drawn = (size, draw(self._shown(size[0]).series, size[0], size[1] - above, frame))
        return self._drawn[1]

    def _shown(self, width: int) -> Panel:
        if self._framed is None or self._framed[0] != width:
            self._framed = (width, self.panel.framed(self.frame, 2 * (width - GUTTER)))
        return self._framed[1]

    def _style(self, series: int) -> Style:
        if series < 0:
            return self.get_component_rich_style(f"chart--{PARTS[series]}")
        one = self._shown(self.size.width).series[series]
        name = "raw" if one.form in ("raw", "behind") else f"series-{one.tone % COLOURS}"
        style = self.get_component_rich_style(f"chart--{name}")
        return style + Style(dim=True) if one.form == "band" else style

    def _legend(self) -> list[tuple[str, Style]]:
        found, held_out = [], 0
        for number, one in enumerate(self._shown(self.size.width).series):
            if not one.named:
                continue
            label = one_line(one.label)
            if one.form == "dots" and one.label.endswith("held out"):  # of several runs: what the small letters are
                label, held_out = ("" if held_out else "held out"), held_out + 1
            found.append((f"   {sample(one)} {label}".rstrip(), self._style(number)))
        return found

    def _head(self, width: int) -> list[list[tuple[str, Style]]]:
        """Title, note and legend, in as few lines as they fit."""
        style, panel = self.get_component_rich_style, self._shown(width)
        lines = [[(f" {one_line(panel.title)}", style("chart--title"))]]
        clauses = one_line(panel.note).split(" · ") if panel.note else []
        note = [(f"   {clause}", style("chart--note")) for clause in clauses]
        for more, most in ((note, MOST_LINES), (self._legend() if self.legend else [], MOST_LINES)):
            if _wide([*lines[-1], *more]) <= width:
                lines[-1] += more
            else:
                lines += _wrapped(more, width, most)
        return lines

    def render_line(self, y: int) -> Strip:
        """One line of the chart."""
        width, rows = self.size.width, self._rows()
        background, head = self.rich_style, self._head(self.size.width)
        if y < len(head):
            return _line(head[y], width).adjust_cell_length(width, background)
        if not rows:
            text = shorten(self.empty, width) if y == self.size.height // 2 else ""
            return Strip([Segment(set_cell_size(text.center(width), width), self._style(AXIS))], width)
        line = rows[y - len(head)] if y - len(head) < len(rows) else []
        runs = groupby(line, key=lambda cell: cell.series)
        segments = [Segment("".join(cell.glyph for cell in run), self._style(series)) for series, run in runs]
        return Strip(segments).adjust_cell_length(width, background)


def _wide(parts: list[tuple[str, Style]]) -> int:
    return sum(cell_len(text) for text, _ in parts)


def _wrapped(parts: list[tuple[str, Style]], width: int, most: int) -> list[list[tuple[str, Style]]]:
    """`parts` on as many lines as they need, `most` of them at most: the last holds the rest."""
    lines: list[list[tuple[str, Style]]] = [[]]
    for part in parts:
        if lines[-1] and len(lines) < most and _wide([*lines[-1], part]) > width:
            lines.append([])
        lines[-1].append(part)
    return lines


def _line(parts: list[tuple[str, Style]], width: int) -> Strip:
    """`parts` side by side, the last one that has no room cut with an ellipsis."""
    segments, room = [], width
    for text, style in parts:
        if room > 1:
            segments.append(Segment(shorten(text, room), style))
            room -= cell_len(text)
    return Strip(segments)


def sample(one: Series) -> str:
    """What a series looks like, for the legend."""
    if one.form == "level":
        return one.glyph * 3
    return one.glyph if one.form in ("dots", "behind") else f"⠒{one.glyph}"
