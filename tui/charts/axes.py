"""Scales and the round numbers along them: what a chart in cells and a chart in SVG share. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

LEAST, MOST = 1e-30, 1e30
"""What lies outside is no loss, rate or count, whatever a file says."""


class Scale(NamedTuple):
    """Maps values from `low` to `high` onto 0 to `last`, evenly or by their logarithm."""

    low: float
    high: float
    last: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where `value` lies, which may be outside. On a logarithmic scale it must be above zero."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return (value - low) / (high - low) * self.last

    def place(self, value: float) -> int:
        """The nearest whole place of `value`."""
        return round(self.at(value))

    def value(self, place: float) -> float:
        """The value that lies at `place`."""
        share = place / self.last
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share

    def ticks(self, most: int) -> list[float]:
        """At most about `most` round numbers on the scale."""
        if self.log and self.high / self.low >= 3:
            return decades(self.low, self.high, most)
        return ticks(self.low, self.high, most)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most about `most` round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 12) for index in range(first, math.floor(high / step + 1e-9) + 1)]


def decades(low: float, high: float, most: int) -> list[float]:
    """Round numbers for a logarithmic axis: powers of ten, and 2 and 5 times them where there is room."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [factor * 10.0**exponent for exponent in exponents for factor in (1, 2, 5)]
    inside = [value for value in fine if low <= value <= high]
    if len(inside) <= most:
        return inside
    whole = [value for value in inside if f"{value:e}"[0] == "1"]
    return whole[:: -(-len(whole) // max(1, most))]


def drawable(value: float, log: bool = False) -> bool:
    """Whether an axis has a place for `value`: not for what is no number or absurd, nor for zero on a logarithm."""
    return LEAST < value < MOST if log else -MOST < value < MOST


def span(values: Iterable[float], log: bool = False) -> tuple[float, float]:
    """The least and the greatest drawable value, kept apart so that a scale can stand on them."""
    found = [value for value in values if drawable(value, log)]
    low, high = min(found, default=1.0 if log else 0.0), max(found, default=10.0 if log else 1.0)
    if high - low > 1e-9 * max(abs(low), abs(high)) and (log or high - low > 1e-30):
        return low, high
    return low, low + (abs(low) or 1.0)
