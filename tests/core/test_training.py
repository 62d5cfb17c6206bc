"""Training on toy nets: the loss falls, nothing leaks, and a run that was stopped goes on exactly where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tokenizers
import torch

from core import runs
from core.catalogue import Entry
from core.errors import UserError
from core.models.load import load
from core.runs import Run
from core.settings import Family, Shape, TrainSettings, plan
from core.training import checkpoint, objective, stream
from core.training.ownership import claim
from core.training.trainer import Trainer

TEXT = "\n\n".join(
    f"The {animal} sat on the {place}. The {animal} was {mood} all day, and the {place} was warm.\nIt stayed."
    for animal in ("cat", "dog", "hen", "fox", "owl")
    for place in ("mat", "wall", "roof", "bench", "stone")
    for mood in ("happy", "quiet", "tired", "hungry")
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path))
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    return tmp_path


def settings(home: Path, tokenizer: Path, family: Family = "gpt2", **changes: Any) -> TrainSettings:
    shape = Shape(vocabulary=600, layers=1, width=16, heads=0 if family == "lstm" else 2, inner=32, positions=32)
    base = TrainSettings(
        family=family, shape=shape, texts=[str(home / "text.txt")], tokenizer=str(tokenizer), tokens=10_000, rows=4,
        length=32, lr=1e-2, warmup=5, dropout=0.1, threads=1, evaluate_every=50, checkpoint_seconds=10_000,
    )  # fmt: skip
    return msgspec.structs.replace(base, **changes)


def losses(run: Run) -> dict[int, str]:
    return {row["step"]: row["loss_hex"] for row in run.rows()[0] if "loss_hex" in row}


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


def test_the_three_read_the_same_text_in_the_same_order(home: Path, own_folder: Path) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    wanted = settings(home, own_folder)
    for step in range(30):
        masked = text.batch(wanted, step, masked=True)
        causal = text.batch(wanted, step, masked=False)
        assert torch.equal(masked[:, :-1], causal) and (masked[:, -1] == text.end).all()
        assert (masked[:, 0] == text.start).all() and masked.shape[1] == text.length(wanted, step)
    lengths = {text.length(wanted, step) for step in range(200)}
    assert 32 in lengths and min(lengths) < 24


def test_every_window_of_an_epoch_is_another(home: Path, own_folder: Path) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    wanted = settings(home, own_folder, short=0.0, rows=1)
    count = (len(text) - 30) // 30
    seen = [tuple(text.batch(wanted, step, masked=False)[0].tolist()) for step in range(count)]
    first = stream.Stream(np.arange(3000, dtype=np.uint16), np.zeros(0, np.int64), 2, 3)
    begins = [int(first.batch(wanted, step, masked=False)[0, 1]) for step in range(2 * ((3000 - 30) // 30))]
    half = len(begins) // 2
    assert len(set(begins[:half])) == half and sorted(begins[:half]) != begins[:half] and begins[:half] != begins[half:]
    assert len(seen) == count


def test_held_out_text_is_not_trained_on(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LEAST_HELD_OUT", 10)
    (home / "many.txt").write_text("\n\n".join(f"number {n} here" for n in range(200)), "utf-8")
    train = stream.load([home / "many.txt"], own_folder, "training")
    held = stream.load([home / "many.txt"], own_folder, "held out")
    whole = stream.load([home / "many.txt"], own_folder)
    assert len(train) + len(held) == len(whole) and 0 < len(held) < len(whole) / 20


def test_a_text_of_one_document_is_cut_by_length(home: Path, own_folder: Path) -> None:
    (home / "one.txt").write_text(TEXT.replace("\n\n", " "), "utf-8")
    train = stream.load([home / "one.txt"], own_folder, "training")
    held = stream.load([home / "one.txt"], own_folder, "held out")
    whole = stream.load([home / "one.txt"], own_folder)
    assert [*train.ids, *held.ids] == [*whole.ids] and len(held) == len(whole) // 10
    assert train.starts[0] == 0 and (train.starts < len(train)).all()


def test_too_little_text_says_how_much_is_needed(home: Path, own_folder: Path) -> None:
    (home / "text.txt").write_text("A short line.", "utf-8")
    with pytest.raises(UserError, match="too short"):
        Trainer(runs.create(settings(home, own_folder), "run"))


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


def damage(folder: Path, kind: str) -> None:
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    if kind == "cut":
        weights.write_bytes(content[: len(content) // 2])
    elif kind == "bit":
        content[-5] ^= 1
        weights.write_bytes(content)
    elif kind == "zeros":
        content[-512:] = bytes(512)
        weights.write_bytes(content)
    elif kind == "manifest":
        (folder / "MANIFEST.json").write_text("{}")
    else:
        (folder / kind).unlink()


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


def wait_for(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_sigterm_saves_and_a_second_process_finishes(home: Path, own_folder: Path) -> None:
    wanted = settings(home, own_folder, tokens=400_000)
    run = runs.create(wanted, "run")
    command = [sys.executable, "-P", "-m", "core", "train", str(run.folder)]
    environment = os.environ | {"LOOKBOTH_HOME": str(home)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: len(losses(run)) > 20)
        assert run.state() == "running"
        os.kill(process.pid, signal.SIGHUP)  # closing the window is nothing to a trainer
        run.ask_to_stop()
        assert process.wait(60) == 0
    finally:
        process.kill()
    outcome = run.outcome()
    assert outcome is not None and outcome.status == "stopped" and run.state() == "stopped"
    assert json.loads((run.checkpoints[-1] / "state.json").read_text())["step"] == outcome.step == max(losses(run))
    with pytest.raises(UserError, match="not running"):
        run.ask_to_stop()


def test_a_run_has_one_writer(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder), "run")
    with claim(run), pytest.raises(UserError, match="already"):
        claim(run)
    with claim(run):
        assert run.file().owner == runs.me()


def test_of_two_trainers_one_gives_way_and_spoils_nothing(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, tokens=20_000), "run")
    command = [sys.executable, "-P", "-m", "core", "train", str(run.folder)]
    both = [
        subprocess.Popen(command, env=os.environ | {"LOOKBOTH_HOME": str(home)}, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert sorted(process.wait(60) for process in both) == [0, 1]
    outcome, rows = run.outcome(), [row["step"] for row in run.rows()[0] if "loss" in row]
    assert outcome is not None and outcome.status == "finished" and rows == list(range(1, outcome.step + 1))


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


def test_a_run_keeps_its_tokenizer_and_notices_another_text(home: Path, own_folder: Path) -> None:
    tokenizer = home / "tokenizer"
    tokenizer.mkdir()
    (tokenizer / "tokenizer.json").write_bytes((own_folder / "tokenizer.json").read_bytes())
    trainer = Trainer(runs.create(settings(home, tokenizer), "run"))
    trainer.update()
    trainer.save()
    (tokenizer / "tokenizer.json").write_text("{}")
    Trainer(trainer.run).resume()
    (home / "text.txt").write_text(TEXT * 3, "utf-8")
    other = msgspec.structs.replace(settings(home, tokenizer), tokens=20_000)
    changed = msgspec.structs.replace(trainer.run.file(), settings=other)
    runs.write_atomically(trainer.run.folder / "run.json", msgspec.json.encode(changed))
    with pytest.raises(UserError, match="not the one"):
        Trainer(trainer.run).resume()


def test_text_is_read_as_it_stands(home: Path, own_folder: Path) -> None:
    """Whatever the tokenizer was saved with: no padding, no truncation, and "[SEP]" in a text is no end of one."""
    folder = home / "odd"
    folder.mkdir()
    odd = tokenizers.Tokenizer.from_file(str(own_folder / "tokenizer.json"))
    odd.enable_truncation(8)
    odd.enable_padding(length=12)
    odd.save(str(folder / "tokenizer.json"))
    (home / "text.txt").write_text(TEXT + " [SEP] and [MASK]", "utf-8")
    plain, strange = (stream.load([home / "text.txt"], where) for where in (own_folder, folder))
    assert plain.ids.tolist() == strange.ids.tolist()
    assert (plain.ids == plain.end).sum() == TEXT.count("\n\n") + 1 and 4 not in plain.ids


def test_a_tokenizer_without_line_ends_can_be_trained_with(home: Path, bert_folder: Path) -> None:
    from transformers import BertTokenizerFast

    BertTokenizerFast(vocab_file=str(bert_folder / "vocab.txt")).save_pretrained(home / "bert")
    text = stream.load([home / "text.txt"], home / "bert")
    assert len(text.starts) == TEXT.count("\n\n") + 1


@pytest.mark.parametrize(("family", "longest"), [("bert", 32), ("gpt2", 30), ("lstm", 30)])
def test_no_place_is_read_that_was_not_trained(home: Path, own_folder: Path, family: Family, longest: int) -> None:
    """A causal net has a target at columns 0 to length - 4: the question after the last of 30 tokens stands at 29."""
    trainer = Trainer(runs.create(settings(home, own_folder, family, short=0.0, dropout=0.0), family))
    before = trainer.net.state_dict()
    trainer.update()
    trainer.save()
    folder = trainer.run.checkpoints[-1]
    entry = Entry(name="run", source="run", folder=str(folder), architecture="", kind="")
    assert load(entry, torch.device("cpu")).identity.context == longest
    if family == "gpt2":
        fresh = Trainer(runs.create(settings(home, own_folder, family, short=0.0), "fresh"))
        moved = (fresh.net.positions.weight - before["positions.weight"]).abs().sum(-1) > 1e-4
        assert moved[: longest - 1].all() and not moved[longest:].any()


def test_a_killed_trainer_is_said_to_have_died(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, tokens=400_000), "run")
    command = [sys.executable, "-P", "-m", "core", "train", str(run.folder)]
    process = subprocess.Popen(command, env=os.environ | {"LOOKBOTH_HOME": str(home)}, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: len(losses(run)) > 3)
    finally:
        process.kill()
        process.wait()
    assert run.state() == "died" and run.outcome() is None


def test_what_goes_wrong_is_written_into_the_run(home: Path, own_folder: Path) -> None:
    (home / "text.txt").write_bytes(b"\x00\x01\x02")
    run = runs.create(settings(home, own_folder), "run")
    command = [sys.executable, "-P", "-m", "core", "train", str(run.folder)]
    done = subprocess.run(command, env=os.environ | {"LOOKBOTH_HOME": str(home)}, capture_output=True, text=True)
    outcome = run.outcome()
    assert done.returncode == 1 and outcome is not None and outcome.status == "failed"
    assert "text.txt" in outcome.error and run.state() == "failed"


def test_a_plan_says_what_is_wrong_with_it(home: Path, own_folder: Path) -> None:
    text = home / "text.txt"
    assert plan("bert", [text], "small", own_folder).shape.vocabulary == 600
    for problem, arguments in {
        "no size": ("bert", [text], "huge", own_folder),
        "no file": ("bert", [home / "missing"], "tiny", own_folder),
        "no tokenizer": ("bert", [text], "tiny", home),
        "no family": ("rnn", [text], "tiny", own_folder),
    }.items():
        with pytest.raises(UserError, match=problem):
            plan(*arguments)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="less than one step"):
        plan("bert", [text], "tiny", own_folder, tokens=3)
