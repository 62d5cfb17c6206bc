"""`lookboth check --list`: the claims that can be checked, and what was found of them here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from core.claims.plan import Knob, Plan
from tui.clean import clean
from tui.findings import archive, text
from tui.headless import tables
from tui.headless.output import print_json
from tui.words import duration

WIDE = 80


def show(plans: Sequence[Plan], whole: bool, as_json: bool) -> None:
    """A line a claim; `whole`: all about each of them."""
    if as_json:
        print_json([_object(plan) for plan in plans])
    elif whole:
        for number, plan in enumerate(plans):
            tables.show([*([""] if number else []), *_about(plan)])
    else:
        heads = ["claim", "noun", "in the literature", "measured here", "when", "form", "takes", "what is measured"]
        tables.show(tables.table(heads, [_row(plan) for plan in plans]))


def _row(plan: Plan) -> tuple[str, ...]:
    kept = archive.latest(plan.claim)
    found = kept.finding if kept else None
    verdict, form = (found.verdict, _form(found.thorough)) if found else ("", "")
    when = _when(kept.made) if kept else ""
    return plan.claim, plan.name, plan.literature, verdict, when, form, duration(plan.seconds), plan.title


def _about(plan: Plan) -> Iterator[str]:
    yield f"{plan.claim} ({plan.name}) · {plan.title}"
    takes = f"quick form about {duration(plan.seconds)}, thorough about {duration(plan.thorough_seconds)}"
    for part in (plan.about, f"In the literature: {plan.literature}.", f"Rule: {plan.rule}", f"It takes: {takes}."):
        yield from wrap(part, WIDE)
    if plan.knobs:
        rows = [
            (knob.name, text.knob(knob.quick), text.knob(knob.thorough), _range(knob), knob.about)
            for knob in plan.knobs
        ]
        yield from ["", *tables.table(["knob", ">quick", ">thorough", "takes", "what it is"], rows)]
    mine = [one for one in archive.every() if one.path.name.startswith(f"{plan.claim}-")]
    if mine:
        yield ""
    for one in mine:
        found = one.finding
        what = f"damaged: {one.trouble}"
        if found:
            under = archive.control(found)
            said = [
                found.verdict,
                _form(found.thorough),
                f"seed {found.seed}",
                *([f"control {under}"] if under else []),
            ]
            what = ", ".join(said)
        yield clean(f"{_when(one.made)}  {one.path.name}  {what}")


def _range(knob: Knob) -> str:
    return ", ".join(knob.choices) or f"{knob.low:g} to {knob.high:g}"


def _form(thorough: bool) -> str:
    return "thorough" if thorough else "quick"


def _when(made: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(made))


def _object(plan: Plan) -> dict[str, Any]:
    kept = archive.latest(plan.claim)
    knobs = {
        knob.name: {"quick": knob.quick, "thorough": knob.thorough, "takes": _range(knob), "about": knob.about}
        for knob in plan.knobs
    }
    return {
        "claim": plan.claim, "name": plan.name, "title": plan.title, "about": plan.about, "rule": plan.rule,
        "literature": plan.literature, "seconds": plan.seconds, "thorough_seconds": plan.thorough_seconds,
        "knobs": knobs, "latest": kept and {"path": str(kept.path), "made": kept.made, "finding": kept.finding},
    }  # fmt: skip
