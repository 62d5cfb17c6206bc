"""C10: the budgets of published recipes and of the reader's own. Nothing is measured; it is multiplied out."""

from __future__ import annotations

from collections.abc import Mapping

from core.claims.budget import BERT, GPT1, ONE_LENGTH, WORDS, Recipe, spent
from core.experiments.experiment import Lab, Measurement
from core.messages import Chart, Line, Number

UNITS = {"steps": "steps", "batch": "tokens a step", "tokens": "tokens", "targets": "targets", "flops": "FLOP"}
SHORTER = 4
"""Times that a short window of the reader's own run goes into a full one."""


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """The same numbers whatever the seed."""
    lab.report(0, 1, "multiplying out the recipes")
    one_length = BERT._replace(short=0.0)
    bert = one_length if knobs["control"] == ONE_LENGTH else BERT
    recipes = {"gpt1": GPT1, "bert_one_length": one_length, "bert": bert, "own": _own(knobs)}
    numbers = {
        f"{name}_{what}": Number(value, UNITS[what])
        for name, recipe in recipes.items()
        for what, value in _amounts(recipe).items()
    }
    for what in ("tokens", "targets", "flops"):
        ratio = getattr(spent(bert), what) / getattr(spent(GPT1), what)
        numbers[f"{what}_ratio"] = Number(ratio, "BERT's / GPT-1's")
    numbers["bert_epochs"] = Number(spent(bert).tokens / WORDS["bert"], "epochs at most, as a word is a token or more")
    numbers["gpt1_epochs"] = Number(spent(GPT1).tokens / WORDS["gpt1"], "epochs at most, as a word is a token or more")
    # 100 epochs: Radford et al. 2018, section 4.1.
    needed = 100 * WORDS["gpt1"] / spent(GPT1).batch
    numbers["gpt1_steps_of_100_epochs"] = Number(needed, "steps at least, as a word is a token or more")
    return Measurement(
        numbers,
        _charts(recipes),
        {name: _told(recipe) for name, recipe in recipes.items()},
        [
            "GPT here is GPT-1. The claim counts words; the papers count tokens, which are words or pieces of words.",
            "GPT-1's paper gives 100 epochs and no number of steps; at its batch those are more than two million.",
            "BERT's batch is assumed to have had 256 windows at both lengths.",
        ],
    )


def _own(knobs: Mapping[str, float | str]) -> Recipe:
    length = float(knobs["length"])
    return Recipe(
        steps=float(knobs["steps"]),
        batch=float(knobs["batch"]),
        length=length,
        asked=float(knobs["asked"]) / 100,
        parameters=1e6 * float(knobs["parameters"]),
        short=float(knobs["short"]) / 100,
        short_length=length / SHORTER,
    )


def _amounts(recipe: Recipe) -> dict[str, float]:
    return {"steps": recipe.steps, **spent(recipe)._asdict()}


def _told(recipe: Recipe) -> str:
    said = (f"{recipe.steps:,.0f} steps of {recipe.batch:,.0f} windows, {recipe.length:,.0f} tokens each; "
            f"{100 * recipe.asked:g} % of them asked about; {recipe.parameters / 1e6:,.4g}M parameters")  # fmt: skip
    return (
        f"{said}; {100 * recipe.short:g} % of the steps with {recipe.short_length:g} tokens" if recipe.short else said
    )


def _charts(recipes: Mapping[str, Recipe]) -> list[Chart]:
    names = {"gpt1": "GPT-1", "bert_one_length": "BERT as claimed", "bert": "BERT by its schedule", "own": "your run"}
    counted = ("steps", "tokens", "targets", "flops")
    first = _amounts(recipes["gpt1"])
    amounts = {name: _amounts(recipe) for name, recipe in recipes.items()}
    return [
        Chart(
            title="BERT as a multiple of GPT-1", kind="bars", x="counted by", y="times GPT-1", ticks=list(counted),
            lines=[
                Line(names[name], [float(place) for place in range(len(counted))],
                     [amounts[name][what] / first[what] for what in counted])
                for name in ("bert_one_length", "bert")
            ],
        ),
        Chart(
            title="What each run comes to", kind="bars", x="run", y="tokens", ticks=list(names.values()), log_y=True,
            lines=[
                Line(what, [float(place) for place in range(len(names))], [amounts[name][what] for name in names])
                for what in ("tokens", "targets")
            ],
        ),
    ]  # fmt: skip
