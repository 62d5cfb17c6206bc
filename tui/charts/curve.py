"""A curve that grows for as long as a run does and never takes more than a fixed amount of memory."""

from __future__ import annotations

from bisect import bisect_left

from tui.charts.series import Point, X, mean

LIMIT = 4096
"""The most points kept: more than any terminal has columns of dots."""


class Curve:
    """Points in the order of x. When too many have come, neighbours are merged into their mean, pair by pair."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._done: list[Point] = []
        self._open: list[Point] = []
        self._last = float("-inf")
        self.width = 1
        """How many added points one kept point stands for."""

    def add(self, x: float, y: float) -> None:
        """Add a point; a y that is no number is a gap. An x that is not right of the last one goes back to there."""
        if x <= self._last:
            self.rewind(x)
        self._last = x
        self._open.append((x, y))
        if len(self._open) == self.width:
            self._done.append(mean(self._open))
            self._open.clear()
        if len(self._done) >= self._limit:
            self._done = [mean(self._done[at : at + 2]) for at in range(0, len(self._done), 2)]
            self.width *= 2

    def rewind(self, x: float) -> None:
        """Forget everything from `x` on: the run went back there, and does it again."""
        if self._last < x:
            return
        self._open = [point for point in self._open if point[0] < x]
        del self._done[bisect_left(self._done, x, key=X) :]
        self._last = max(
            (*(point[0] for point in self._open), *(point[0] for point in self._done[-1:])), default=-1e308
        )

    def points(self) -> tuple[Point, ...]:
        """All points; the newest may stand for fewer than the others."""
        return (*self._done, *([mean(self._open)] if self._open else []))
