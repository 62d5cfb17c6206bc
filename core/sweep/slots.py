"""Which positions of a window are asked, and in which order: its ends first, then some between, then all. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import UserError

END = 6
"""Positions that count as one end of a window."""
BETWEEN = 12
"""Positions between the ends that a first look takes."""


def ends(length: int) -> list[int]:
    """The first and the last positions of a window."""
    return sorted({*range(min(END, length)), *range(max(0, length - END), length)})


def quick(length: int) -> list[int]:
    """The ends, and `BETWEEN` positions at equal distances between them."""
    first, last = END - 1, length - END
    steps = (round(first + (last - first) * step / (BETWEEN + 1)) for step in range(1, BETWEEN + 1))
    return sorted({*ends(length), *(place for place in steps if first < place < last)})


def middle(positions: Sequence[int], length: int) -> list[int]:
    """Of `positions` those in the middle half of a window, far from both ends."""
    return [place for place in positions if length / 4 <= place < length * 3 / 4]


def chosen(asked: Sequence[int], length: int) -> list[int]:
    """The positions to sweep in ascending order; all where none is asked for. Negative ones count from the end.

    Raises UserError where none of them is in the window.
    """
    found = sorted({place % length for place in asked or range(length) if -length <= place < length})
    if not found:
        raise UserError(f"No such position: a window has {length}, from 0 to {length - 1}.")
    return found


def order(positions: Sequence[int], length: int) -> list[list[int]]:
    """`positions` in two parts: those of a first look, and the rest."""
    first = set(quick(length))
    parts = [[place for place in positions if (place in first) is wanted] for wanted in (True, False)]
    return [part for part in parts if part]
