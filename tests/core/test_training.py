"""Training on toy nets: the loss falls, nothing leaks, and a run that was stopped goes on exactly where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core import runs
from core.catalogue import Entry
from core.models.load import load
from core.settings import Family
from core.training import checkpoint, objective, stream
from core.training.trainer import Trainer
from tests.core.toy_runs import damage, losses, settings


@pytest.mark.parametrize("family", ["bert", "gpt2", "lstm"])
def test_resume_is_exact_to_the_bit(home: Path, own_folder: Path, family: Family) -> None:
    wanted = settings(home, own_folder, family, causal_start=0.3 if family == "bert" else 0.0)
    whole = runs.create(wanted, "whole")
    first = Trainer(whole)
    assert first.train() == "finished"

    broken = runs.create(wanted, "broken")
    for stop_at in (7, 8, first.steps // 2):
        part = Trainer(broken)
        part.resume()
        while part.step < stop_at:
            part.update()
            part.save()
    last = Trainer(broken)
    last.resume()
    assert last.step == first.steps // 2
    assert last.train() == "finished"

    seen = losses(whole)
    assert losses(broken).items() <= seen.items() and len(losses(broken)) == first.steps - first.steps // 2
    for name, tensor in first.net.state_dict().items():
        assert torch.equal(tensor, last.net.state_dict()[name]), name


def test_a_resume_without_the_optimizer_is_not_exact(home: Path, own_folder: Path) -> None:
    """The test above can fail: forgetting the moments of AdamW changes the curve."""
    run = runs.create(settings(home, own_folder), "whole")
    one = Trainer(run)
    for _ in range(6):
        one.update()
    one.save()
    expected = [one.update()["loss_hex"] for _ in range(3)]
    two = Trainer(run)
    two.resume()
    two.optimizer.state.clear()
    assert [two.update()["loss_hex"] for _ in range(3)] != expected


@pytest.mark.parametrize("family", ["gpt2", "lstm"])
def test_the_loss_falls_below_the_unigram(home: Path, own_folder: Path, family: Family) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, family, tokens=40_000, dropout=0.0), family))
    trainer.train()
    assert trainer.look()["nats"] < trainer.unigram - 0.3


def test_a_masked_model_learns_though_more_slowly(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LEAST_HELD_OUT", 10)  # of every animal a little, not the owls alone
    wanted = settings(home, own_folder, "bert", tokens=40_000, dropout=0.0, causal_start=0.3)
    trainer = Trainer(runs.create(wanted, "bert"))
    before = trainer.look()["nats"]
    trainer.train()
    rows = [row for row in trainer.run.rows()[0] if "loss" in row]
    assert [row["phase"] for row in rows] == sorted(row["phase"] for row in rows)
    assert {row["phase"] for row in rows} == {"causal", "masked"}
    assert trainer.look()["nats"] < before - 0.1


def test_a_masked_loss_reads_only_what_was_hidden() -> None:
    ids = torch.arange(5, 65).view(3, 20)
    hidden, rows, columns = objective.hide(ids, 0.15, 4, (1, 2))
    assert len(rows) == 3 * 3 and set(columns.tolist()) <= set(range(1, 19))
    assert (hidden[rows, columns] == 4).all() and (hidden != ids).sum() == len(rows)
    again = objective.hide(ids, 0.15, 4, (1, 2))
    assert torch.equal(again[0], hidden) and not torch.equal(objective.hide(ids, 0.15, 4, (1, 3))[0], hidden)


def test_a_checkpoint_opens_in_transformers(home: Path, own_folder: Path) -> None:
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    trainer = Trainer(runs.create(settings(home, own_folder, "bert", dropout=0.0), "bert"))
    trainer.update()
    trainer.save()
    folder = trainer.run.checkpoints[-1]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The cat [MASK] on the mat.", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        theirs = AutoModelForMaskedLM.from_pretrained(folder).eval()(input_ids=ids).logits[0]
        trainer.net.eval()
        mine = trainer.net.read(ids, None, torch.zeros(ids.shape[1], dtype=torch.long), torch.arange(ids.shape[1]))
    assert (mine - theirs).abs().max() < 1e-5


@pytest.mark.parametrize(
    "kind", ["cut", "bit", "zeros", "manifest", "optimizer.safetensors", "state.json", "MANIFEST.json", "config.json"]
)
def test_a_damaged_checkpoint_is_passed_over(home: Path, own_folder: Path, kind: str) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder), "run"))
    for _ in range(2):
        trainer.update()
        trainer.save()
    older, newer = trainer.run.checkpoints
    damage(newer, kind)
    assert checkpoint.newest(trainer.run.folder) == (older, [newer.name])
    again = Trainer(trainer.run)
    again.resume()
    assert again.step == 1


def test_an_unfinished_save_is_no_checkpoint_and_rotation_keeps_two(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder), "run"))
    for _ in range(5):
        trainer.update()
        trainer.save()
    assert [path.name for path in trainer.run.checkpoints] == ["step-00000004", "step-00000005"]
    (trainer.run.folder / "checkpoints" / ".writing-00000006-1").mkdir()
    assert checkpoint.newest(trainer.run.folder)[0] == trainer.run.checkpoints[-1]


def test_a_damaged_last_checkpoint_is_made_again(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, tokens=2_000), "run"))
    trainer.train()
    last = trainer.run.checkpoints[-1]
    damage(last, "bit")
    (last.parent / ".writing-00000099-1").mkdir()
    again = Trainer(trainer.run)
    again.resume()
    again.train()
    assert checkpoint.intact(last) and {path.name for path in last.parent.iterdir()} == {last.name, f"bad-{last.name}"}


@pytest.mark.parametrize("family", ["bert", "gpt2", "lstm"])
def test_every_place_that_is_read_was_trained(home: Path, own_folder: Path, family: Family) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, family, short=0.0, dropout=0.0), family))
    before = trainer.net.state_dict()
    trainer.update()
    trainer.save()
    folder = trainer.run.checkpoints[-1]
    entry = Entry(name="run", source="run", folder=str(folder), architecture="", kind="")
    assert load(entry, torch.device("cpu")).identity.context == 32
    if family == "gpt2":
        fresh = Trainer(runs.create(settings(home, own_folder, family, short=0.0), "fresh"))
        moved = (fresh.net.positions.weight - before["positions.weight"]).abs().sum(-1) > 1e-4
        assert moved.all()
