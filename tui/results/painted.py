"""The rows of paint over a text: one for every model that is shown, or one for their difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tui.results import ranks
from tui.results.painting import Colour, Paint, apart, arrows, paint
from tui.results.reading import label
from tui.results.shown import Shown
from tui.widgets import bars


class Row(NamedTuple):
    """One line of paint under the text: whose it is, and how each word is painted."""

    name: str
    paint: Callable[[int], Paint]


def rows(shown: Shown) -> list[Row]:
    """A row for every model, or one for the difference."""
    if shown.colour == "difference" and (gap := shown.gap) is not None:
        return [Row(gap.title, lambda at: apart(gap.values[at], gap.more))]
    return [_row(shown, name) for name in shown.names]


def _row(shown: Shown, name: str) -> Row:
    words = shown.comparison.words
    colour: Colour = "rank" if shown.colour == "rank" else "bits"
    return Row(label(name), lambda at: paint(words[at].scores.get(name), colour, shown.limits))


def legend(shown: Shown) -> str:
    """The glyphs of this way of painting, in words."""
    if shown.colour == "rank":
        return ranks.legend(shown.limits)
    return arrows(*shown.gap.sides) if shown.colour == "difference" and shown.gap else bars.legend()
