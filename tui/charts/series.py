"""Lines of a chart as data: points, their smoothing, and what they say at one step. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter
from typing import Literal, NamedTuple

from tui.charts.axes import LEAST, Scale, drawable, span

Point = tuple[float, float]
Span = tuple[float, float]
X = itemgetter(0)

SMOOTH = (0.0, 0.9, 0.98)
"""Weights of the past in an exponential mean: off, light, strong."""


class Series(NamedTuple):
    """What one thing did: (x, y) with x ascending; a y that is no number is a gap."""

    label: str
    points: Sequence[Point]
    form: Literal["line", "dots", "raw", "level", "band", "behind"] = "line"
    """`dots` are single values, `raw` the values behind a smoothed line, a `level` one y that holds for all x.

    A `band` lies between `points` and `upper`; single values `behind` the lines are somebody else's.
    """
    glyph: str = "*"
    """One narrow character: each of the dots, a mark on the line, the stroke of a level."""
    tone: int = 0
    """Number of its colour. Colour never stands alone: glyph and label differ too."""
    upper: Sequence[Point] = ()
    """The upper edge of a band, at the same x as `points`."""

    @property
    def named(self) -> bool:
        """Whether a legend has a line for it."""
        return bool(self.points) and self.form not in ("raw", "band")

    def at(self, x: float) -> Point | None:
        """The newest point up to `x`: None before the first, and after the last of a line."""
        points = self.points
        if self.form == "level":
            return points[-1] if points else None
        after = bisect_right(points, x, key=X)
        if not after or (self.form != "dots" and after == len(points) and points[-1][0] < x):
            return None
        return points[after - 1]


class Frame(NamedTuple):
    """How a person looks at a chart."""

    log_x: bool = False
    log_y: bool = False
    weight: float = 0.0
    """Of the past, in the smoothing; 0 is none."""
    window: Span | None = None
    """The steps that are shown; None for all."""
    cursor: float | None = None
    """The step that is read."""


PLAIN = Frame()


class Panel(NamedTuple):
    """One chart: never two units, never two objectives on one axis."""

    name: str
    """In one word, for the line of views."""
    title: str
    series: tuple[Series, ...]
    note: str = ""
    """What a student should see in it."""
    noisy: bool = True
    """Whether smoothing shows anything that was not to be seen before."""

    def framed(self, frame: Frame, dots: int = 0) -> Panel:
        """The panel as `frame` shows it: its title says what was done to it, and smoothing keeps what lies behind.

        Where only `dots` columns will be drawn no more points are kept than that: it is drawn the same, and at once.
        """
        logs = ", ".join(f"log {axis}" for axis, on in (("steps", frame.log_x), ("values", frame.log_y)) if on)
        weight = frame.weight if self.noisy else 0.0
        done = (f"smoothed {weight:g}" if weight else "", logs, "zoomed" if frame.window else "")
        columns = across(self.series, frame, dots - 1) if dots > 1 else None
        series = [part for one in self.series for part in smooth(one, weight, columns)]
        return self._replace(title=" · ".join((self.title, *filter(None, done))), series=tuple(series))


def smooth(one: Series, weight: float, columns: Scale | None = None) -> list[Series]:
    """`one` as it was, faintly, and its smoothed line over it; what is no line stays. Both thinned to `columns`."""
    weight = weight if one.form == "line" else 0.0
    points, counts = one.points, None
    if columns and one.form not in ("level", "band"):
        points, counts = thinned(points, columns, weight)
    if not points or not weight:
        return [one._replace(points=points)]
    return [one._replace(form="raw", points=points), one._replace(points=smoothed(points, weight, counts))]


def thinned(
    points: Sequence[Point], columns: Scale, weight: float = 0.0
) -> tuple[Sequence[Point], Sequence[int] | None]:
    """The mean of the points in each column, and how many they were (None for one each).

    Points left of the columns stay as far as a smoothing by `weight` reaches, those right of them go. A gap narrower
    than a column is closed.
    """
    first, end = bisect_left(points, columns.low, key=X), bisect_right(points, columns.high, key=X)
    start = max(0, first - 1 - (round(8 / (1 - weight)) if weight else 0))  # before that everything weighs exp(-8)
    if end - first <= 2 * columns.last:
        return points[start : max(end, 1)], None
    found, counts = list(points[start:first]), [1] * (first - start)
    for column in range(round(columns.last) + 1):
        after = bisect_left(points, columns.value(column + 0.5), first, end, key=X)
        if after > first:
            found.append(mean(points[first:after]))
            counts.append(after - first)
        first = after
    return found, counts


def mean(points: Sequence[Point]) -> Point:
    """The mean point, of those that have a number if any has."""
    if len(points) == 1:
        return points[0]
    y = sum(y for _, y in points) / len(points)
    if not drawable(y):
        points = [point for point in points if drawable(point[1])] or points
        y = sum(y for _, y in points) / len(points)
    return sum(x for x, _ in points) / len(points), y


def smoothed(points: Sequence[Point], weight: float, counts: Sequence[int] | None = None) -> list[Point]:
    """The exponential mean up to each point, divided by its total weight so that the start is not pulled to zero.

    As the bias correction of Adam (Kingma and Ba 2015). Gaps stay gaps and weigh nothing. `counts` says of how many
    points each is the mean: it weighs as much as they.
    """
    mean, left, found = 0.0, 1.0, []
    for (x, y), count in zip(points, counts or repeat(1), strict=False):
        if drawable(y):
            past = weight**count
            mean, left = past * mean + (1 - past) * y, left * past
            found.append((x, mean / (1 - left)))
        else:
            found.append((x, math.nan))
    return found


def reach(series: Sequence[Series], log: bool = False) -> Span:
    """From the first to the last x of everything that has one."""
    ends = [
        x for one in series if one.form != "level" and one.points for x in (*_first(one.points, log), one.points[-1][0])
    ]
    return span(ends, log)


def across(series: Sequence[Series], frame: Frame, last: float) -> Scale:
    """The scale of x from 0 to `last`: the window of `frame`, or everything."""
    low, high = frame.window or reach(series, frame.log_x)
    return Scale(max(low, LEAST) if frame.log_x else low, high, last, frame.log_x)


def _first(points: Sequence[Point], log: bool) -> list[float]:
    at = bisect_right(points, LEAST, key=X) if log else 0
    return [points[at][0]] if at < len(points) else []


def within(points: Sequence[Point], window: Span | None) -> Sequence[Point]:
    """The points whose x lies in `window`."""
    if window is None:
        return points
    return points[bisect_left(points, window[0], key=X) : bisect_right(points, window[1], key=X)]


def stepped(series: Sequence[Series], frame: Frame, by: float) -> float | None:
    """The step `by` of all points further than the cursor, at least one; None where nothing was measured.

    Without a cursor it comes in at the newest point, or at the first when it goes back by everything.
    """
    longest = max((within(one.points, frame.window) for one in series if one.form != "level"), key=len, default=())
    if not longest:
        return None
    if frame.cursor is None:
        return longest[0 if by <= -1 else -1][0]
    here = min(bisect_left(longest, frame.cursor, key=X), len(longest) - 1)
    far = max(1, round(abs(by) * len(longest)))
    return longest[max(0, min(len(longest) - 1, here + (far if by > 0 else -far)))][0]


def zoomed(series: Sequence[Series], frame: Frame, factor: float) -> Span | None:
    """The window after it was made `factor` times as wide around the cursor; None when it would hold everything."""
    low, high = reach(series, frame.log_x)
    start, end = frame.window or (low, high)
    scale = Scale(max(start, low) if frame.log_x else start, end, 1.0, frame.log_x)
    middle = scale.at(frame.cursor) if frame.cursor is not None and frame.cursor > 0 else 1.0
    middle = max(0.0, min(1.0, middle))
    new = scale.value(middle - middle * factor), scale.value(middle + (1 - middle) * factor)
    new = max(low, new[0]), min(high, new[1])
    if new[1] - new[0] < 2:
        return frame.window
    return None if new[0] <= low and new[1] >= high else new
