"""C10: what GPT and BERT were trained on. Arithmetic on published recipes, and on one of the reader's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.claims.own_run import SHORTER, knobs_of
from core.claims.plan import Calculation, Decision, Knob, Measured, Plan
from core.messages.findings import Chart, Knobs, Line

ROUNDING = 0.05
"""How far a batch may be from the one in the claim and still be that number, rounded."""
STATED = {"gpt1": 32_000, "bert": 128_000}
"""Words a step in the claim, after Devlin et al. 2019 (arXiv 1810.04805), appendix A.4."""
WORDS = {"gpt1": 800e6, "bert": 3.3e9}
"""Words in the training texts (Devlin et al. 2019, A.2 and A.4)."""
ONE_LENGTH = "one-length"
NAMES = {"gpt1": "GPT-1", "bert_one_length": "BERT, claimed", "bert": "BERT, schedule", "own": "your run"}
"""What the recipes are called on screen."""


class Recipe(NamedTuple):
    """How a model was trained."""

    steps: float
    batch: float
    """Windows in each step."""
    length: float
    """Tokens in a full window."""
    asked: float
    """Share of the tokens that the model has to predict."""
    parameters: float
    short: float = 0.0
    """Share of the steps that had shorter windows."""
    short_length: float = 0.0


class Spent(NamedTuple):
    """What a recipe comes to."""

    batch: float
    """Tokens in a step, on average."""
    tokens: float
    targets: float
    flops: float
    """6 N D: a multiplication and an addition for each parameter and token, forward once and backward twice (Kaplan et
    al. 2020, arXiv 2001.08361, section 2.1)."""


def spent(recipe: Recipe) -> Spent:
    """Tokens read, tokens asked about, and arithmetic."""
    batch = recipe.batch * ((1 - recipe.short) * recipe.length + recipe.short * recipe.short_length)
    tokens = recipe.steps * batch
    return Spent(batch, tokens, tokens * recipe.asked, 6 * recipe.parameters * tokens)


GPT1 = Recipe(steps=1e6, batch=64, length=512, asked=1.0, parameters=117e6)
"""Radford et al. 2018 (batch, length); Devlin et al. 2019, A.4 (steps); Radford et al. 2019, table 2 (parameters)."""
BERT = Recipe(steps=1e6, batch=256, length=512, asked=0.15, parameters=110e6, short=0.9, short_length=128)
"""BERT-base, Devlin et al. 2019, sections 3 and A.2. The batch is assumed to have 256 windows at both lengths."""


def own(knobs: Mapping[str, float | str]) -> Recipe:
    """The reader's, as the knobs say."""
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


def every(knobs: Mapping[str, float | str]) -> dict[str, Recipe]:
    """The published recipes, or what the control makes of them, and the reader's."""
    one_length = BERT._replace(short=0.0)
    bert = one_length if knobs["control"] == ONE_LENGTH else BERT
    return {"gpt1": GPT1, "bert_one_length": one_length, "bert": bert, "own": own(knobs)}


def amounts(recipe: Recipe) -> dict[str, float]:
    """Its steps, and what `spent` makes of it, by name."""
    return {"steps": recipe.steps, **spent(recipe)._asdict()}


def charts(recipes: Mapping[str, Recipe]) -> list[Chart]:
    """BERT against GPT-1, and every run by its tokens and targets."""
    counted = ("steps", "tokens", "targets", "flops")
    first = amounts(recipes["gpt1"])
    by_run = {name: amounts(recipe) for name, recipe in recipes.items()}
    return [
        Chart(
            title="BERT as a multiple of GPT-1", kind="bars", x="counted by", y="times GPT-1", ticks=list(counted),
            lines=[
                Line(NAMES[name], [float(place) for place in range(len(counted))],
                     [by_run[name][what] / first[what] for what in counted])
                for name in ("bert_one_length", "bert")
            ],
        ),
        Chart(
            title="What each run comes to", kind="bars", x="run", y="tokens", ticks=list(NAMES.values()), log_y=True,
            lines=[
                Line(what, [float(place) for place in range(len(NAMES))], [by_run[name][what] for name in NAMES])
                for what in ("tokens", "targets")
            ],
        ),
    ]  # fmt: skip


def calculate(knobs: Knobs) -> Calculation:
    """Every recipe multiplied out."""
    recipes = every(knobs)
    return Calculation(
        ("steps", "a step", "tokens", "targets", "FLOP"),
        {NAMES[name]: tuple(amounts(recipe).values()) for name, recipe in recipes.items()},
        charts(recipes),
    )


def decide(measured: Measured) -> Decision:
    """The rule of the plan below."""
    ratios = {name: (measured[f"{name}_batch"].value or 0.0) / STATED[name] for name in STATED}
    held = [abs(ratio - 1) <= ROUNDING for ratio in ratios.values()]
    told = " and ".join(
        f"{measured[f'{name}_batch'].value:,.0f} tokens a step for {label}, {100 * ratios[name]:.0f} % of the claim's"
        for name, label in (("gpt1", "GPT-1"), ("bert", "BERT"))
    )
    shares = (f"BERT read {measured['tokens_ratio'].value:.2f} times GPT-1's tokens and was asked about "
              f"{measured['targets_ratio'].value:.2f} times as many.")  # fmt: skip
    why = f"The recipes come to {told}. {shares}"
    return Decision("supported" if all(held) else "mixed" if any(held) else "refuted", why)


PLAN = Plan(
    claim="C10",
    name="budget",
    title="Steps, tokens, targets and arithmetic of the published recipes, and of one of your own",
    about="Multiplies out what the papers on GPT-1 and BERT say of their training: windows, lengths, steps, and which "
    "share of the tokens had to be predicted. Your own run, set by the knobs, stands beside them.",
    rule=f"Supported if the mean batch of both recipes, in tokens, is that of the claim within {ROUNDING:.0%}; "
    "mixed if that holds for one of them, refuted if for neither. The million steps are taken from "
    "where the claim comes from.",
    decide=decide,
    literature="supported",
    differs="The numbers are quoted correctly. But they are nominal: the same page says that BERT had windows of 128 "
    "tokens in 90 % of its steps, which makes its mean batch a third of that.",
    knobs=(
        Knob("steps", "your run: training steps", quick=9800, thorough=9800, low=1, high=1e8, log=True),
        Knob("batch", "your run: windows in a step", quick=8, thorough=8, low=1, high=65536, log=True),
        Knob("length", "your run: tokens in a window", quick=128, thorough=128, low=1, high=131072, log=True),
        Knob("short", "your run: % of the steps with windows of a quarter of that", quick=0, thorough=0, low=0,
             high=100),
        Knob("asked", "your run: % of the tokens to predict; 100 for a GPT", quick=15, thorough=15, low=1, high=100),
        Knob("parameters", "your run: millions of parameters", quick=1.9, thorough=1.9, low=0.01, high=1e6,
             step=0.01, log=True),
        Knob("control", f"{ONE_LENGTH}: as if BERT's windows had always been of 512 tokens", quick="none",
             thorough="none", choices=("none", ONE_LENGTH)),
    ),
    seconds=1,
    thorough_seconds=1,
    calculate=calculate,
    of_run=knobs_of,
)  # fmt: skip
