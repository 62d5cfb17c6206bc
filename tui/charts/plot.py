"""A line chart as rows of cells: the axes, and braille dots between them. Pure; `chart.py` puts it on the screen.

A cell of braille holds 2 by 4 dots, so a chart of 60 by 10 cells resolves 120 by 40. Where several points fall on one
column of dots their mean is drawn: a maximum would make a noisy loss look worse than it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tui.charts.axes import LEAST, Scale, drawable, span
from tui.charts.series import PLAIN, Frame, Point, Series, across, within
from tui.words import short

AXIS, CURSOR, READ = -1, -2, -3
"""Numbers, in the place of a series, of cells of the axes, of the cursor, and of what the cursor reads."""
GUTTER = 7
"""Columns left of the plot, for the numbers of the y axis."""
BETWEEN = 24
"""Columns of cells between two marks of the same line, where there are several."""

SHADES = "⠂⠐⠄⠠⠁⠈"
"""Of bands, in turn."""

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille pattern (Unicode block 2800), by row and column of the dot."""


class Cell(NamedTuple):
    """One character and the number of the series that it belongs to."""

    glyph: str
    series: int


BLANK = Cell(" ", AXIS)
Path = list[tuple[int, float]]


def columns(points: Iterable[Point], scale: Scale) -> list[Path]:
    """The mean y of each column of `scale` that has points, by column; a new list after each gap."""
    paths: list[Path] = [[]]
    at, total, count = 0, 0.0, 0
    low, high = (math.log10(scale.low), math.log10(scale.high)) if scale.log else (scale.low, scale.high)
    factor = scale.last / (high - low)  # `Scale.place`, without three calls for each of thousands of points
    for x, y in points:
        if not drawable(y):
            if count:
                paths[-1].append((at, total / count))
            if paths[-1]:
                paths.append([])
            total, count = 0.0, 0
            continue
        column = round(((math.log10(x) if scale.log else x) - low) * factor)
        if count and column != at:
            paths[-1].append((at, total / count))
            total, count = 0.0, 0
        at, total, count = column, total + y, count + 1
    if count:
        paths[-1].append((at, total / count))
    return paths if paths[-1] else paths[:-1]


class Plot:
    """The inside of a chart: `width` by `height` cells between the scales of `series`."""

    def __init__(self, series: Sequence[Series], width: int, height: int, frame: Frame) -> None:
        self.x = across(series, frame, 2 * width - 1)
        kept = [_kept(one, frame) for one in series]
        tops = [_kept(one._replace(points=one.upper), frame) for one in series]
        heights = (y for points in (*kept, *tops) for _, y in points)
        self.y = Scale(*span(heights, frame.log_y), 4 * height - 1, frame.log_y)
        self.rows = [[BLANK] * width for _ in range(height)]
        self._several = sum(one.form == "line" and bool(one.points) for one in series) > 1
        painters = {
            "level": self._level, "raw": self._raw, "behind": self._dots, "line": self._line, "dots": self._dots
        }  # fmt: skip
        for form, paint in painters.items():  # in this order, so that single points stay on top
            for number, (one, points) in enumerate(zip(series, kept, strict=True)):
                if one.form == form:
                    for path in columns(points, self.x) if form != "level" else [[(0, y)] for _, y in points[-1:]]:
                        paint(number, one, path)
        if frame.cursor is not None and self.x.low <= frame.cursor <= self.x.high:
            self._cursor(self.x.place(frame.cursor) // 2)
        for number, (one, low, high) in enumerate(zip(series, kept, tops, strict=True)):
            if one.form == "band":
                for edges in zip(columns(low, self.x), columns(high, self.x), strict=False):
                    self._band(number, *edges)

    def _cell(self, column: int, y: float) -> tuple[int, int]:
        return len(self.rows) - 1 - self.y.place(y) // 4, column // 2

    def _level(self, number: int, one: Series, path: Path) -> None:
        row, _ = self._cell(0, path[-1][1])
        self.rows[row] = [Cell(one.glyph, number)] * len(self.rows[row])

    def _dots(self, number: int, one: Series, path: Path) -> None:
        for column, y in path:
            row, cell = self._cell(column, y)
            self.rows[row][cell] = Cell(one.glyph, number)

    def _band(self, number: int, low: Path, high: Path) -> None:
        """A dot in every empty cell between two edges: lines are drawn as they are without it."""
        floor, ceiling = _filled(low), _filled(high)
        for column in floor.keys() & ceiling.keys():
            (top, cell), (bottom, _) = self._cell(column, ceiling[column]), self._cell(column, floor[column])
            for row in self.rows[top : bottom + 1]:
                if row[cell] is BLANK:
                    row[cell] = Cell(SHADES[number % len(SHADES)], number)

    def _raw(self, number: int, one: Series, path: Path) -> None:
        for column, y in path:
            self._dot(column, self.y.place(y), number)

    def _line(self, number: int, one: Series, path: Path) -> None:
        dots = [(column, self.y.place(y)) for column, y in path]
        self._dot(*dots[0], number)
        for (left, start), (right, end) in pairwise(dots):
            before = start
            for column in range(left + 1, right + 1):
                here = start + round((end - start) * (column - left) / (right - left))
                for height in range(min(before, here), max(before, here) + 1):
                    self._dot(column, height, number)
                before = here
        if self._several:  # colour alone must not tell lines apart
            first = 2 * (4 + 5 * number)
            marked = {(column - first) // (2 * BETWEEN): (column, y) for column, y in path if column >= first}
            self._dots(number, one, list(marked.values()))
        self._dots(number, one, path[-1:])

    def _dot(self, column: int, height: int, number: int) -> None:
        row, cell = len(self.rows) - 1 - height // 4, column // 2
        bit = _DOTS[3 - height % 4][column % 2]
        drawn = ord(self.rows[row][cell].glyph) - 0x2800
        self.rows[row][cell] = Cell(chr(0x2800 + (bit | drawn if 0 <= drawn < 256 else bit)), number)

    def _cursor(self, cell: int) -> None:
        for row in self.rows:
            row[cell] = Cell("│", CURSOR) if row[cell] is BLANK else Cell(row[cell].glyph, READ)


def _filled(path: Path) -> dict[int, float]:
    """The y of every column from the first to the last of `path`."""
    found = dict(path)
    for (left, start), (right, end) in pairwise(path):
        found |= {at: start + (end - start) * (at - left) / (right - left) for at in range(left + 1, right)}
    return found


def _kept(one: Series, frame: Frame) -> Sequence[Point]:
    """The points of `one` that the axes have a place for; what they have none for is a gap."""
    if one.form == "level":
        return [point for point in one.points[-1:] if drawable(point[1], frame.log_y)]
    points = within(one.points, frame.window)
    if frame.log_x:
        points = [point for point in points if point[0] > LEAST]
    if frame.log_y:
        points = [(x, y if drawable(y, True) else math.nan) for x, y in points]
    return points


def draw(series: Sequence[Series], width: int, height: int, frame: Frame = PLAIN) -> list[list[Cell]]:
    """`height` rows of `width` cells: the plot, its two axes and their numbers. [] where there is no room."""
    high = height - 2
    if width < GUTTER + 8 or high < 2 or not any(one.points and one.form != "level" for one in series):
        return []
    plot = Plot(series, width - GUTTER, high, frame)
    names = {high - 1 - plot.y.place(y) // 4: number(y) for y in plot.y.ticks(max(3, high // 3))}
    rows = []
    for at, inside in enumerate(plot.rows):
        label = f"{names.get(at, ''):>{GUTTER - 2}} " + ("┤" if at in names else "│")
        rows.append([*(Cell(character, AXIS) for character in label), *inside])
    return rows + [[Cell(c, AXIS) for c in line] for line in _under(plot.x, width)]


def number(value: float) -> str:
    """A number of the y axis, in as many characters as there are for one."""
    if len(name := short(value)) <= GUTTER - 2:
        return name
    mantissa, exponent = f"{value:.1e}".split("e")
    mantissa = mantissa.removesuffix(".0")
    whole = f"{mantissa}e{int(exponent)}"
    return whole if len(whole) <= GUTTER - 2 else f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")[: GUTTER - 2]


def _under(scale: Scale, width: int) -> tuple[str, str]:
    """The x axis and the numbers under it, as two lines of `width` characters."""
    line, names = [*" " * (GUTTER - 1), "└", *"─" * (width - GUTTER)], [" "] * width
    free = 0
    for value in scale.ticks(max(2, (width - GUTTER) // 12)):
        at, name = GUTTER + scale.place(value) // 2, short(value)
        start = min(max(free, at - len(name) // 2), width - len(name))
        if start < free:
            continue
        line[at] = "┴"
        names[start : start + len(name)] = name
        free = start + len(name) + 1
    return "".join(line), "".join(names)
