"""One experiment from request to finding."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol

import torch

from core.claims import every
from core.claims.plan import Decision, Plan
from core.messages import Chart, Experiment, Finding, Knobs, Number
from core.models.model import Model


class Report(Protocol):
    """How far the experiment is; raises `core.errors.Cancelled` when nobody wants it any longer."""

    def __call__(self, done: int, total: int, note: str) -> None: ...


@dataclass(frozen=True)
class Lab:
    """What an experiment works with."""

    open: Callable[[str], Model]
    """A model by its name."""
    device: torch.device
    report: Report
    show: Callable[[Sequence[Chart]], None]
    """The charts as far as they got; may be called as often as one likes."""


@dataclass
class Measurement:
    """What an experiment hands over."""

    numbers: dict[str, Number]
    charts: list[Chart]
    models: dict[str, str]
    """What was measured, exactly: `named(model)`, or the shape and the seed of a network made for it."""
    notes: list[str] = field(default_factory=list)


def named(model: Model) -> str:
    """A model, exactly enough to measure it again."""
    who = model.identity
    return f"{who.architecture}, {who.parameters:,} parameters, weights {who.revision}, {who.dtype}"


PARTIAL_SECONDS = 1.0
"""Between two partial results."""


def run(
    request: Experiment,
    open_model: Callable[[str], Model],
    device: torch.device,
    report: Report,
    show: Callable[[Finding], None],
) -> Finding:
    """Measure what the plan of the claim says, then decide by its rule.

    `report(done, total, note)` may raise to cancel; `show` gets an unfinished finding about once a second. Raises
    UserError for a claim without an experiment and for knobs that it does not have.
    """
    plan = every.find(request.claim)
    knobs = plan.settle(request.thorough, request.knobs)
    begun = time.perf_counter()
    told = begun - PARTIAL_SECONDS
    control = knobs.get("control", "none")
    changed = [] if control == "none" else [f"A control: {control}. The verdict is about what was changed so."]

    def finding(decided: Decision, measured: Measurement, complete: bool) -> Finding:
        return Finding(
            claim=plan.claim, title=plan.title, verdict=decided.verdict, why=decided.why, rule=plan.rule,
            literature=plan.literature, differs=plan.differs if complete and decided.verdict != plan.literature else "",
            measured=measured.numbers, charts=measured.charts, knobs=knobs, seed=request.seed,
            thorough=request.thorough, models=measured.models, device=str(device), notes=measured.notes + changed,
            seconds=time.perf_counter() - begun, complete=complete,
        )  # fmt: skip

    def show_charts(charts: Sequence[Chart]) -> None:
        nonlocal told
        if time.perf_counter() - told >= PARTIAL_SECONDS:
            told = time.perf_counter()
            part = Measurement({}, list(charts), {})
            show(finding(Decision("inconclusive", "It is still being measured."), part, complete=False))

    measured = _measure(plan, Lab(open_model, device, report, show_charts), knobs, request.seed)
    return finding(plan.decide(measured.numbers), measured, complete=True)


def _measure(plan: Plan, lab: Lab, knobs: Knobs, seed: int) -> Measurement:
    """The function `measure(lab, knobs, seed)` of the module that has the plan's noun."""
    measure: Callable[[Lab, Mapping[str, float | str], int], Measurement]
    measure = import_module(f"core.experiments.{plan.name}").measure
    return measure(lab, knobs, seed)
