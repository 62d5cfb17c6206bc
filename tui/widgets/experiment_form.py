"""The knobs of an experiment as a small form in lines of text: which one is under the cursor, and what it is set to."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from core.claims.plan import Knob, Plan
from core.errors import UserError
from tui.text import shorten

SEED = Knob("seed", "Another seed draws other examples and other weights", 1, 1, low=0, high=9999)
NAME, VALUE, TRACK = 20, 20, 12
"""Columns, at most, of a knob's name, of its value, and of the track that shows where the value lies."""
Value = float | str


def knobs(plan: Plan) -> tuple[Knob, ...]:
    """What a person may change: the knobs of the plan, and the seed."""
    return (*plan.knobs, SEED)


def stepped(knob: Knob, value: Value, by: int) -> Value:
    """`value` after `by` steps: the next word round the ends, or a number that stays within its bounds."""
    if knob.choices:
        return knob.choices[(knob.choices.index(str(value)) + by) % len(knob.choices)]
    number = min(knob.high, max(knob.low, float(value) + by * knob.step))
    try:
        return knob.checked(round(number, 9))
    except UserError:
        return value


def lines(plan: Plan, changed: Mapping[str, Value], cursor: int | None) -> list[Content]:
    """One line a knob, and one that explains the knob under the cursor.

    A star marks a changed one, an arrow the one under the cursor.
    """
    every = knobs(plan)
    said = [_said(changed.get(knob.name, knob.quick)) for knob in every]
    name = min(NAME, max(len(knob.name) for knob in every))
    value = min(VALUE, max(map(len, said)))
    found = []
    for at, (knob, text) in enumerate(zip(every, said, strict=True)):
        mark = ("▸" if at == cursor else " ") + ("*" if knob.name in changed else " ")
        track = "" if knob.choices else _track(knob, float(changed.get(knob.name, knob.quick)))
        line = (
            f"{mark}{shorten(knob.name.replace('_', ' '), name):<{name}}  ‹ {shorten(text, value):^{value}} ›  {track}"
        )
        found.append(Content.styled(line, "bold reverse" if at == cursor else ""))
    about = "tab comes here, ↑↓ go to a knob, ←→ turn it" if cursor is None else _about(every[cursor])
    return [*found, Content.styled(f"  {about}", "$text-muted")]


def _about(knob: Knob) -> str:
    """What a knob is, and what can be chosen."""
    if knob.choices:
        return f"{knob.about}: {', '.join(knob.choices)}"
    other = "" if knob.thorough == knob.quick else f"; quick {_said(knob.quick)}, thorough {_said(knob.thorough)}"
    return f"{knob.about}: {knob.low:g} to {knob.high:g}{other}"


def _track(knob: Knob, value: float) -> str:
    span = knob.high - knob.low
    at = round((value - knob.low) / span * (TRACK - 1)) if span > 0 else 0
    return "─" * at + "●" + "─" * (TRACK - 1 - at)


def _said(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"
