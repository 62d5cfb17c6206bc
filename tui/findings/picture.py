"""A chart of a finding as the lab's charts take it: lines with glyphs, tones and bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from core.messages import Chart
from tui.charts.series import Frame, Panel, Point, Series

GLYPHS = "*o+#%@&$=~^"
TONES = (0, 1, 2, 4, 5, 3)
"""The order of colours: the first four are told apart best."""


def panel(chart: Chart) -> Panel:
    """The lines of `chart`, bars as single points; what was not measured is a gap. A heat map has no lines."""
    form: Literal["dots", "line"] = "dots" if chart.kind == "bars" else "line"
    lines, bands = [], []
    for at, one in enumerate(chart.lines):
        look = GLYPHS[at % len(GLYPHS)], TONES[at % len(TONES)]
        lines.append(Series(one.name, _points(one.x, one.y), form, *look))
        if one.low and one.high and form == "line":
            bands.append(Series(one.name, _points(one.x, one.low), "band", *look, _points(one.x, one.high)))
    note = ", ".join(f"{at} {tick}" for at, tick in enumerate(chart.ticks)) if chart.kind == "bars" else ""
    return Panel("finding", title(chart), (*bands, *lines), note, noisy=False)


def frame(chart: Chart) -> Frame:
    """The axes that `chart` asks for."""
    return Frame(log_x=chart.log_x and chart.kind == "lines", log_y=chart.log_y)


def title(chart: Chart) -> str:
    """What is drawn, with both axes named."""
    axes = " by ".join(part for part in (chart.y, chart.x) if part)
    axes += ", by powers of ten" if chart.kind == "bars" and chart.log_y else ""
    return f"{chart.title}: {axes}" if axes else chart.title


def _points(x: Sequence[float], y: Sequence[float | None]) -> list[Point]:
    return [(at, math.nan if value is None else value) for at, value in zip(x, y, strict=True)]
