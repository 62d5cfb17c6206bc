"""Proportions with their intervals."""

from __future__ import annotations

from math import sqrt

from core.messages import Rate


def wilson(right: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of the share `right` of `n` (Wilson 1927)."""
    share, spread = right / n, z * z / n
    middle = share + spread / 2
    half = z * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def rate(right: float, n: int) -> Rate:
    """`right` of `n` questions; a question may count in part (a tie counts 0.5)."""
    low, high = wilson(right, n)
    return Rate(value=right / n, low=low, high=high, n=n)
