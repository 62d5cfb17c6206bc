"""Bars and steps made of block characters: a number that can be seen."""

from __future__ import annotations

from bisect import bisect_right

EIGHTHS = " ▏▎▍▌▋▊▉█"
STEPS = "▁▂▃▄▅▆▇"
LIMITS = (1.0, 2.0, 4.0, 7.0, 11.0, 16.0)
"""Bits at which the next step begins: seven steps, one glyph and one colour each."""
FULL = 24.0
"""Bits that fill a bar: the same for every model and text, so that bars can be compared."""


def bar(share: float, cells: int) -> str:
    """`share` (0 to 1) of `cells` columns, in eighths; never empty for what is more than nothing.

    What is more than 1 ends in an arrow: the bar goes on.
    """
    if share > 1 and cells > 0:
        return EIGHTHS[8] * (cells - 1) + "▸"
    eighths = round(max(0.0, min(1.0, share)) * cells * 8)
    if share > 0 and cells > 0:
        eighths = max(1, eighths)
    whole, rest = divmod(eighths, 8)
    return (EIGHTHS[8] * whole + (EIGHTHS[rest] if rest else "")).ljust(cells)


def column(share: float, rows: int, row: int) -> str:
    """One character of an upright bar of `rows` rows: what `share` of it fills in `row`, counted from the top.

    What is more than 1 ends in an arrow: the bar goes on.
    """
    if share > 1 and row == 0:
        return "▴"
    eighths = round(max(0.0, min(1.0, share)) * rows * 8) - 8 * (rows - 1 - row)
    if row == rows - 1 and share > 0:
        eighths = max(1, eighths)
    return " ▁▂▃▄▅▆▇█"[max(0, min(8, eighths))]


def height(bits: float) -> str:
    """The colour of a bar, in three steps: `low`, `mid` or `high`."""
    return ("low", "low", "mid", "mid", "high", "high", "high")[step(bits)]


def step(bits: float) -> int:
    """Which of the seven steps `bits` belongs to, 0 to 6."""
    return bisect_right(LIMITS, bits)


def legend() -> str:
    """The steps in words, for a person who sees no colours."""
    return "bits: " + " ".join(
        f"{glyph} {text}" for glyph, text in zip(STEPS, ("<1", "1", "2", "4", "7", "11", "16+"), strict=True)
    )
