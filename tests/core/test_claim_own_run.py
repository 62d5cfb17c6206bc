"""C10 for a run of one's own: its knobs come to the tokens and targets that were counted, or that are planned."""

from __future__ import annotations

import msgspec
import pytest

from core.claims import budget
from core.claims.own_run import knobs_of
from core.errors import UserError
from core.runs import Progress, RunFile
from core.settings import Shape, TrainSettings
from core.shapes import parameters, targets_per_token

SHAPE = Shape(vocabulary=600, layers=2, width=64, heads=2, inner=256, positions=64)
SETTINGS = TrainSettings(
    family="bert", shape=SHAPE, texts=["/texts/diary.txt"], tokenizer="/tokenizer", tokens=1_000_000, rows=16,
    length=64, lr=1e-3, warmup=10, causal_start=0.3,
)  # fmt: skip
FILE = RunFile(id="mine", settings=SETTINGS, created=0.0, steps=1200, parameters=402_112)


def spent(file: RunFile, progress: Progress | None = None) -> tuple[budget.Recipe, budget.Spent]:
    """What the knobs of a run come to; they are such that the plan takes them."""
    recipe = budget.own(budget.PLAN.settle(False, knobs_of(file, progress).knobs))
    return recipe, budget.spent(recipe)


def test_a_run_with_a_checkpoint_comes_to_what_it_counted() -> None:
    progress = Progress(step=600, steps=1200, tokens=540_000, targets=260_000)
    recipe, sums = spent(FILE, progress)
    assert (recipe.steps, recipe.batch, recipe.length) == (600, 16, 64)
    assert sums.tokens == pytest.approx(540_000, rel=1e-6) and sums.targets == pytest.approx(260_000, rel=1e-6)
    assert (
        recipe.parameters == pytest.approx(402_112)
        and "600 steps up to its newest checkpoint" in knobs_of(FILE, progress).told
    )


@pytest.mark.parametrize("progress", [None, Progress(steps=1200)])
def test_one_without_comes_to_what_is_planned(progress: Progress | None) -> None:
    recipe, sums = spent(FILE, progress)
    assert recipe.steps == 1200 and sums.tokens == pytest.approx(1_000_000, rel=1e-6)
    assert sums.targets == pytest.approx(1_000_000 * targets_per_token(SETTINGS), rel=1e-6)
    assert "planned" in knobs_of(FILE, progress).told


def test_one_that_no_trainer_has_begun_is_reckoned_with() -> None:
    recipe, sums = spent(msgspec.structs.replace(FILE, steps=0, parameters=0))
    assert recipe.parameters == pytest.approx(parameters("bert", SHAPE))
    assert sums.tokens == pytest.approx(1_000_000, rel=1e-3)
    assert recipe.steps == pytest.approx(1_000_000 / (16 * (0.75 * 64 + 0.25 * 40)), abs=1)


def test_a_causal_model_is_asked_about_every_token() -> None:
    causal = msgspec.structs.replace(SETTINGS, family="gpt2", short=0.0, tokens=1200 * 16 * 64)
    recipe, sums = spent(msgspec.structs.replace(FILE, settings=causal))
    assert (recipe.asked, recipe.short) == (1.0, 0.0) and sums.tokens == sums.targets == 1200 * 16 * 64


def test_windows_that_are_mostly_very_short_stand_as_short_ones() -> None:
    recipe, sums = spent(FILE, Progress(step=100, tokens=100 * 16 * 10, targets=8_000))
    assert (recipe.length, recipe.short) == (10, 0) and sums.tokens == 16_000 and sums.targets == 8_000


@pytest.mark.parametrize(
    ("changes", "said"), [({"tokens": 0, "minutes": 5.0}, "does not know yet how long"), ({"rows": 0}, "no windows")]
)
def test_what_says_nothing_is_said_plainly(changes: dict[str, float], said: str) -> None:
    with pytest.raises(UserError, match=said):
        knobs_of(msgspec.structs.replace(FILE, settings=msgspec.structs.replace(SETTINGS, **changes)), None)
