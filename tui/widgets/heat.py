"""A table of numbers as shaded cells, in lines of text: the shade is a character, so that no colour is needed. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

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
HERE = "◆"
"""What the cell under the cursor is filled with."""


class Place(NamedTuple):
    """A cell, counted from 0."""

    row: int
    column: int


class Frame(NamedTuple):
    """Where the cells stand, in columns."""

    room: int
    """Of the names of the rows."""
    each: int
    """Of a cell."""
    first: int
    """The leftmost cell that is shown."""
    fits: int
    """Cells of a row that have room."""

    @property
    def left(self) -> int:
        """Where the first cell begins."""
        return self.room + 2

    def cell(self, x: int, y: int) -> Place:
        """What stands at column x of line y; it may lie outside the table."""
        return Place(y, self.first + (x - self.left) // self.each if x >= self.left else -1)


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


def frame(chart: Chart, width: int, cursor: Place | None = None) -> Frame:
    """Room for the cells of `chart` in `width` columns, such that the one under the cursor is shown."""
    across = max(map(len, chart.cells), default=0)
    room = max((cells(shorten(one_line(name), NAMES)) for name in chart.row_ticks), default=0)
    each = max(1, min(WIDEST, (width - room - 2) // max(1, across)))
    fits = max(1, min(across, (width - room - 2) // each))
    return Frame(room, each, max(0, cursor.column - fits + 1) if cursor else 0, fits)


def said(chart: Chart, place: Place) -> str:
    """The cell's row, its column and its value in one line; nothing for a place outside the table."""
    if not (found := value(chart, place)):
        return ""
    return f"row {_name(chart.row_ticks, place.row)} · column {_name(chart.ticks, place.column)}: {found}"


def value(chart: Chart, place: Place) -> str:
    """What was measured there; nothing for a place outside the table."""
    if not (0 <= place.row < len(chart.cells) and 0 <= place.column < len(chart.cells[place.row])):
        return ""
    measured = chart.cells[place.row][place.column]
    return "not measured" if measured is None else f"{measured:.4g}"


def _name(ticks: list[str], at: int) -> str:
    """Its number, counted from 1, and what it is called."""
    return f"{at + 1} “{one_line(ticks[at])}”" if at < len(ticks) else str(at + 1)


def drawn(chart: Chart, width: int, cursor: Place | None = None) -> list[Content]:
    """The cells of `chart` in lines of `width` columns, with the names of rows and columns and a legend."""
    rows = chart.cells
    across = max(map(len, rows), default=0)
    if not across:
        return []
    values = [abs(value) for row in rows for value in row if value is not None and math.isfinite(value) and value]
    most, least = max(values, default=1.0), min(values, default=1.0)
    names = [shorten(one_line(name), NAMES) for name in chart.row_ticks]
    room, each, first, fits = where = frame(chart, width, cursor)
    lines = []
    for at, row in enumerate(rows):
        name = names[at] if at < len(names) else ""
        mark = "▸" if cursor and cursor.row == at else " "
        parts: list[str | tuple[str, str]] = [mark + " " * (room - cells(name)) + f"{name} "]
        for column, value in enumerate(row[first : first + fits], first):
            glyph = shade(value, most, chart.log_y, least)
            text = glyph * each
            if each > 1 and value is not None and value < 0:
                text = "-" + text[1:]
            parts.append((HERE * each, "bold reverse") if cursor == (at, column) else (text, STYLES[glyph]))
        lines.append(Content.assemble(*parts))
    lines += _under(chart, where)
    legend = _legend(chart, most, least)
    if fits < across:
        legend += f"; {across - fits} columns more have no room here: go there with →"
    return [*lines, *Content.styled(legend, "$text-muted").wrap(width)]


def _under(chart: Chart, frame: Frame) -> list[Content]:
    """The names of the columns, downwards; a number where they are all short."""
    _, each, first, fits = frame
    ticks = [shorten(one_line(name), TALL) for name in chart.ticks[first : first + fits]]
    tall = max(map(cells, ticks), default=0)
    if tall <= each - 1:
        line = "".join(f"{name:<{each}}" for name in ticks)
        return [Content.styled(" " * frame.left + line, "$text-muted")] if ticks else []
    lines = []
    for at in range(max(map(len, ticks), default=0)):
        line = "".join(f"{name[at] if at < len(name) else ' ':<{each}}" for name in ticks)
        lines.append(Content.styled(" " * frame.left + line.rstrip(), "$text-muted"))
    return lines


def _legend(chart: Chart, most: float, least: float) -> str:
    """What the shades stand for."""
    edges = []
    for at, glyph in enumerate(RAMP, 1):
        share = at / len(RAMP)
        edge = least * (most / least) ** share if chart.log_y and most > least > 0 else most * share
        edges.append(f"{glyph} to {edge:.2g}")
    return f" blank 0, {', '.join(edges)}, {NOTHING} not measured"
