"""Repetitions with other seeds: their mean and its 95 % interval by Student's t, which is fair to a handful."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from core.messages import Number

T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""97.5 % points of Student's t for 1 to 9 degrees of freedom (Fisher & Yates 1963, table III)."""


def over(values: Sequence[float], unit: str, floor: float = -math.inf, ceiling: float = math.inf) -> Number:
    """The mean of 1 to 10 repetitions; its interval, from two on, ends at `floor` and `ceiling`."""
    value, n = statistics.fmean(values), len(values)
    if n < 2:
        return Number(value, unit, n=n)
    room = T[n - 2] * statistics.stdev(values) / math.sqrt(n)
    return Number(value, unit, max(floor, value - room), min(ceiling, value + room), n)
