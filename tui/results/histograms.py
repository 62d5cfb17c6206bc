"""Three small histograms of a compared text: rank buckets, p over the best p and entropy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.messages import Comparison, WordScore
from tui.results import ranks

TENTHS = tuple(f"{at / 10:.1f}" for at in range(10))
WIDTH, BINS = 2, 8
"""Bits of a bin of entropy, and how many there are: the last holds all above."""


@dataclass(frozen=True)
class Histogram:
    """How many words lie in each bin, by model."""

    title: str
    about: str
    bins: tuple[str, ...]
    counts: dict[str, list[int]]
    left_out: dict[str, int]
    """Words of each model that have no such number."""


def of(comparison: Comparison, names: Sequence[str], limits: Sequence[int]) -> list[Histogram]:
    """The three histograms of the whole text."""
    scores = {name: [word.scores[name] for word in comparison.words] for name in names}
    entropy = (*(str(WIDTH * at) for at in range(BINS - 1)), f"{WIDTH * (BINS - 1)}+")
    return [
        _made("rank", "words by rank", tuple(ranks.names(limits)), scores, lambda one: _bucket(one, limits)),
        _made("p/p(top)", "p of words of one piece over p of the first choice", TENTHS,
              scores, _share),
        _made("entropy", "bits of the full distribution at the first piece", entropy, scores, _entropy),
    ]  # fmt: skip


def _made(
    title: str,
    about: str,
    bins: tuple[str, ...],
    scores: dict[str, list[WordScore]],
    place: Callable[[WordScore], int | None],
) -> Histogram:
    counts = {name: [0] * len(bins) for name in scores}
    missing = dict.fromkeys(scores, 0)
    for name, column in scores.items():
        for score in column:
            if (at := place(score)) is None:
                missing[name] += 1
            else:
                counts[name][at] += 1
    return Histogram(title, about, bins, counts, missing)


def _bucket(score: WordScore, limits: Sequence[int]) -> int | None:
    return None if score.rank is None else ranks.bucket(score.rank, limits)


def _share(score: WordScore) -> int | None:
    """The tenth of p/p(top). Of a word of several pieces the first piece's own probability is not known here."""
    if score.surprisal_bits is None or len(score.pieces) != 1 or not score.top or score.top[0].prob <= 0:
        return None
    return min(9, int(10 * 2**-score.surprisal_bits / score.top[0].prob + 1e-6))


def _entropy(score: WordScore) -> int | None:
    """The bin of the entropy over the whole vocabulary; GLTR's is over the ten likeliest, renormalised."""
    return (
        None
        if score.entropy_bits is None or score.surprisal_bits is None
        else min(BINS - 1, int(score.entropy_bits / WIDTH))
    )
