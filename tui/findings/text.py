"""A finding as plain lines: the verdict beside that of the literature, why, the numbers, the charts, the rule."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from core.messages import Finding
from tui.clean import clean
from tui.findings import archive, charts
from tui.findings.numbers import interval, said, unit
from tui.text import cells
from tui.words import duration

GAP = "  "


def lines(found: Finding, width: int) -> list[str]:
    """Everything that a person reads of a finding, wrapped to `width`."""
    parts = [
        *_wrapped(f"{found.claim} · {found.title}", width, hang=len(found.claim) + 3),
        clean(f"measured here:     {found.verdict}{_under(found)}"),
        f"in the literature: {found.literature}",
        "",
        *_wrapped(found.why, width),
        *_wrapped(found.differs, width),
        "",
        *numbers(found),
    ]
    for chart in found.charts:
        parts += ["", *charts.lines(chart, width)]
    parts += ["", *_wrapped(f"Rule, fixed beforehand: {found.rule}", width)]
    for said_of_it in [*conditions(found), *(f"note: {note}" for note in found.notes)]:
        parts += _wrapped(said_of_it, width, hang=2)
    return [line.rstrip() for line in parts]


def numbers(found: Finding) -> list[str]:
    """The measured numbers, a line each: name, value, unit, 95 % interval, how many are behind it."""
    rows = [["", "value", "", "95 %", "n"]]
    for name, one in found.measured.items():
        words = clean(name.replace("_", " "))
        rows.append([words, said(one.value, one.unit), clean(unit(one)), interval(one), f"{one.n:,}"])
    if len(rows) == 1:
        return []
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    right = (False, True, False, False, True)
    return [
        GAP.join(
            " " * (width - cells(cell)) + cell if ends else cell + " " * (width - cells(cell))
            for cell, width, ends in zip(row, widths, right, strict=True)
        )
        for row in rows
    ]


def conditions(found: Finding) -> Iterator[str]:
    """On what it was measured, how, and how long that took."""
    form = "thorough" if found.thorough else "quick"
    knobs = "".join(f", {name} {knob(value)}" for name, value in found.knobs.items())
    yield f"{form} form, seed {found.seed}{knobs}, on {found.device}, {duration(found.seconds)}"
    for name, what in found.models.items():
        yield f"{name}: {what}"


def headline(found: Finding) -> str:
    """The two verdicts in one line."""
    return clean(f"{found.claim}: {found.verdict}{_under(found)}; in the literature {found.literature}. {found.title}")


def _under(found: Finding) -> str:
    """What the verdict was measured under that makes it no verdict on the claim."""
    chosen = archive.control(found)
    return f" under the control {chosen}" if chosen else ""


def knob(value: float | str) -> str:
    """What a knob stands at."""
    return value if isinstance(value, str) else f"{value:g}"


def _wrapped(text: str, width: int, hang: int = 0) -> list[str]:
    return wrap(clean(text), width, subsequent_indent=" " * hang) if text else []
