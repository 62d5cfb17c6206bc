"""C10: the budgets of published recipes and of the reader's own. Nothing is measured; it is multiplied out."""

from __future__ import annotations

from collections.abc import Mapping

from core.claims.budget import GPT1, WORDS, Recipe, amounts, charts, every, spent
from core.experiments.experiment import Lab, Measurement
from core.messages import Number

UNITS = {"steps": "steps", "batch": "tokens a step", "tokens": "tokens", "targets": "targets", "flops": "FLOP"}


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """The same numbers whatever the seed."""
    lab.report(0, 1, "multiplying out the recipes")
    recipes = every(knobs)
    bert = recipes["bert"]
    numbers = {
        f"{name}_{what}": Number(value, UNITS[what])
        for name, recipe in recipes.items()
        for what, value in amounts(recipe).items()
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
        charts(recipes),
        {name: _told(recipe) for name, recipe in recipes.items()},
        [
            "GPT here is GPT-1. The claim counts words; the papers count tokens, which are words or pieces of words.",
            "GPT-1's paper gives 100 epochs and no number of steps; at its batch those are more than two million.",
            "BERT's batch is assumed to have had 256 windows at both lengths.",
        ],
    )


def _told(recipe: Recipe) -> str:
    said = (f"{recipe.steps:,.0f} steps of {recipe.batch:,.0f} windows, {recipe.length:,.0f} tokens each; "
            f"{100 * recipe.asked:g} % of them asked about; {recipe.parameters / 1e6:,.4g}M parameters")  # fmt: skip
    return (
        f"{said}; {100 * recipe.short:g} % of the steps with {recipe.short_length:g} tokens" if recipe.short else said
    )
