"""The three numbers that a sweep has at every position, each as what a chart and a table show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.messages import Series
from tui.sweeps.numbers import BIT, bits, interval, percent

Values = Sequence[float | None]


class Measure(NamedTuple):
    """One of them. `height` maps a stored number to the axis, which has percents or bits."""

    name: str
    title: str
    values: Callable[[Series], Values]
    edges: Callable[[Series], tuple[Values, Values]] | None
    """The 95 % interval, where there is one."""
    height: Callable[[float], float]
    text: Callable[[float | None], str]

    def at(self, one: Series, place: int) -> tuple[str, str]:
        """The number at the `place`-th position, and its interval."""
        low, high = self.edges(one) if self.edges else ((), ())
        return self.text(self.values(one)[place]), interval(low[place], high[place]) if low else ""


def _in_percent(share: float) -> float:
    return 100 * share


MEASURES = (
    Measure("top-1", "Right at the first guess, %", lambda one: one.accuracy, lambda one: (one.low, one.high),
            _in_percent, percent),
    Measure("top-5", "Right among the first five guesses, %", lambda one: one.top5,
            lambda one: (one.top5_low, one.top5_high), _in_percent, percent),
    Measure("log-probability", "Mean log-probability, bits", lambda one: one.logprob, None, lambda nats: nats / BIT,
            bits),
)  # fmt: skip
