"""Bars of an experiment as lines of text: names, bars from a common zero, values with their intervals. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from textual.content import Content

from core.messages import Chart, Line
from tui.charts.axes import LEAST, drawable
from tui.sweeps.findings import span
from tui.text import cells, one_line, shorten
from tui.words import short

STYLES = ("$text-primary", "$text-warning", "$text-success", "$text-accent", "$text-error", "$foreground")
SHORTEST = 8
"""Columns of the longest bar, at least."""


class Bar(NamedTuple):
    """One bar: what it belongs to, what it is, and its value."""

    tick: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    style: str

    @property
    def said(self) -> str:
        """Its value as text."""
        if self.value is None:
            return "–"
        bounds = f" ({short(self.low)} to {short(self.high)})" if self.low is not None and self.high is not None else ""
        return short(self.value) + bounds


def drawn(chart: Chart, width: int, over: Chart | None = None) -> list[Content]:
    """The bars of `chart` in lines of `width` columns, those of `over` beside them as shipped."""
    bars = [*_bars(chart, over)]
    names = [f"{one.tick} {one.name}".strip() for one in bars]
    room = min(max(map(cells, names), default=0), max(8, width // 2 - 8))
    said = max((cells(one.said) for one in bars), default=0)
    space = max(SHORTEST, width - room - said - 3)
    scaled = [_scaled(one.value, chart) for one in bars]
    ends = [0.0, *(value for value in scaled if value is not None)]
    lines = []
    for one, name, value in zip(bars, names, scaled, strict=True):
        shown = shorten(name, room)
        stroke = "" if value is None else span(0.0, value, min(ends), max(ends), space)
        label = f" {shown}{' ' * (room - cells(shown))} "
        lines.append(Content.assemble(label, (f"{stroke:<{space}}", one.style), f" {one.said}"))
    return lines


def _bars(chart: Chart, over: Chart | None) -> Iterator[Bar]:
    """Every bar, tick by tick, so that what is compared stands together."""
    sides: list[tuple[str, Sequence[Line]]] = [("", chart.lines)]
    if over is not None:
        sides = [("here: ", chart.lines), ("shipped: ", over.lines)]
    most = max((len(line.y) for _, lines in sides for line in lines), default=0)
    several = len(sides) > 1 or len(chart.lines) > 1
    for at in range(most):
        tick = one_line(chart.ticks[at]) if at < len(chart.ticks) else ""
        for prefix, lines in sides:
            for number, line in enumerate(lines):
                if at < len(line.y):
                    low, high = (edge[at] if at < len(edge) else None for edge in (line.low, line.high))
                    name = one_line(prefix + line.name) if several else ""
                    yield Bar(tick, name, line.y[at], low, high, STYLES[number % len(STYLES)])


def _scaled(value: float | None, chart: Chart) -> float | None:
    """How long a bar is; on a logarithmic axis in decades from below the least value."""
    if value is None or not drawable(value):
        return None
    if not chart.log_y:
        return value if abs(value) > LEAST else 0.0
    known = [math.log10(y) for line in chart.lines for y in line.y if y is not None and drawable(y, log=True)]
    return (
        max(0.0, math.log10(value) - math.floor(min(known, default=0.0)) + 0.5) if drawable(value, log=True) else None
    )
