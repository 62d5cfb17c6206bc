"""Training on toy nets: the loss falls, nothing leaks, and a run that was stopped goes on exactly where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core import runs
from core.catalogue import Entry
from core.models.load import load
from core.runs import Run
from core.settings import Family
from core.text import stream
from core.training.trainer import Trainer
from tests.core.toy_runs import events, losses, made, nats, resumed, settings


def same_weights(one: Trainer, two: Trainer) -> bool:
    other = two.net.state_dict()
    return all(torch.equal(tensor, other[name]) for name, tensor in one.net.state_dict().items())


@pytest.mark.parametrize("family", ["bert", "gpt2", "lstm"])
def test_resume_is_exact_to_the_bit(home: Path, own_folder: Path, family: Family) -> None:
    wanted = settings(home, own_folder, family, tokens=5_000, causal_start=0.3 if family == "bert" else 0.0)
    first = Trainer(runs.create(wanted, "whole"))
    assert first.train() == "finished"

    broken, half = runs.create(wanted, "broken"), first.progress.steps // 2
    for stop_at in (7, 8, half):
        part = resumed(broken)
        made(part, stop_at - part.progress.step)
        part.save()
    last = resumed(broken)
    assert last.progress.step == half
    assert last.train() == "finished"

    assert losses(broken) == losses(first.run) and len(losses(broken)) == first.progress.steps
    assert same_weights(first, last)


def test_a_resume_without_the_optimizer_is_not_exact(home: Path, own_folder: Path) -> None:
    """The test above can fail: forgetting the moments of AdamW changes the curve."""
    run = runs.create(settings(home, own_folder), "whole")
    one = Trainer(run)
    made(one, 6)
    one.save()
    expected = made(one, 3)
    assert made(resumed(run), 3) == expected
    two = resumed(run)
    two.learner.optimizer.state.clear()
    assert made(two, 3) != expected


def extended(run: Run, tokens: int, at: int, pause_at: int) -> Trainer:
    """A run that is paused on the way and given more `tokens` at step `at`."""
    trainer = Trainer(run)
    made(trainer, pause_at)
    run.leave("pause")
    run.leave("go")
    made(trainer, at - pause_at)
    run.leave("extend", tokens)
    made(trainer, 1)
    return trainer


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_pausing_and_extending_is_exact_too(home: Path, own_folder: Path, family: Family) -> None:
    wanted = settings(home, own_folder, family, tokens=3_000, causal_start=0.3 if family == "bert" else 0.0)
    whole = extended(runs.create(wanted, "whole"), 2_000, 10, 4)
    assert whole.train() == "finished" and whole.progress.turns[-1] == 11
    before = Trainer(runs.create(wanted, "short")).progress.steps
    assert whole.progress.last_mask == before < whole.progress.steps
    assert events(whole.run) == ["paused", "going on", "extended"] and not any((whole.run.folder / "control").iterdir())

    broken = extended(runs.create(wanted, "broken"), 2_000, 10, 6).run
    for _ in range(3):
        part = resumed(broken)
        made(part, 4)
        part.save()
    last = resumed(broken)
    assert last.train() == "finished"
    assert losses(broken) == losses(whole.run) and same_weights(whole, last)


def test_a_finished_run_is_extended_once(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, tokens=2_000), "run")
    first = Trainer(run)
    first.resume()
    first.describe()
    assert first.train() == "finished"
    request = run.leave("extend", 1_000)
    kept = request.read_bytes()
    second = resumed(run)
    assert second.train() == "finished"
    steps = second.progress.steps
    assert steps > first.progress.steps and run.file().steps == steps == max(losses(run))
    request.write_bytes(kept)  # the trainer was killed before it could take the request away
    third = resumed(run)
    assert third.train() == "finished" and third.progress.steps == steps and not request.exists()


@pytest.mark.parametrize("family", ["gpt2", "lstm"])
def test_the_loss_falls_below_the_unigram(home: Path, own_folder: Path, family: Family) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, family, tokens=40_000, dropout=0.0), family))
    trainer.train()
    assert trainer.seen["nats"] < trainer.unigram_nats - 0.3 and trainer.seen["bits_per_character"] > 0


def test_a_masked_model_learns_though_more_slowly(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LEAST_HELD_OUT", 10)  # of every animal a little, not the owls alone
    wanted = settings(home, own_folder, "bert", tokens=40_000, dropout=0.0, causal_start=0.3)
    trainer = Trainer(runs.create(wanted, "bert"))
    before = nats(trainer)
    trainer.train()
    rows = [row for row in trainer.run.rows()[0] if "loss" in row]
    assert [row["phase"] for row in rows] == sorted(row["phase"] for row in rows)
    assert {row["phase"] for row in rows} == {"causal", "masked"}
    assert trainer.seen["nats"] < before - 0.1


def test_a_checkpoint_opens_in_transformers(home: Path, own_folder: Path) -> None:
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    trainer = Trainer(runs.create(settings(home, own_folder, "bert", dropout=0.0), "bert"))
    made(trainer, 1)
    trainer.save()
    folder = trainer.run.checkpoints[-1]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The cat [MASK] on the mat.", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        theirs = AutoModelForMaskedLM.from_pretrained(folder).eval()(input_ids=ids).logits[0]
        trainer.net.eval()
        mine = trainer.net.read(ids, None, torch.zeros(ids.shape[1], dtype=torch.long), torch.arange(ids.shape[1]))
    assert (mine - theirs).abs().max() < 1e-5


@pytest.mark.parametrize("family", ["bert", "gpt2", "lstm"])
def test_every_place_that_is_read_was_trained(home: Path, own_folder: Path, family: Family) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, family, short=0.0, dropout=0.0), family))
    before = {name: tensor.clone() for name, tensor in trainer.net.state_dict().items()}
    made(trainer, 1)
    trainer.save()
    folder = trainer.run.checkpoints[-1]
    entry = Entry(name="run", source="run", folder=str(folder), architecture="", kind="")
    assert load(entry, torch.device("cpu")).identity.context == 32
    if family == "gpt2":
        assert ((trainer.net.positions.weight - before["positions.weight"]).abs().sum(-1) > 1e-4).all()


def test_a_run_looks_and_saves_by_its_plan(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, checkpoint_seconds=0, tokens=3_000), "run"))
    trainer.train()
    run, steps = trainer.run, trainer.progress.steps
    looks = [row["step"] for row in run.rows()[0] if "held_out" in row]
    assert looks == list(range(steps + 1))  # before every timed save, and each is made once
    assert run.checkpoints[-1].name == f"step-{steps:08d}"
    progress = run.progress()
    assert progress is not None and progress.best is not None
    by_step = {row["step"]: row["held_out"]["nats"] for row in run.rows()[0] if "held_out" in row and row["step"]}
    assert progress.best.step == min(by_step, key=lambda step: by_step[step])
    assert progress.best.step in [int(folder.name[5:]) for folder in run.checkpoints]
    spent = run.file().budget
    assert spent is not None and (spent.tokens, spent.targets) == (progress.tokens, progress.targets)
    machine = trainer.run.beat()
    assert machine is not None and machine.memory > 1e7
