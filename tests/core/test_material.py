"""What a run is made of: minutes that become tokens once, a tokenizer of its own, and weights to go on from."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from core import paths, runs
from core.errors import UserError
from core.runs import Run
from core.settings import TrainSettings
from core.training import material, probe, schedule
from core.training.keep import checkpoint
from core.training.probe import Measured
from core.training.trainer import Trainer
from tests.core.toy_runs import TEXT, events, made, resumed, settings

replace = msgspec.structs.replace


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[TrainSettings]:
    asked: list[TrainSettings] = []

    def measure(settings: TrainSettings, seconds: float = 3.0, check: Any = None) -> Measured:
        asked.append(settings)
        check()
        return Measured(tokens_per_second=1000.0, memory_bytes=12_345, evaluation_seconds=0.5)

    monkeypatch.setattr(probe, "measure", measure)
    return asked


def test_minutes_become_tokens_once(home: Path, own_folder: Path, measured: list[TrainSettings]) -> None:
    wanted = settings(home, own_folder, tokens=0, minutes=0.5, threads=0, warmup=500, evaluate_every=500)
    run = runs.create(wanted, "run")
    trainer = Trainer(run)
    trainer.describe()
    file = run.file()
    assert file.settings.threads == torch.get_num_threads() > 0
    assert (file.tokens_per_second, file.memory) == (1000.0, 12_345) and file.settings.minutes == 0.5
    steps = schedule.steps_for(file.settings, trainer.made.text, file.settings.tokens)
    assert file.steps == trainer.progress.steps == steps
    looks = len({*range(0, steps, 10), steps // 2, steps})
    assert 28 < file.settings.tokens / 1000 + looks * 0.5 <= 30.5
    assert file.settings.warmup == steps // 10 and file.settings.evaluate_every == 10
    assert file.budget is not None and file.budget.tokens == file.settings.tokens
    Trainer(run)
    assert len(measured) == 1 and run.file().settings == file.settings


def test_steps_are_counted_whatever_they_read(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, steps=40, tokens=40 * 4 * 32), "run"))
    trainer.train()
    assert trainer.progress.step == trainer.run.file().steps == 40
    assert trainer.progress.tokens == trainer.settings.tokens < 40 * 4 * 32  # some windows are short


def test_looking_takes_half_of_short_minutes_at_most(
    home: Path, own_folder: Path, measured: list[TrainSettings]
) -> None:
    run = runs.create(settings(home, own_folder, tokens=0, minutes=0.01), "run")
    material.gather(run, lambda doing, read: None, world=2)  # a team that torchrun started, which no setting knows of
    assert run.file().settings.tokens == 2000 * 0.3


def test_a_stop_is_heard_while_it_measures(
    home: Path, own_folder: Path, measured: list[TrainSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(settings(home, own_folder, tokens=0, minutes=1.0), "run")
    said: list[tuple[str, int]] = []

    class Enough(Exception):
        pass

    def tell(doing: str, read: int) -> None:
        said.append((doing, read))
        if doing == "measuring" and read:
            raise Enough

    with pytest.raises(Enough):
        material.gather(run, tell)
    assert said[0][0] == "reading" and run.file().settings.tokens == 0


def test_a_run_keeps_its_tokenizer_and_notices_another_text(home: Path, own_folder: Path) -> None:
    tokenizer = home / "tokenizer"
    tokenizer.mkdir()
    (tokenizer / "tokenizer.json").write_bytes((own_folder / "tokenizer.json").read_bytes())
    trainer = Trainer(runs.create(settings(home, tokenizer), "run"))
    trainer.describe()
    made(trainer, 1)
    trainer.save()
    (tokenizer / "tokenizer.json").write_text("{}")
    assert resumed(trainer.run).progress.step == 1
    (home / "text.txt").write_text(TEXT.replace("owl", "cow"), "utf-8")
    with pytest.raises(UserError, match="not the one"):
        resumed(trainer.run)


def test_a_new_tokenizer_is_trained_on_the_text(home: Path, own_folder: Path) -> None:
    wanted = settings(home, own_folder)
    shape = replace(wanted.shape, vocabulary=5_000)
    run = runs.create(replace(wanted, tokenizer="new", shape=shape), "run")
    trainer = Trainer(run)
    size = run.file().settings.shape.vocabulary
    assert 261 < size < 600 and size == trainer.tokenizer.vocabulary == trainer.settings.shape.vocabulary
    assert trainer.net.words.weight.shape[0] == size
    kept = (run.folder / "tokenizer" / "tokenizer.json").read_bytes()
    assert made(trainer, 1)
    trainer.save()
    assert resumed(run).progress.step == 1 and (run.folder / "tokenizer" / "tokenizer.json").read_bytes() == kept


def test_a_stop_is_heard_while_a_tokenizer_is_trained(home: Path, own_folder: Path) -> None:
    run = runs.create(replace(settings(home, own_folder), tokenizer="new"), "run")

    class Enough(Exception):
        pass

    def tell(doing: str, read: int) -> None:
        if read > 500:
            raise Enough

    with pytest.raises(Enough):
        material.gather(run, tell)
    assert not (run.folder / "tokenizer").exists()
    Trainer(run)


@pytest.fixture
def model(home: Path, own_folder: Path) -> Path:
    """A model to train further."""
    trainer = Trainer(runs.create(settings(home, own_folder, "bert", tokens=3_000), "first"))
    trainer.train()
    return trainer.run.checkpoints[-1]


def test_a_run_goes_on_from_another_model(home: Path, own_folder: Path, model: Path) -> None:
    trainer = Trainer(runs.create(settings(home, model, "bert", start=str(model), dropout=0.3), "second"))
    theirs = checkpoint.safetensors.load_file(model / "model.safetensors")
    ours = trainer.net.to_tensors()
    assert all(torch.equal(tensor, ours[name]) for name, tensor in theirs.items())
    assert trainer.net.dropout == 0.3 and trainer.net.training and trainer.progress.step == 0
    made(trainer, 2)
    trainer.save()
    assert resumed(trainer.run).progress.step == 2 and "damaged" not in events(trainer.run)


def test_a_model_that_does_not_fit_is_refused(home: Path, own_folder: Path, model: Path) -> None:
    fine = settings(home, model, "bert", start=str(model))
    wrong = {
        "as gpt2": replace(fine, family="gpt2"),
        "tokenizer": replace(fine, shape=replace(fine.shape, vocabulary=700)),
        "at most 32": replace(fine, length=64),
        "no config": replace(fine, start=str(home)),
    }
    for number, (problem, settings_) in enumerate(wrong.items()):
        with pytest.raises(UserError, match=problem):
            Trainer(runs.create(settings_, f"wrong-{number}"))


def test_a_causal_model_needs_no_mask(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = material.Tokenizer.load

    def without(folder: Path) -> Any:
        found = real(folder)
        found.mask = None
        return found

    monkeypatch.setattr(material.Tokenizer, "load", without)
    trainer = Trainer(runs.create(settings(home, own_folder, tokens=1_000), "causal"))
    assert trainer.train() == "finished"
    with pytest.raises(UserError, match="no mask token"):
        Trainer(runs.create(settings(home, own_folder, "bert"), "masked"))


def test_what_run_json_says(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, "bert", causal_start=0.3), "run"))
    trainer.describe()
    file = Run(trainer.run.folder).file()
    assert file.switch == trainer.progress.switch > 0 and file.device == "cpu"
    assert (file.text, file.held_out_text) == trainer.made.digests and len(file.text) == 12
    assert file.parameters == sum(weight.numel() for weight in trainer.net.parameters())
    assert file.budget is not None and file.budget.parameters == file.parameters
    assert file.unigram_nats == pytest.approx(trainer.unigram_nats) and file.versions["torch"] == torch.__version__
    assert dataclasses.is_dataclass(trainer.made) and paths.runs() in trainer.run.folder.parents
