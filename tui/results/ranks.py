"""Rank buckets: the steps of GLTR (Gehrmann, Strobelt and Rush 2019), whose thresholds a person may change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from core.errors import UserError

DEFAULT = (10, 100, 1000)
"""The last ranks of the buckets; one more bucket holds the rest. Rank 1 is the most likely."""
GLYPHS = "▁▃▅▇"


def bucket(rank: int, limits: Sequence[int]) -> int:
    """Which bucket `rank` belongs to, 0 for the likeliest."""
    return bisect_left(limits, rank)


def names(limits: Sequence[int]) -> list[str]:
    """What the buckets are called."""
    return [*(f"≤{limit}" for limit in limits), f">{limits[-1]}"]


def legend(limits: Sequence[int]) -> str:
    """The buckets in words, for a person who sees no colours."""
    return "rank: " + " ".join(f"{glyph} {name}" for glyph, name in zip(GLYPHS, names(limits), strict=True))


def parse(text: str) -> tuple[int, ...]:
    """Three rising ranks, as a person types them. Raises UserError for anything else."""
    parts = text.replace(",", " ").split()
    if len(parts) != len(DEFAULT) or not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
        raise UserError("Give three whole numbers.", hint="For example: 10 100 1000.")
    limits = tuple(int(part) for part in parts)
    if not sound(limits):
        raise UserError("The numbers must rise, from at least 1.", hint="For example: 10 100 1000.")
    return limits


def sound(limits: Sequence[int]) -> bool:
    """Whether these can be the thresholds."""
    return len(limits) == len(DEFAULT) and limits[0] >= 1 and all(a < b for a, b in pairwise(limits))
