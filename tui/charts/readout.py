"""What every series of some charts says at one step, in one line. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tui.charts.series import Panel, Series
from tui.words import short


def readout(shown: Iterable[Panel], rest: Iterable[Panel], step: float, merged: int = 1) -> str:
    """`step 1,200 · masked loss 6.912, held out 6.900 (step 1,000) · …`: a series without a value there is `–`.

    Of the panels that are not on the screen only what has a value is told. `merged` is how many steps one point is
    the mean of: a long run's curve keeps no more.
    """
    parts = [f"step {step:,.0f}" + (f" (means of {merged} steps)" if merged > 1 else "")]
    for panel in shown:
        parts.append(", ".join(value(one, panel, step) for one in panel.series if one.points))
    for panel in rest:
        known = [one for one in panel.series if one.form != "level" and _known(one, step)]
        parts.append(", ".join(value(one, panel, step) for one in known))
    return " · ".join(filter(None, parts))


def _known(one: Series, step: float) -> bool:
    found = one.at(step)
    return found is not None and math.isfinite(found[1])


def value(one: Series, panel: Panel, step: float) -> str:
    """One series at `step`; of runs laid over each other, by the letter that marks it."""
    name = one.label if one.form == "level" or not one.glyph.isalpha() or one.glyph == "o" else one.glyph
    if one.form == "level":
        return name
    name = name if name == one.label or panel.name in ("masked", "causal") else f"{panel.name} {name}"
    found = one.at(step)
    if found is None or not math.isfinite(found[1]):
        return f"{name} –"
    number = f"{found[1]:.3f}" if panel.name in ("masked", "causal", "bits") else short(found[1])
    late = one.form == "dots" and found[0] != step
    return f"{name} {number}" + (f" (step {found[0]:,.0f})" if late else "")
