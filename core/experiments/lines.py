"""Measured numbers as a line of a chart, with their intervals as its band."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.messages import Line, Number


def line(name: str, numbers: Sequence[Number], x: Iterable[float] | None = None) -> Line:
    """One point a number, at `x`; without it at 0, 1, …, as bars stand."""
    places = range(len(numbers)) if x is None else x
    low, high = [number.low for number in numbers], [number.high for number in numbers]
    return Line(name, [float(place) for place in places], [number.value for number in numbers], low, high)
