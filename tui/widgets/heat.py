"""A table of numbers as shaded cells, in lines of text: the shade is a character, so that no colour is needed. Pure."""

from __future__ import annotations

import math

from textual.content import Content

from core.messages import Chart
from tui.text import cells, one_line, shorten

RAMP = "░▒▓█"
ZERO, NOTHING = " ", "·"
"""Exactly nothing, and not measured."""
STYLES = {
    ZERO: "",
    NOTHING: "$text-muted",
    "░": "$text-primary",
    "▒": "$text-success",
    "▓": "$text-warning",
    "█": "$text-error",
}
NAMES = 14
"""Columns of the names of rows, at most."""
TALL = 8
"""Rows of the names of columns, which are written downwards."""
WIDEST = 4
"""Columns of a cell."""


def shade(value: float | None, most: float, log: bool, least: float = 0.0) -> str:
    """The character of a value among values up to `most` in size; on a logarithmic scale from `least`."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return ZERO
    size = abs(value)
    if log and most > least > 0:
        share = (math.log10(size) - math.log10(least)) / (math.log10(most) - math.log10(least))
    else:
        share = size / most
    return RAMP[max(0, min(len(RAMP) - 1, math.ceil(share * len(RAMP)) - 1))]


def drawn(chart: Chart, width: int) -> list[Content]:
    """The cells of `chart` in lines of `width` columns, with the names of rows and columns and a legend."""
    rows = chart.cells
    across = max(map(len, rows), default=0)
    if not across:
        return []
    values = [abs(value) for row in rows for value in row if value is not None and math.isfinite(value) and value]
    most, least = max(values, default=1.0), min(values, default=1.0)
    names = [shorten(one_line(name), NAMES) for name in chart.row_ticks]
    room = max(map(cells, names), default=0)
    each = max(1, min(WIDEST, (width - room - 2) // across))
    fits = max(1, min(across, (width - room - 2) // each))
    lines = []
    for at, row in enumerate(rows):
        name = names[at] if at < len(names) else ""
        parts: list[str | tuple[str, str]] = [" " * (room - cells(name)) + f" {name} "]
        for value in row[:fits]:
            glyph = shade(value, most, chart.log_y, least)
            text = glyph * each
            if each > 1 and value is not None and value < 0:
                text = "-" + text[1:]
            parts.append((text, STYLES[glyph]))
        lines.append(Content.assemble(*parts))
    lines += _under(chart, fits, each, room)
    legend = _legend(chart, most, least)
    if fits < across:
        legend += f"; {across - fits} columns more have no room here"
    return [*lines, *Content.styled(legend, "$text-muted").wrap(width)]


def _under(chart: Chart, fits: int, each: int, room: int) -> list[Content]:
    """The names of the columns, downwards; a number where they are all short."""
    ticks = [shorten(one_line(name), TALL) for name in chart.ticks[:fits]]
    tall = max(map(cells, ticks), default=0)
    if tall <= each - 1:
        line = "".join(f"{name:<{each}}" for name in ticks)
        return [Content.styled(" " * (room + 2) + line, "$text-muted")] if ticks else []
    lines = []
    for at in range(max(map(len, ticks), default=0)):
        line = "".join(f"{name[at] if at < len(name) else ' ':<{each}}" for name in ticks)
        lines.append(Content.styled(" " * (room + 2) + line.rstrip(), "$text-muted"))
    return lines


def _legend(chart: Chart, most: float, least: float) -> str:
    """What the shades stand for."""
    edges = []
    for at, glyph in enumerate(RAMP, 1):
        share = at / len(RAMP)
        edge = least * (most / least) ** share if chart.log_y and most > least > 0 else most * share
        edges.append(f"{glyph} to {edge:.2g}")
    return f" blank 0, {', '.join(edges)}, {NOTHING} not measured"
