"""The plan of a run: its steps, its rate at every step, and its share of masks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product, repeat
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.runs import Progress
from core.settings import TrainSettings
from core.text.stream import Stream, generator
from core.training import schedule
from tests.core.toy_runs import settings

replace = msgspec.structs.replace


class Even:
    """A text whose windows are all full."""

    def lengths(self, settings: TrainSettings, first: int = 0) -> Iterator[int]:
        return repeat(settings.length)


@pytest.fixture
def bert(home: Path, own_folder: Path) -> TrainSettings:
    return settings(home, own_folder, "bert", causal_start=0.3, lr=1.0, warmup=4)


def at(progress: Progress, step: int) -> Progress:
    return replace(progress, step=step)


def test_the_budget_is_a_number_of_steps(bert: TrainSettings) -> None:
    assert schedule.steps_for(bert, Even(), 128) == 1 and schedule.steps_for(bert, Even(), 129) == 2
    assert schedule.steps_for(bert, Even(), 1) == 1 and schedule.steps_for(bert, Even(), 1280, first=7) == 10


def one_by_one(settings: TrainSettings, tokens: int, first: int) -> int:
    """The steps until so many tokens are read, by their definition."""
    spent, step = 0, first
    while spent < tokens or step == first:
        random = generator(settings.seed, step, 1)
        full = random.random() >= settings.short
        spent += settings.rows * (settings.length if full else int(random.integers(16, settings.length + 1)))
        step += 1
    return step - first


def test_steps_are_counted_as_they_are_made(bert: TrainSettings) -> None:
    text = Stream(np.zeros(0, np.uint16), np.zeros(0, np.int64), 0, 0)
    for seed, short, length, rows in product((1, 7, 2**40), (0.0, 0.25, 1.0), (16, 17, 32, 512), (1, 12)):
        wanted = replace(bert, seed=seed, short=short, length=length, rows=rows)
        for tokens, first in product((-1, 0, 1, rows * length, rows * length + 1, 50_000), (0, 3, 10**6)):
            assert schedule.steps_for(wanted, text, tokens, first) == one_by_one(wanted, tokens, first)


def test_the_causal_start_is_a_share_of_the_steps(bert: TrainSettings) -> None:
    progress = schedule.begun(bert, 100)
    assert (progress.switch, progress.last_mask, progress.turns) == (30, 100, (30,))
    phases = [schedule.phase(bert, at(progress, step)) for step in range(100)]
    assert phases == ["causal"] * 30 + ["masked"] * 70
    gpt2 = replace(bert, family="gpt2")
    causal = schedule.begun(gpt2, 100)
    assert (causal.switch, causal.turns) == (100, ()) and schedule.phase(gpt2, at(causal, 99)) == "causal"


def test_the_rate_warms_up_after_every_turn_and_falls_along_a_cosine(bert: TrainSettings) -> None:
    progress = schedule.begun(bert, 100)

    def expected(step: int, since: int) -> float:
        return min(1.0, (step - since + 1) / 4) * 0.5 * (1 + math.cos(math.pi * step / 100))

    for step in range(100):
        assert schedule.rate(bert, at(progress, step)) == pytest.approx(expected(step, 30 if step >= 30 else 0))
    assert schedule.rate(bert, replace(at(progress, 50), restarts=2)) == pytest.approx(expected(50, 30) / 4)


def test_the_share_of_masks_falls_in_a_line_and_stays(bert: TrainSettings) -> None:
    progress = schedule.begun(bert, 100)
    assert schedule.share(bert, at(progress, 30)) == 0.3
    assert schedule.share(bert, at(progress, 65)) == pytest.approx(0.225)
    longer = schedule.extended(bert, at(progress, 100), Even(), 1280, "request")
    assert longer.steps == 110 and schedule.share(bert, at(longer, 105)) == pytest.approx(0.15)
    assert longer.turns == (30, 100) and longer.extended == ("request",)


def test_a_longer_run_warms_up_to_the_rate_of_its_new_length(bert: TrainSettings) -> None:
    gpt2 = replace(bert, family="gpt2", causal_start=0.0)
    longer = schedule.extended(gpt2, at(schedule.begun(gpt2, 100), 100), Even(), 100 * 128, "request")
    assert (longer.steps, longer.switch) == (200, 200)
    assert [round(schedule.rate(gpt2, at(longer, 100 + n)), 3) for n in range(5)] == [0.125, 0.246, 0.363, 0.476, 0.469]


def test_warm_up_and_looks_suit_the_length(bert: TrainSettings) -> None:
    long = schedule.settled(replace(bert, warmup=200, evaluate_every=500), 100_000)
    assert (long.warmup, long.evaluate_every) == (200, 500)
    short = schedule.settled(replace(bert, warmup=200, evaluate_every=500), 400)
    assert (short.warmup, short.evaluate_every) == (40, 20)
    tiny = schedule.settled(replace(bert, warmup=200, evaluate_every=500), 3)
    assert (tiny.warmup, tiny.evaluate_every) == (1, 3) and schedule.settled(short, 400) == short


@pytest.mark.parametrize(("wanted", "steps", "apart"), [(500, 35, 10), (500, 210, 10), (500, 5, 5), (1, 35, 1)])
def test_a_short_run_does_not_look_at_every_step(bert: TrainSettings, wanted: int, steps: int, apart: int) -> None:
    assert schedule.settled(replace(bert, evaluate_every=wanted), steps).evaluate_every == apart


def test_the_looks_that_are_reckoned_with_are_about_those_taken(bert: TrainSettings) -> None:
    for every in (1, 7, 500):
        before = 0
        for steps in range(1, 3000):
            wanted = replace(bert, evaluate_every=every)
            apart = schedule.settled(wanted, steps).evaluate_every
            taken = len({*range(0, steps, apart), steps // 2, steps})
            reckoned = schedule.looks(wanted, steps)
            assert before <= reckoned and -2 <= reckoned - taken <= 2
            before = reckoned


def test_the_most_steps_that_fit_into_the_time(bert: TrainSettings) -> None:
    wanted = replace(bert, evaluate_every=500, short=0.0)
    step = wanted.rows * wanted.length
    for seconds, look in ((60.0, 0.5), (600.0, 0.5), (60.0, 0.0)):
        tokens = schedule.affordable(wanted, seconds, 1000.0, look)
        takes = [(tokens + n * step) / 1000 + schedule.looks(wanted, tokens // step + n) * look for n in (0, 1)]
        assert tokens % step == 0 and takes[0] <= seconds < takes[1]
    assert schedule.affordable(wanted, 60.0, 1000.0, look=30.0) == 30_000  # half of the time at least
    assert schedule.affordable(wanted, 0.0, 1000.0, look=1.0) == 1


def test_steps_that_are_asked_for_are_exactly_added(bert: TrainSettings) -> None:
    class Short(Even):
        def lengths(self, settings: TrainSettings, first: int = 0) -> Iterator[int]:
            return repeat(settings.length // 2)

    progress = at(schedule.begun(bert, 100), 40)
    assert schedule.extended(bert, progress, Short(), 10 * 128, "request", 10).steps == 110
    assert schedule.extended(bert, progress, Short(), 10 * 128, "request").steps == 120


def test_starting_again_brings_the_causal_start_back(bert: TrainSettings) -> None:
    progress = schedule.again(bert, at(schedule.begun(bert, 1000), 500))
    assert (progress.step, progress.restarts, progress.fresh) == (500, 1, 500)
    assert progress.switch == 650 and progress.turns == (300, 500, 650) and progress.steps == 1000
    assert schedule.phase(bert, progress) == "causal" and schedule.clip(replace(bert, clip=1.0), progress) == 0.5
    plain = schedule.again(replace(bert, causal_start=0.0), at(Progress(steps=100, last_mask=100), 50))
    assert plain.switch == 50 and plain.turns == (50,)
    assert schedule.phase(replace(bert, causal_start=0.0), plain) == "masked"
