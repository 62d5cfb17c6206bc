"""The strands of a sweep: each model in each condition, and what others published, with a glyph and a colour each."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import NamedTuple

from core.messages import Curves, Published, Series
from tui.charts.series import Panel, Point
from tui.charts.series import Series as Drawn
from tui.sweeps.measure import MEASURES, Measure, Values
from tui.sweeps.numbers import NONE, percent

GLYPHS = "*o+#%@&$=~^ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TONES = (0, 1, 2, 4, 5, 3)
"""The order of colours: the first four are told apart best."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""Glyphs of what others published."""
SEEN = ("gpt2", "bert-base-uncased")
"""The published curves that are drawn besides those with the name of a model that was swept."""


class Strand(NamedTuple):
    """One line that may be drawn."""

    name: str
    about: str
    """Its condition, where the name does not say it."""
    glyph: str
    tone: int
    measured: Series | None = None
    published: Published | None = None


def strands(found: Curves) -> list[Strand]:
    """Those of the training formats first, what others published last."""
    order = sorted(found.series.items(), key=lambda pair: pair[0] != pair[1].model)
    measured = [
        Strand(name, one.condition if name == one.model else "", GLYPHS[at % len(GLYPHS)], TONES[at % len(TONES)], one)
        for at, (name, one) in enumerate(order)
    ]
    published = [
        Strand(f"published {one.model}", "", LETTERS[at % len(LETTERS)], at, None, one)
        for at, one in enumerate(found.published)
    ]
    return [*measured, *published]


def at_first(found: Curves) -> set[str]:
    """The strands that are drawn until somebody chooses: training formats, bare windows, and published ones."""
    own = {name for name, one in found.series.items() if name == one.model or one.condition == "bare"}
    models = {name.rpartition("/")[2] for name in found.models}
    alike = {one.model for one in found.published} & models | {*SEEN}
    return own | {f"published {one.model}" for one in found.published if one.model in alike}


def panel(found: Curves, drawn: Collection[str], measure: Measure, shaded: Collection[str]) -> Panel:
    """A chart of the strands named in `drawn`; of those in `shaded` with the 95 % intervals."""
    chosen = [one for one in strands(found) if one.name in drawn]
    lines, edges, behind = [], [], []
    for one in chosen:
        label = f"{one.name} ({one.about})" if one.about else one.name
        if one.published and measure is MEASURES[0]:
            behind.append(Drawn(label, _published(one.published), "behind", one.glyph, one.tone))
        if one.measured:
            lines.append(
                Drawn(label, _points(found, measure.values(one.measured), measure), "line", one.glyph, one.tone)
            )
            if one.name in shaded and measure.edges:
                low, high = (_points(found, values, measure) for values in measure.edges(one.measured))
                edges.append(Drawn(label, low, "band", one.glyph, one.tone, high))
    ends = [(found.positions[0], math.nan), (found.positions[-1], math.nan)]
    whole = Drawn("", ends, "raw")  # so that the axis is whole from the first result on
    title = f"{measure.title}, by position in {found.unit} from 0" + (", shaded: 95 %" if edges else "")
    return Panel("sweep", title, (whole, *edges, *behind, *lines), noisy=False)


def _points(found: Curves, values: Values, measure: Measure) -> list[Point]:
    """Where something was measured; what will be measured later is no gap."""
    return [(at, measure.height(y)) for at, y in zip(found.positions, values, strict=True) if y is not None]


def _published(one: Published) -> list[Point]:
    """Single positions, and the mean of five at the middle one; in percent."""
    fives = {first + 2: share for first, share in one.fives.items() if first + 2 not in one.accuracy}
    return [(at, 100 * share) for at, share in sorted((one.accuracy | fives).items())]


class Reading(NamedTuple):
    """What a strand says at one position."""

    value: str
    interval: str
    targets: str
    stop: str
    """The share of a full stop among the first guesses, in percent."""


def read(found: Curves, one: Strand, position: int, measure: Measure) -> Reading:
    """The strand at `position`, which is one of those of the sweep."""
    if one.published:
        value = one.published.accuracy.get(position) if measure is MEASURES[0] else None
        return Reading(percent(value), "", "", "")
    assert one.measured is not None
    place = found.positions.index(position)
    if not (count := one.measured.n[place]):
        return Reading(NONE, "", "", "")
    return Reading(*measure.at(one.measured, place), f"{count:,}", percent(one.measured.stop[place]))


def measured(found: Curves) -> list[int]:
    """The positions at which anything was measured."""
    return _any(found.positions, (one.n for one in found.series.values()))


def _any(positions: list[int], counts: Iterable[list[int]]) -> list[int]:
    return [at for at, *here in zip(positions, *counts, strict=True) if any(here)]
