"""What an experiment found: the numbers it measured, a verdict by a rule fixed beforehand, and its charts."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from core.messages.results import FORMAT, Struct

Verdict = Literal["supported", "refuted", "mixed", "inconclusive"]
"""Of the claim as it is worded, not of the experiment. `inconclusive`: the intervals do not allow any of the others."""
Knobs = dict[str, float | str]


class Number(Struct, frozen=True):
    """One measured number. `low` and `high` are its 95 % interval where it has one."""

    value: float | None
    """None where there was nothing to measure."""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    n: int = 1
    """Repetitions, targets or examples behind it."""


class Line(Struct, frozen=True):
    """One series of a chart; `low` and `high`, where given, are a band as long as `y`."""

    name: str
    x: list[float]
    y: list[float | None]
    low: list[float | None] = field(default_factory=list)
    high: list[float | None] = field(default_factory=list)


class Chart(Struct, frozen=True):
    """What was measured as a picture. A front end may draw it as it likes.

    `lines` and `bars` use `lines`; bars stand at x = 0, 1, … and are named by `ticks`. `heat` uses `cells`, one row a
    list, with `row_ticks` at their left and `ticks` below.
    """

    title: str
    kind: Literal["lines", "bars", "heat"] = "lines"
    x: str = ""
    """What the axis counts, with its unit."""
    y: str = ""
    lines: list[Line] = field(default_factory=list)
    log_x: bool = False
    log_y: bool = False
    ticks: list[str] = field(default_factory=list)
    row_ticks: list[str] = field(default_factory=list)
    cells: list[list[float | None]] = field(default_factory=list)


class Finding(Struct, frozen=True):
    """The result of an experiment. On the way there (`complete` is false) the verdict is that of nobody yet."""

    claim: str
    """C1 to C10."""
    title: str
    """What was measured, in one line."""
    verdict: Verdict
    why: str
    """The sentence that leads from the numbers to the verdict."""
    rule: str
    """The rule, as it stood before anything was measured."""
    literature: Verdict
    """What published work says of the claim."""
    differs: str
    """Where the two verdicts differ: why that can be. Else empty."""
    measured: dict[str, Number]
    charts: list[Chart]
    knobs: Knobs
    seed: int
    thorough: bool
    models: dict[str, str]
    """What was measured, exactly: a model's revision, or the shape and seed of a network made for it."""
    device: str
    notes: list[str] = field(default_factory=list)
    """What a reader of the numbers must know, in sentences for a person."""
    seconds: float = 0.0
    complete: bool = True
    version: int = FORMAT
