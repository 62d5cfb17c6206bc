"""What the knobs of an experiment come to before it runs: a table in lines of text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.claims.plan import Calculation
from tui.text import cells, shorten
from tui.words import short

BIG = 1e12
"""From here on a number is a power of ten."""
NAME = 8
"""Columns of a row's name, at least."""


def lines(calculation: Calculation, width: int) -> list[Content]:
    """A line a row, its numbers to the last digit where `width` allows that, else in few digits."""
    for said, gap in ((_exact, 2), (_brief, 2), (_brief, 1)):
        table = [["", *calculation.columns]]
        table += [[name, *map(said, numbers)] for name, numbers in calculation.rows.items()]
        widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
        rest = width - sum(widths[1:]) - gap * len(widths)
        if widths[0] <= rest:
            break
    widths[0] = max(NAME, min(widths[0], rest))
    head = Content.styled("Worked out at once, as the knobs stand:", "bold")
    return [head, *_drawn(table, widths, gap)]


def _drawn(table: Sequence[Sequence[str]], widths: Sequence[int], gap: int) -> Iterator[Content]:
    between = " " * gap
    for row, (name, *numbers) in enumerate(table):
        columns = "".join(f"{between}{number:>{room}}" for number, room in zip(numbers, widths[1:], strict=True))
        yield Content.styled(f"{between}{shorten(name, widths[0]):<{widths[0]}}{columns}", "" if row else "$text-muted")


def _exact(value: float) -> str:
    if value >= BIG:
        return _brief(value)
    return f"{value:,.0f}" if value >= 1000 or value == round(value) else f"{value:.3f}"


def _brief(value: float) -> str:
    return f"{value:.2e}".replace("e+", "e") if value >= BIG else short(value) if value >= 1000 else f"{value:.3g}"
