"""How far a model falls from the middle of a window to its end, and how much of that is the window's surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.messages import Estimate, Fall, Waterfall
from core.sweep.scores import Scores
from core.text.stream import generator

KEY = 22
"""Part of the key of this file's random numbers, beside the seed."""


class _Share(NamedTuple):
    """A share of hits over all windows, and the same in every resample (N,)."""

    value: float
    resampled: np.ndarray


def resamples(windows: int, count: int, seed: int) -> np.ndarray:
    """How often each window is drawn, (count, windows): as many draws with replacement as there are windows."""
    return generator(seed, KEY).multinomial(windows, np.full(windows, 1 / windows), size=count).astype(np.float64)


def fall(condition: str, scores: Scores, middle: list[int], last: int, draws: np.ndarray) -> Fall | None:
    """From `middle` to `last`; None where one of them has no target."""
    shares = _ends(scores, middle, last, draws)
    if shares is None:
        return None
    from_middle, at_last = shares
    read = int((scores.hits([last])[1] > 0).sum())
    return Fall(
        condition=condition,
        middle=from_middle.value,
        last=at_last.value,
        fall=_estimate(from_middle.value - at_last.value, from_middle.resampled - at_last.resampled),
        windows=read,
    )


def waterfall(
    bare: Scores, trained: Scores, condition: str, middle: list[int], last: int, draws: np.ndarray
) -> Waterfall | None:
    """The fall without special tokens beside that in the training format `condition`, on the same draws of windows.

    None where one of them has no target in the middle or at the end. Scores and `draws` are of the same windows.
    """
    parts = [_ends(scores, middle, last, draws) for scores in (bare, trained)]
    falls = fall("bare", bare, middle, last, draws), fall(condition, trained, middle, last, draws)
    if parts[0] is None or parts[1] is None or falls[0] is None or falls[1] is None:
        return None
    (bare_middle, bare_last), (middle_trained, last_trained) = parts[0], parts[1]
    difference = falls[0].fall.value - falls[1].fall.value
    artefact = (bare_middle.resampled - bare_last.resampled) - (middle_trained.resampled - last_trained.resampled)
    return Waterfall(bare=falls[0], trained=falls[1], artefact=_estimate(difference, artefact))


def _ends(scores: Scores, middle: list[int], last: int, draws: np.ndarray) -> tuple[_Share, _Share] | None:
    shares = [_share(*scores.hits(positions), draws) for positions in (middle, [last])]
    return None if shares[0] is None or shares[1] is None else (shares[0], shares[1])


def _share(hits: np.ndarray, targets: np.ndarray, draws: np.ndarray) -> _Share | None:
    """All hits over all targets: windows weigh as many targets as they have."""
    if not targets.sum():
        return None
    with np.errstate(invalid="ignore"):  # a draw without any target has no share; it is left out of the interval
        return _Share(float(hits.sum() / targets.sum()), (draws @ hits) / (draws @ targets))


def _estimate(value: float, resampled: Sequence[float] | np.ndarray) -> Estimate:
    """A value with the middle 95 % of its resamples (percentile bootstrap)."""
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return Estimate(value=value, low=float(low), high=float(high))
