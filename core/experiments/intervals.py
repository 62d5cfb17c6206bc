"""95 % intervals of means and of what is made of them, by resampling what was measured (percentile bootstrap)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.messages import Number
from core.text.stream import generator

RESAMPLES = 2000
KEY = 41
"""Part of the key of this file's random numbers, beside the seed."""

Values = Sequence[float] | np.ndarray


def mean(values: Values, unit: str, seed: int) -> Number:
    """The mean of `values` (n,), which were drawn independently. With fewer than two there is no interval."""
    return ratio(values, np.ones(len(values)), unit, seed)


def ratio(above: Values, below: Values, unit: str, seed: int) -> Number:
    """The mean of `above` (n,) over that of `below` (n,); the two are pairs and are drawn together."""
    top, bottom = np.asarray(above, float), np.asarray(below, float)
    if not len(top) or not bottom.sum():
        return Number(None, unit, n=len(top))
    value = float(top.sum() / bottom.sum())
    if len(top) < 2:
        return Number(value, unit, n=len(top))
    drawn = generator(seed, len(top), KEY).integers(len(top), size=(RESAMPLES, len(top)))
    sums = bottom[drawn].sum(1)
    low, high = np.percentile(top[drawn].sum(1)[sums != 0] / sums[sums != 0], [2.5, 97.5])
    return Number(value, unit, float(low), float(high), len(top))
