"""The plan of an experiment: its knobs, its rule in words, and the same rule as a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.errors import UserError
from core.messages.findings import Chart, Knobs, Number, Verdict

if TYPE_CHECKING:
    from core.runs import Progress, RunFile


class Decision(NamedTuple):
    """What the rule says, and the sentence that leads there from the numbers."""

    verdict: Verdict
    why: str


Measured = Mapping[str, Number]


class Calculation(NamedTuple):
    """What follows from the knobs alone, by arithmetic: a table, and the charts that go with it."""

    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float, ...]]
    """By what they are about; one number a column."""
    charts: list[Chart]


class OfRun(NamedTuple):
    """The knobs with which a person's own run is what is reckoned with."""

    knobs: Mapping[str, float | str]
    told: str
    """What of the run they are, in one clause."""


@dataclass(frozen=True)
class Knob:
    """Something that a person may change before an experiment runs."""

    name: str
    about: str
    quick: float | str
    thorough: float | str
    low: float = 0
    high: float = 0
    step: float = 1
    choices: tuple[str, ...] = ()
    """Where there are any, the value is one of these words; else a number from `low` to `high`."""
    log: bool = False
    """Whether it is turned by shares of its value, since it spans several powers of ten."""

    def checked(self, value: float | str) -> float | str:
        """`value` as this knob takes it. Raises UserError for one that it does not."""
        if self.choices:
            if value in self.choices:
                return value
            raise UserError(f"{self.name} cannot be {value}.", hint=f"Choose from {', '.join(self.choices)}.")
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not self.low <= number <= self.high:
            raise UserError(f"{self.name} cannot be {value}.", hint=f"Give {self.low:g} to {self.high:g}.")
        return number


@dataclass(frozen=True)
class Plan:
    """What will be measured for a claim, and what would support or refute it."""

    claim: str
    """C1 to C10."""
    name: str
    """The noun that its file has here and in `core.experiments`."""
    title: str
    """What is measured, in one line."""
    about: str
    """Two or three sentences for a person who is about to run it."""
    rule: str
    """The decision rule in words, with its thresholds."""
    decide: Callable[[Measured], Decision]
    literature: Verdict
    differs: str
    """Why the verdict measured here may differ from that of the literature: size, data, machine."""
    knobs: tuple[Knob, ...] = ()
    models: tuple[str, ...] = ()
    """The bundled models it opens; empty where it makes networks of its own."""
    seconds: float = 60
    """About how long the quick form takes on two cores."""
    thorough_seconds: float = 600
    calculate: Callable[[Knobs], Calculation] | None = None
    """What settled knobs come to before anything is measured, in well under a millisecond: it is shown as they turn."""
    of_run: Callable[[RunFile, Progress | None], OfRun] | None = None
    """The knobs with which a person's own run is what it measures. Raises UserError for a run that has none yet."""

    def settle(self, thorough: bool, given: Mapping[str, float | str]) -> Knobs:
        """Every knob with its value: the given one, else that of the form. Raises UserError for what does not fit."""
        known = {knob.name: knob for knob in self.knobs}
        if unknown := sorted(given.keys() - known.keys()):
            said = f"Its knobs are {', '.join(known)}." if known else "It has no knobs."
            raise UserError(f"The experiment of {self.claim} has no knob {unknown[0]}.", hint=said)
        return {
            name: knob.checked(given.get(name, knob.thorough if thorough else knob.quick))
            for name, knob in known.items()
        }
