"""A curve that grows for as long as a run does and never takes more than a fixed amount of memory."""

from __future__ import annotations

LIMIT = 4096
"""The most points kept: more than any terminal has columns of dots."""

Point = tuple[float, float]


class Curve:
    """Points in the order of x. When too many have come, neighbours are merged into their mean, pair by pair."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._done: list[Point] = []
        self._open: list[Point] = []
        self._last = float("-inf")
        self._width = 1
        """How many added points one kept point stands for."""

    def add(self, x: float, y: float) -> None:
        """Add a point. One that is not right of the last says that the run went back: what it redoes is forgotten."""
        if x <= self._last:
            self._open = [point for point in self._open if point[0] < x]
            self._done = [point for point in self._done if point[0] < x]
        self._last = x
        self._open.append((x, y))
        if len(self._open) == self._width:
            self._done.append(_mean(self._open))
            self._open.clear()
        if len(self._done) >= self._limit:
            self._done = [_mean(self._done[at : at + 2]) for at in range(0, len(self._done), 2)]
            self._width *= 2

    def points(self) -> tuple[Point, ...]:
        """All points; the newest may stand for fewer than the others."""
        return (*self._done, *([_mean(self._open)] if self._open else []))


def _mean(points: list[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
