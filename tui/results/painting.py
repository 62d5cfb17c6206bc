"""How one word of a text is marked: a glyph, a number and the name of a colour, never a colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from core.messages import WordScore
from tui.results import ranks
from tui.results.reading import SIGNS, number, place
from tui.widgets.bars import STEPS, step

Colour = Literal["bits", "rank", "difference"]
COLOURS: tuple[Colour, ...] = ("bits", "rank", "difference")
CLEAR, STRONG = 1.0, 4.0
"""Bits from which a difference counts as one, and as a large one."""
LARGE = {"◂": "◀", "▸": "▶"}


class Paint(NamedTuple):
    """What stands after a word, under it, and the style of both."""

    glyph: str
    number: str
    tone: str


def paint(score: WordScore | None, colour: Colour, limits: Sequence[int]) -> Paint:
    """A word under one model, by its bits or by the bucket of its rank; without a score it is grey, never zero."""
    sign = SIGNS.get(score.mark, "") if score else ""
    if score is None or score.surprisal_bits is None or score.rank is None:
        return Paint(sign or SIGNS["first"], "–", "muted")
    if colour == "rank":
        at = ranks.bucket(score.rank, limits)
        return Paint(sign or ranks.GLYPHS[at], place(score.rank), f"rank-{at}")
    at = step(score.surprisal_bits)
    return Paint(sign or STEPS[at], number(score.surprisal_bits), f"step-{at}")


def arrow(value: float, more: str) -> str:
    """`more` for what is over nothing, else the other arrow."""
    return more if value > 0 else "▸" if more == "◂" else "◂"


def apart(value: float | None, more: str) -> Paint:
    """A word by its signed number, with the arrow `more` where it is over nothing and the other one under it."""
    if value is None:
        return Paint("–", "–", "muted")
    if abs(value) < CLEAR:
        return Paint("·", f"{value:+.1f}", "step-0")
    sign, large = arrow(value, more), abs(value) >= STRONG
    return Paint(LARGE[sign] if large else sign, f"{value:+.1f}", f"{'left' if sign == '◂' else 'right'}-{1 + large}")


def arrows(left: str, right: str) -> str:
    """The signs of a difference in words; `left` and `right`: what the two sides mean."""
    return f"◂ {left}  ▸ {right}  · under {CLEAR:.0f} bit  ◀▶ from {STRONG:.0f}"
