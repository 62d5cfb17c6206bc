"""The knobs of an experiment as a small form in lines of text: which one is under the cursor, and what it is set to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from textual.content import Content

from core.claims.plan import Knob, Plan
from core.messages.findings import Knobs
from tui.text import shorten

SEED = Knob("seed", "Another seed draws other examples and other weights", 1, 1, low=0, high=9999)
NAME, VALUE, TRACK = 20, 20, 12
"""Columns, at most, of a knob's name, of its value, and of the slider that shows where the value lies."""
DIGITS = 2
"""Digits to which a knob that is turned by shares of its value is turned."""
Value = float | str


class Columns(NamedTuple):
    """Where things stand in a line of the form."""

    name: int
    """Columns of the names."""
    value: int
    """Columns of the values."""

    @property
    def slider(self) -> int:
        """The first column of the sliders."""
        return 2 + self.name + len("  ‹ ") + self.value + len(" ›  ")


def knobs(plan: Plan) -> tuple[Knob, ...]:
    """What a person may change: the knobs of the plan, and the seed."""
    return (*plan.knobs, SEED)


def settled(plan: Plan, changed: Mapping[str, Value]) -> Knobs:
    """Every knob of the plan as it stands, without the seed."""
    return plan.settle(False, {name: value for name, value in changed.items() if name != SEED.name})


def columns(plan: Plan, changed: Mapping[str, Value]) -> Columns:
    """As wide as what stands in them."""
    every = knobs(plan)
    name = min(NAME, max(len(knob.name) for knob in every))
    return Columns(name, min(VALUE, max(len(said(changed.get(knob.name, knob.quick))) for knob in every)))


# --- other values ------------------------------------------------------------------------------------------


def stepped(knob: Knob, value: Value, by: int) -> Value:
    """`value` after `by` steps: the next word round the ends, or a number that stays within its bounds."""
    if knob.choices:
        return knob.choices[(knob.choices.index(str(value)) + by) % len(knob.choices)]
    number = float(value)
    if not knob.log:
        number += by * knob.step
    for _ in range(abs(by) if knob.log else 0):
        number = _neighbour(knob, number, by > 0)
    return _within(knob, number)


def _neighbour(knob: Knob, number: float, up: bool) -> float:
    """The next number of few digits, above or below."""
    inside = number if up else number * (1 - 1e-9)  # below 100 come 99 and 98, above it 110 and 120
    step = max(knob.step, 10.0 ** (math.floor(math.log10(inside)) - DIGITS + 1))
    place = math.floor(number / step + 1e-9) + 1 if up else math.ceil(number / step - 1e-9) - 1
    return max(knob.low, place * step)


def typed(knob: Knob, text: str) -> Value:
    """What a person typed, on the nearest step of the knob. Raises UserError for what it does not take."""
    given = knob.checked(text.strip().replace(",", ""))
    return given if isinstance(given, str) else _on_step(knob, given)


def slid(knob: Knob, column: int) -> Value:
    """The value of a number's knob whose slider stands in this column of it."""
    share = max(0.0, min(1.0, column / (TRACK - 1)))
    if knob.log:
        number = knob.low * (knob.high / knob.low) ** share
        step = 10.0 ** (math.floor(math.log10(number)) - DIGITS + 1)
        return _on_step(knob, round(number / step) * step)
    return _on_step(knob, knob.low + share * (knob.high - knob.low))


def _on_step(knob: Knob, number: float) -> float:
    return _within(knob, knob.low + round((number - knob.low) / knob.step) * knob.step)


def _within(knob: Knob, number: float) -> float:
    return round(min(knob.high, max(knob.low, number)), 9)


# --- drawing -----------------------------------------------------------------------------------------------


def lines(plan: Plan, changed: Mapping[str, Value], cursor: int | None) -> list[Content]:
    """One line a knob, and one that explains the knob under the cursor.

    A star marks a changed one, an arrow the one under the cursor.
    """
    name, room = columns(plan, changed)
    found = []
    for at, knob in enumerate(knobs(plan)):
        value = changed.get(knob.name, knob.quick)
        mark = ("▸" if at == cursor else " ") + ("*" if knob.name in changed else " ")
        slider = "" if knob.choices else _slider(knob, float(value))
        line = f"{mark}{shorten(called(knob), name):<{name}}  ‹ {shorten(said(value), room):^{room}} ›  {slider}"
        found.append(Content.styled(line, "bold reverse" if at == cursor else ""))
    hint = "tab comes here, ↑↓ go to a knob, ←→ turn it" if cursor is None else about(knobs(plan)[cursor])
    return [*found, Content.styled(f"  {hint}", "$text-muted")]


def called(knob: Knob) -> str:
    """Its name for a person."""
    return knob.name.replace("_", " ")


def about(knob: Knob) -> str:
    """What a knob is, and what can be chosen."""
    if knob.choices:
        return f"{knob.about}: {', '.join(knob.choices)}"
    other = "" if knob.thorough == knob.quick else f"; quick {said(knob.quick)}, thorough {said(knob.thorough)}"
    return f"{knob.about}: {said(knob.low)} to {said(knob.high)}{other}"


def said(value: Value) -> str:
    """Its value, with every digit that it has."""
    return value if isinstance(value, str) else f"{value:.10g}"


def _slider(knob: Knob, value: float) -> str:
    low, high, here = map(math.log, (knob.low, knob.high, value)) if knob.log else (knob.low, knob.high, value)
    at = round((here - low) / (high - low) * (TRACK - 1)) if high > low else 0
    return "━" * at + "●" + "─" * (TRACK - 1 - at)
