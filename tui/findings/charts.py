"""A chart of a finding as plain lines of text: curves in braille, bars, and a heat map in shades."""

from __future__ import annotations

import math
from collections.abc import Iterator

from core.messages import Chart, Line
from tui.charts.plot import draw
from tui.clean import clean
from tui.findings.numbers import NONE
from tui.findings.picture import frame, panel, title
from tui.sweeps.findings import span
from tui.text import cells, shorten
from tui.words import short

HIGH = 12
"""Rows of a chart of lines."""
LABEL, NUMBER = 28, 8
"""Cells at most for the name of a bar, and for its number."""
SHADES = " ░▒▓█"
"""From exactly nothing to the most; what is not nothing never looks like it."""
MOST_CELLS = 40
"""Rows or columns of the largest heat map that is drawn."""


def lines(chart: Chart, width: int) -> list[str]:
    """The chart under its title, in lines of at most `width` cells."""
    draws = {"lines": _curves, "bars": _bars, "heat": _heat}[chart.kind]
    return [shorten(clean(title(chart)), width), *(line.rstrip() for line in draws(chart, width))]


def _curves(chart: Chart, width: int) -> Iterator[str]:
    drawn = panel(chart).series
    yield shorten("  ".join(f"{one.glyph} {clean(one.label)}" for one in drawn if one.named), width)
    for row in draw(drawn, width, HIGH, frame(chart)):
        yield "".join(cell.glyph for cell in row)


def _bars(chart: Chart, width: int) -> Iterator[str]:
    bars = [(_label(chart, line, at), value) for line in chart.lines for at, value in enumerate(line.y)]
    scaled = [None if value is None else _scaled(value, chart) for _, value in bars]
    known = [0.0, *(value for value in scaled if value is not None)]
    label = min(LABEL, max((cells(name) for name, _ in bars), default=0))
    room = max(4, width - label - NUMBER - 3)
    for (name, value), height in zip(bars, scaled, strict=True):
        name = shorten(name, label)
        drawn = "" if height is None else span(0.0, height, min(known), max(known), room)
        number = NONE if value is None else short(value)
        yield f"{name}{' ' * (label - cells(name))} {number:>{NUMBER}}  {drawn}"


def _label(chart: Chart, line: Line, at: int) -> str:
    tick = chart.ticks[at] if at < len(chart.ticks) else str(at)
    return clean(tick if len(chart.lines) == 1 else f"{line.name}, {tick}")


def _scaled(value: float, chart: Chart) -> float | None:
    """The length of a bar; on a logarithmic axis from the power of ten below the least one."""
    if not chart.log_y:
        return value
    least = min((y for line in chart.lines for y in line.y if y is not None and y > 0), default=1.0)
    return math.log10(value) - math.ceil(math.log10(least)) + 1 if value > 0 else None


def _heat(chart: Chart, width: int) -> Iterator[str]:
    columns = max((len(row) for row in chart.cells), default=0)
    if max(columns, len(chart.cells)) > MOST_CELLS:
        yield f"{len(chart.cells)} by {columns} numbers: too many to draw here; --json has them."
        return
    known = [abs(value) for row in chart.cells for value in row if value is not None]
    most = max(known, default=0.0) or 1.0
    names = [clean(name) for name in chart.row_ticks] or [""] * len(chart.cells)
    label = min(12, max((cells(name) for name in names), default=0))
    wide = 2 if label + 1 + 2 * columns <= width else 1
    for name, row in zip(names, chart.cells, strict=False):
        name = shorten(name, label)
        yield name + " " * (label - cells(name)) + " " + "".join(_shade(value, most) * wide for value in row)
    yield f"blank: exactly 0, {SHADES[1:]} up to {short(most)}, · not measured"


def _shade(value: float | None, most: float) -> str:
    if value is None:
        return "·"
    return SHADES[math.ceil(abs(value) / most * (len(SHADES) - 1))] if value else SHADES[0]
