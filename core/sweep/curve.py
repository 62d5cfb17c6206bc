"""A curve out of scores: shares with their intervals, means, and counts, one a position."""

from __future__ import annotations

import numpy as np

from core.messages import Series
from core.rates import wilson
from core.sweep.scores import Scores


def curve(model: str, condition: str, scores: Scores) -> Series:
    """The series of one model in one condition."""
    count = (~np.isnan(scores.first)).sum(axis=0)
    accuracy, low, high = _shares(scores.first, count)
    top5, top5_low, top5_high = _shares(scores.among5, count)
    return Series(
        model=model,
        condition=condition,
        accuracy=accuracy,
        low=low,
        high=high,
        top5=top5,
        top5_low=top5_low,
        top5_high=top5_high,
        logprob=_means(scores.logprob, count),
        n=[int(n) for n in count],
        stop=_means(scores.stop, count),
    )


Column = list[float | None]


def _means(values: np.ndarray, count: np.ndarray) -> Column:
    return [float(total / n) if n else None for total, n in zip(np.nansum(values, axis=0), count, strict=True)]


def _shares(values: np.ndarray, count: np.ndarray) -> tuple[Column, Column, Column]:
    """The share of each column of `values` (windows, positions) with both ends of its 95 % interval."""
    ends = [
        wilson(float(hits), int(n)) if n else (None, None)
        for hits, n in zip(np.nansum(values, axis=0), count, strict=True)
    ]
    return _means(values, count), [low for low, _ in ends], [high for _, high in ends]
