"""How far two models are apart at one word: by bits, by rank, or by what they expected."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.messages import By, Candidate, WordScore

TOP = 10
"""Candidates of each model that are laid over each other."""


def apart(by: By, first: WordScore, second: WordScore) -> float | None:
    """The measure `by` at a word (see `core.messages.By`); None where one of them has no score to be compared.

    A word that a tokenizer drops has none; one that it reads as unknown has a number, which is about another word.
    """
    if first.mark or second.mark:
        return None
    if by == "bits":
        return surprisals(first, second)
    if by == "rank":
        assert first.rank is not None and second.rank is not None
        return math.log2(second.rank / first.rank)
    return jaccard(first.top, second.top)


def surprisals(first: WordScore, second: WordScore) -> float:
    """Bits of the second minus those of the first."""
    assert first.surprisal_bits is not None and second.surprisal_bits is not None
    return second.surprisal_bits - first.surprisal_bits


def jaccard(first: Sequence[Candidate], second: Sequence[Candidate]) -> float:
    """|A and B| / |A or B| of the words that two lists spell, between 0 and 1.

    Vocabularies differ, so words are compared without the space before them and in lower case.
    """
    one, other = ({candidate.text.strip().casefold() for candidate in top[:TOP]} for top in (first, second))
    return len(one & other) / len(one | other)


def strength(by: By, value: float) -> float:
    """What the words are ordered by, the greatest first: the size of a difference, or how little is in common."""
    return -value if by == "overlap" else abs(value)
