"""A sweep as plain lines: the curves of the training formats, a table by position, the falls, and the sentences."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from textwrap import wrap

from core.messages import Curves, Estimate, Published
from core.messages import Series as Measured
from tui.charts.plot import draw
from tui.clean import clean
from tui.headless.tables import model_line, table
from tui.sweeps.measure import MEASURES
from tui.sweeps.numbers import estimate
from tui.sweeps.strand import panel, strands

HIGH = 18
WIDE = 80
MOST_ROWS = 24
"""Rows of the table by position: the ends and some between; JSON has them all."""


def lines(found: Curves) -> list[str]:
    """Everything that a person reads of a sweep."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    sentences = [line for said in found.sentences for line in wrap(clean(said), width, subsequent_indent="  ")]
    return [
        *(model_line(identity) for identity in found.models.values()),
        f"{found.windows:,} windows of {found.length} {found.unit} of {clean(found.text)}, protocol {found.protocol}, "
        f"seed {found.seed}, {found.seconds:.0f} s",
        "",
        *_chart(found, width),
        *_by_position(found),
        "",
        *_at_the_ends(found),
        *_falls(found),
        *_published(found.published),
        *sentences,
    ]


def _plain(found: Curves) -> dict[str, Measured]:
    """The series of the training formats."""
    return {name: one for name, one in found.series.items() if name == one.model}


def _chart(found: Curves, width: int) -> list[str]:
    """Accuracy in percent by position, one line a model."""
    drawn = panel(found, _plain(found), MEASURES[0], ()).series
    rows = ["".join(cell.glyph for cell in row) for row in draw(drawn, min(width, 120), HIGH)]
    legend = "  ".join(f"{one.glyph} {clean(one.name)}" for one in strands(found) if one.name in _plain(found))
    return [f"accuracy (%) by position: {legend}", *rows, ""] if rows else []


def _by_position(found: Curves) -> list[str]:
    """Accuracy with its interval and mean log-probability at the ends and some positions between."""
    count = len(found.positions)
    shown = [at for at in range(count) if at < 6 or at >= count - 6 or at % max(1, count // (MOST_ROWS - 12)) == 0]
    heads = [">position"]
    for name in _plain(found):
        heads += [f">{clean(name)}", "95 %", ">top 5", ">nats", ">n"]
    rows = [
        [str(found.positions[at]), *(cell for one in _plain(found).values() for cell in _cells(one, at))]
        for at in shown
    ]
    return table(heads, rows)


def _cells(one: Measured, at: int) -> list[str]:
    return [
        _percent(one.accuracy[at]), _interval(one.low[at], one.high[at]), _percent(one.top5[at]),
        _number(one.logprob[at]), f"{one.n[at]:,}",
    ]  # fmt: skip


def _at_the_ends(found: Curves) -> list[str]:
    """Every condition at the first and the last position, with the share of full stops among what was said."""
    rows = []
    for name, one in found.series.items():
        row = [name if name != one.model else f"{name} ({one.condition})"]
        for place in (0, found.length - 1):
            at = found.positions.index(place) if place in found.positions else None
            if at is None or not one.n[at]:
                row += ["-", "", "-", "-"]
            else:
                row += [_percent(one.accuracy[at]), _interval(one.low[at], one.high[at]), _percent(one.stop[at]),
                        _number(one.logprob[at])]  # fmt: skip
        rows.append(row)
    heads = ["", ">first", "95 %", '>says "."', ">nats", ">last", "95 %", '>says "."', ">nats"]
    return [*table(heads, rows), ""]


def _falls(found: Curves) -> list[str]:
    """The waterfall of every masked model, the fall alone of the others; in points."""
    rows = []
    for name, fall in found.falls.items():
        split = found.waterfalls.get(name)
        rows.append([name, *(_points(one) for one in (
            (split.bare.fall, split.trained.fall, split.artefact) if split else (fall.fall, None, None)
        ))])  # fmt: skip
    if not rows:
        return []
    return [
        "from the middle to the last position, in points",
        *table(["", "fall", "information", "artefact"], rows),
        "",
    ]


def _published(curves: Sequence[Published]) -> list[str]:
    """What somebody else found, to be seen beside it."""
    if not curves:
        return []
    places = sorted({place for one in curves for place in one.accuracy})
    rows = [[one.model, _percent(one.mean), *(_percent(one.accuracy.get(place)) for place in places)] for one in curves]
    return [
        f"published: {clean(curves[0].source)}",
        *table(["", ">mean", *(f">{place}" for place in places)], rows),
        "",
    ]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{100 * low:.0f}-{100 * high:.0f}"


def _points(one: Estimate | None) -> str:
    return "" if one is None else estimate(one)
