"""A signed number for every word: how far two models are apart, or what a masked model gained from the right side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.messages import Comparison, Word
from tui.results.reading import LEFT, label

GAIN = "gain from the right side (includes BERT's poor left-only reading)"
"""What the difference of the two pseudo-log-likelihoods is, and what it is not."""


@dataclass(frozen=True)
class Gap:
    """Bits, one number a word, null where one of the two scores is missing."""

    title: str
    values: Sequence[float | None]
    more: str
    """The sign of a word whose number is over nothing: ▸ or ◂, the other of which is for those under it."""
    sides: tuple[str, str]
    """What ◂ and ▸ say of a word."""


def difference(word: Word, pair: tuple[str, str]) -> float | None:
    """Bits of the second model minus bits of the first; None where either has no score."""
    first, second = (word.scores.get(name) for name in pair)
    if first is None or second is None or first.surprisal_bits is None or second.surprisal_bits is None:
        return None
    return second.surprisal_bits - first.surprisal_bits


class _Differences(Sequence[float | None]):
    """The difference of every word, made when it is looked at: of a long text a page is on screen."""

    def __init__(self, words: Sequence[Word], pair: tuple[str, str]) -> None:
        self._words, self._pair = words, pair

    def __len__(self) -> int:
        return len(self._words)

    def __getitem__(self, index: Any) -> Any:
        return difference(self._words[index], self._pair)


def between(comparison: Comparison, pair: tuple[str, str]) -> Gap:
    """The second model's bits minus the first's: ◂ the first found the word easier, ▸ the second."""
    easier = f"{label(pair[0])} easier", f"{label(pair[1])} easier"
    return Gap(f"{label(pair[1])}−{label(pair[0])}", _Differences(comparison.words, pair), "◂", easier)


def gained(name: str, values: Sequence[float | None]) -> Gap:
    """What a model gained from the right side: ▸ where it helped, ◂ where it did harm."""
    return Gap(f"{label(name)} gain", values, "▸", ("it did harm", "it helped"))


def masked(comparison: Comparison) -> list[str]:
    """The models that read both sides here, so that the right side may be taken from them."""
    return [name for name, one in comparison.models.items() if one.kind == "masked" and one.method not in LEFT]


def belongs(left: Comparison | None, full: Comparison) -> bool:
    """Whether `left` is the same text under the same masked models, read from the left alone."""
    if left is None or left.text != full.text:
        return False
    same = [name in left.models and left.models[name].identity == full.models[name].identity for name in masked(full)]
    return bool(same) and all(same) and all(one.method in LEFT for one in left.models.values())


def gains(full: Comparison, left: Comparison) -> dict[str, list[float | None]]:
    """For every masked model and word: bits without the right side minus bits with it. Positive: the right helped.

    `left` may cut the text finer than `full`, where other models joined words: its words then add up.
    """
    found = {}
    for name in masked(full):
        alone = _bits(left, name, full.words)
        both = [word.scores[name].surprisal_bits for word in full.words]
        found[name] = [
            None if one is None or other is None else one - other for one, other in zip(alone, both, strict=True)
        ]
    return found


def _bits(left: Comparison, name: str, words: Sequence[Word]) -> Iterator[float | None]:
    """The bits of all words of `left` that lie in each of `words`; None where one has none, or crosses an edge."""
    at = 0
    for word in words:
        total: float | None = 0.0
        covered = 0
        while at < len(left.words) and left.words[at].start < word.end:
            part = left.words[at]
            bits = part.scores[name].surprisal_bits
            inside = part.start >= word.start and part.end <= word.end
            total = total + bits if inside and bits is not None and total is not None else None
            covered, at = covered + 1, at + 1
        yield total if covered else None
