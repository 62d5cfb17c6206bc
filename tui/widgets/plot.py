"""A line chart as rows of cells: scales, ticks and braille dots. Pure; `chart.py` puts it on the screen.

A cell of braille holds 2 by 4 dots, so a chart of 60 by 10 cells resolves 120 by 40. Where several points fall on one
column of dots their mean is drawn: a maximum would make a noisy loss look worse than it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from tui.words import short

AXIS = -1
"""The series number of a cell that belongs to the axes."""

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille pattern (Unicode block 2800), by row and column of the dot."""


class Series(NamedTuple):
    """What one thing did: (x, y) with x ascending. A `level` is one y that holds for all x."""

    label: str
    points: Sequence[tuple[float, float]]
    form: Literal["line", "dots", "level"] = "line"
    glyph: str = "*"
    """One narrow character: each of the dots, the end of a line, the stroke of a level."""


class Cell(NamedTuple):
    """One character and the number of the series that it belongs to."""

    glyph: str
    series: int


BLANK = Cell(" ", AXIS)


class Scale(NamedTuple):
    """Maps values from `low` to `high` onto 0 to `last`, evenly or by their logarithm."""

    low: float
    high: float
    last: int
    log: bool = False

    def place(self, value: float) -> int:
        """The nearest place of `value`, which may lie outside."""
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = math.log10(low), math.log10(high), math.log10(value)
        return round((at - low) / (high - low) * self.last)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most about `most` round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 12) for index in range(first, math.floor(high / step + 1e-9) + 1)]


def decades(low: float, high: float, most: int) -> list[float]:
    """Round numbers for a logarithmic axis: powers of ten, and 2 and 5 times them where there is room."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [factor * 10.0**exponent for exponent in exponents for factor in (1, 2, 5)]
    inside = [value for value in fine if low <= value <= high]
    return inside if len(inside) <= most else [value for value in inside if f"{value:e}"[0] == "1"]


def span(values: Iterable[float]) -> tuple[float, float]:
    """The least and the greatest value, kept apart so that a scale can stand on them."""
    found = list(values)
    low, high = min(found, default=0.0), max(found, default=1.0)
    return low, high if high - low > 1e-9 * max(1.0, abs(high)) else low + 1


def columns(points: Iterable[tuple[float, float]], scale: Scale) -> list[tuple[int, float]]:
    """The mean y of each column of `scale` that has points, by column."""
    sums: dict[int, tuple[float, int]] = {}
    for x, y in points:
        total, count = sums.get(column := scale.place(x), (0.0, 0))
        sums[column] = (total + y, count + 1)
    return [(column, total / count) for column, (total, count) in sorted(sums.items())]


class Plot:
    """The inside of a chart: `width` by `height` cells between the scales of `series`."""

    def __init__(self, series: Sequence[Series], width: int, height: int, log_x: bool) -> None:
        kept = [[(x, y) for x, y in one.points if math.isfinite(y) and (x > 0 or not log_x)] for one in series]
        across = span(x for one, points in zip(series, kept, strict=True) if one.form != "level" for x, _ in points)
        if log_x and across[0] <= 0:
            across = (1.0, max(10.0, across[1]))
        self.x = Scale(*across, 2 * width - 1, log_x)
        self.y = Scale(*span(y for points in kept for _, y in points), 4 * height - 1)
        self.rows = [[BLANK] * width for _ in range(height)]
        painters = {"level": self._level, "line": self._line, "dots": self._dots}
        for form, paint in painters.items():  # in this order, so that single points stay on top
            for number, (one, points) in enumerate(zip(series, kept, strict=True)):
                if one.form == form and points:
                    paint(number, one, columns(points, self.x))

    def _cell(self, column: int, y: float) -> tuple[int, int]:
        return len(self.rows) - 1 - self.y.place(y) // 4, column // 2

    def _level(self, number: int, one: Series, points: list[tuple[int, float]]) -> None:
        row, _ = self._cell(0, points[-1][1])
        self.rows[row] = [Cell(one.glyph, number)] * len(self.rows[row])

    def _dots(self, number: int, one: Series, points: list[tuple[int, float]]) -> None:
        for column, y in points:
            row, cell = self._cell(column, y)
            self.rows[row][cell] = Cell(one.glyph, number)

    def _line(self, number: int, one: Series, points: list[tuple[int, float]]) -> None:
        path = [(column, self.y.place(y)) for column, y in points]
        self._dot(*path[0], number)
        for (left, start), (right, end) in pairwise(path):
            before = start
            for column in range(left + 1, right + 1):
                here = start + round((end - start) * (column - left) / (right - left))
                for height in range(min(before, here), max(before, here) + 1):
                    self._dot(column, height, number)
                before = here
        self._dots(number, one, points[-1:])

    def _dot(self, column: int, height: int, number: int) -> None:
        row, cell = len(self.rows) - 1 - height // 4, column // 2
        bit = _DOTS[3 - height % 4][column % 2]
        drawn = ord(self.rows[row][cell].glyph) - 0x2800
        self.rows[row][cell] = Cell(chr(0x2800 + (bit | drawn if 0 <= drawn < 256 else bit)), number)


def draw(series: Sequence[Series], width: int, height: int, log_x: bool = False) -> list[list[Cell]]:
    """`height` rows of `width` cells: the plot, its two axes and their numbers. [] where there is no room."""
    gutter, high = 7, height - 2
    if width < gutter + 8 or high < 2 or not any(one.points for one in series):
        return []
    plot = Plot(series, width - gutter, high, log_x)
    names = {high - 1 - plot.y.place(y) // 4: short(y) for y in ticks(plot.y.low, plot.y.high, max(3, high // 3))}
    rows = []
    for number, inside in enumerate(plot.rows):
        label = f"{names.get(number, '')[: gutter - 2]:>{gutter - 2}} " + ("┤" if number in names else "│")
        rows.append([*(Cell(character, AXIS) for character in label), *inside])
    return rows + [[Cell(c, AXIS) for c in line] for line in _under(plot.x, width, gutter)]


def _under(scale: Scale, width: int, gutter: int) -> tuple[str, str]:
    """The x axis and the numbers under it, as two lines of `width` characters."""
    line, names = [*" " * (gutter - 1), "└", *"─" * (width - gutter)], [" "] * width
    most = max(2, (width - gutter) // 12)
    free = 0
    for value in (decades if scale.log else ticks)(scale.low, scale.high, most):
        at, name = gutter + scale.place(value) // 2, short(value)
        start = min(max(free, at - len(name) // 2), width - len(name))
        if start < free:
            continue
        line[at] = "┴"
        names[start : start + len(name)] = name
        free = start + len(name) + 1
    return "".join(line), "".join(names)
