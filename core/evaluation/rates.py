"""Proportions with their intervals."""

from __future__ import annotations

from core.messages import Rate
from core.trio.cloze import wilson


def rate(right: float, n: int) -> Rate:
    """`right` of `n` questions; a question may count in part (a tie counts 0.5)."""
    low, high = wilson(right, n)
    return Rate(value=right / n, low=low, high=high, n=n)
