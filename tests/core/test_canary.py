"""The canary: when a masked model is stuck, and what starting it again does."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch

from core import runs
from core.runs import Progress
from core.settings import TrainSettings
from core.training import canary, evaluate, schedule
from core.training.trainer import Trainer
from tests.core.toy_runs import events, losses, resumed, settings

STUCK = {"nats": 6.0, "cosine": 0.99}
replace = msgspec.structs.replace


@pytest.fixture
def bert(home: Path, own_folder: Path) -> TrainSettings:
    return settings(home, own_folder, "bert", causal_start=0.2)


def at(settings: TrainSettings, step: int, steps: int = 20_000) -> Progress:
    return replace(schedule.begun(settings, steps), step=step)


def test_it_waits_three_thousand_updates_with_masks(bert: TrainSettings) -> None:
    assert not canary.stuck(bert, at(bert, 4000 + 2999), STUCK, 6.1)
    assert canary.stuck(bert, at(bert, 4000 + 3000), STUCK, 6.1)
    assert not canary.stuck(bert, at(bert, 20_000 + 7999, 100_000), STUCK, 6.1)
    assert canary.stuck(bert, at(bert, 20_000 + 8000, 100_000), STUCK, 6.1)  # a tenth of the updates with masks


def test_only_a_model_that_reads_nothing_is_stuck(bert: TrainSettings) -> None:
    late = at(bert, 8000)
    for seen in ({"nats": 5.7, "cosine": 0.99}, {"nats": 6.0, "cosine": 0.9}, {"nats": float("nan"), "cosine": 1.0}):
        assert not canary.stuck(bert, late, seen, 6.1)
    assert canary.stuck(bert, late, {"nats": 6.0}, 6.1)  # nobody measured whether its answers are alike
    assert not canary.stuck(bert, late, STUCK, float("nan"))


def test_others_are_left_alone(bert: TrainSettings) -> None:
    late = at(bert, 8000)
    assert not canary.stuck(replace(bert, canary=False), late, STUCK, 6.1)
    assert not canary.stuck(replace(bert, start="somewhere"), late, STUCK, 6.1)
    assert not canary.stuck(replace(bert, family="gpt2"), replace(late, switch=20_000), STUCK, 6.1)


def test_it_acts_twice_at_most(bert: TrainSettings) -> None:
    progress, acted = at(bert, 0, 100_000), []
    for step in range(0, 100_000, 500):
        progress = replace(progress, step=step)
        if canary.stuck(bert, progress, STUCK, 6.1):
            progress = schedule.again(bert, progress)
            acted.append(step)
    assert len(acted) == 2 and progress.restarts == 2 and acted[1] - acted[0] > 3000


def test_starting_again_is_fresh_and_exact(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "PATIENCE", 6)
    monkeypatch.setattr(evaluate, "held_out", lambda *_: {"nats": 99.0, "top1": 0.0, "targets": 1, "cosine": 1.0})
    wanted = settings(home, own_folder, "bert", tokens=4_000, causal_start=0.2, evaluate_every=1)
    whole = Trainer(runs.create(wanted, "whole"))
    first = {name: tensor.clone() for name, tensor in whole.net.state_dict().items()}
    whole.describe()
    assert whole.train() == "finished" and whole.progress.restarts == 2
    run = whole.run
    assert events(run) == ["canary", "canary"] and run.file().switch == whole.progress.switch
    steps = [row["step"] for row in run.rows()[0] if "loss" in row]
    assert steps == list(range(1, whole.progress.steps + 1))
    phases = {row["step"]: row["phase"] for row in run.rows()[0] if "loss" in row}
    acted = [row["step"] for row in run.rows()[0] if row.get("event") == "canary"]
    assert (
        phases[acted[0]] == "masked" and phases[acted[0] + 1] == "causal" and phases[whole.progress.steps] == "masked"
    )

    broken = Trainer(runs.create(wanted, "broken"))
    while broken.progress.restarts == 0:
        broken.look()
        broken._mind_the_canary()
        if not broken.progress.restarts:
            broken.step()
    now = broken.net.state_dict()
    assert not broken.learner.optimizer.state
    assert any(not torch.equal(now[name], first[name]) for name in now)  # fresh, but not the same ones again
    again = resumed(broken.run)  # its checkpoint was committed at once
    assert again.progress.fresh == again.progress.step == acted[0]
    assert again.train() == "finished" and losses(broken.run) == losses(run)
