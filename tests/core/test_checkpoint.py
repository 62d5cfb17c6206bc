"""Checkpoints: whole or not there, the newest two and the best kept, and nothing damaged or foreign ever used."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors import torch as safetensors

from core import runs
from core.errors import UserError
from core.runs import Best, Progress, Run
from core.training.keep import checkpoint, disk
from core.training.trainer import Trainer
from tests.core.toy_runs import damage, events, made, resumed, settings


@pytest.fixture
def trainer(home: Path, own_folder: Path) -> Trainer:
    return Trainer(runs.create(settings(home, own_folder), "run"))


def saved(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        made(trainer, 1)
        trainer.save()


@pytest.mark.parametrize(
    "kind",
    ["cut", "bit", "zeros", "manifest", "optimizer.safetensors", "state.json", "MANIFEST.json", "config.json",
     "tokenizer.json"],
)  # fmt: skip
def test_a_damaged_checkpoint_is_passed_over(trainer: Trainer, kind: str) -> None:
    saved(trainer, 2)
    older, newer = trainer.run.checkpoints
    damage(newer, kind)
    assert checkpoint.newest(trainer.run.folder) == (older, [newer.name])
    assert resumed(trainer.run).progress.step == 1
    assert events(trainer.run) == ["damaged", "resumed"] and (newer.parent / f"bad-{newer.name}").is_dir()


def test_an_unfinished_save_is_no_checkpoint_and_rotation_keeps_two(trainer: Trainer) -> None:
    saved(trainer, 5)
    assert [path.name for path in trainer.run.checkpoints] == ["step-00000004", "step-00000005"]
    (trainer.run.folder / "checkpoints" / ".writing-00000006-1").mkdir()
    assert checkpoint.newest(trainer.run.folder)[0] == trainer.run.checkpoints[-1]


def test_rotation_keeps_the_best_one_too(trainer: Trainer) -> None:
    saved(trainer, 2)
    trainer.progress = msgspec.structs.replace(trainer.progress, best=Best(step=2, nats=0.0))
    saved(trainer, 4)
    assert [int(path.name[5:]) for path in trainer.run.checkpoints] == [2, 5, 6]


def test_a_checkpoint_that_cannot_be_deleted_is_a_warning(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    saved(trainer, 2)
    rename = disk.rename

    def stubborn(old: Path, new: Path) -> None:
        if new.name.startswith(".deleting"):
            raise PermissionError(errno.EACCES, "not yours")
        rename(old, new)

    monkeypatch.setattr(disk, "rename", stubborn)
    saved(trainer, 1)
    assert len(trainer.run.checkpoints) == 3 and "cannot be deleted" in caplog.text


def test_a_damaged_last_checkpoint_is_made_again(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, tokens=2_000), "run"))
    trainer.train()
    last = trainer.run.checkpoints[-1]
    damage(last, "bit")
    (last.parent / ".writing-00000099-1").mkdir()
    assert resumed(trainer.run).train() == "finished"
    left = {path.name for path in last.parent.iterdir()}
    assert checkpoint.intact(last) and left == {"step-00000008", last.name, f"bad-{last.name}"}


def test_a_run_without_a_checkpoint_begins_again(trainer: Trainer) -> None:
    trainer.describe()
    made(trainer, 3)
    again = resumed(trainer.run)
    assert again.progress.step == 0 and events(trainer.run) == ["resumed"]


def rewritten(folder: Path, name: str, content: bytes) -> None:
    """Replace a file of a checkpoint and its line in the manifest: well written, but not of this run."""
    (folder / name).write_bytes(content)
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "MANIFEST.json"}
    manifest = {name: [len(part), checkpoint.hashlib.sha256(part).hexdigest()] for name, part in files.items()}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    assert checkpoint.intact(folder)


def without(folder: Path, name: str, key: str | None, value: Any = None) -> bytes:
    """The tensors of a file, one of them gone or another."""
    tensors = safetensors.load_file(folder / name)
    found = key or next(iter(tensors))
    if value is None:
        del tensors[found]
    else:
        tensors[found] = value
    return safetensors.save(tensors)


def test_what_does_not_fit_is_refused_and_changes_nothing(trainer: Trainer) -> None:
    saved(trainer, 1)
    folder = trainer.run.checkpoints[0]
    kept = {name: (folder / name).read_bytes() for name in ("model.safetensors", "optimizer.safetensors", "state.json")}
    wrong = {
        "model.safetensors": [
            without(folder, "model.safetensors", None), without(folder, "model.safetensors", "odd", torch.zeros(2)),
            without(folder, "model.safetensors", None, torch.zeros(2)), b"{}",
        ],
        "optimizer.safetensors": [
            without(folder, "optimizer.safetensors", "0.exp_avg"), without(folder, "optimizer.safetensors", "0.step"),
            without(folder, "optimizer.safetensors", "0.exp_avg", torch.zeros(2)),
            without(folder, "optimizer.safetensors", "999.exp_avg", torch.zeros(2)), safetensors.save({}),
        ],
        "state.json": [b"[]", b"{"],
    }  # fmt: skip
    before = trainer.net.state_dict()
    for name, contents in wrong.items():
        for content in contents:
            rewritten(folder, name, content)
            fresh = Trainer(trainer.run)
            weights = {key: tensor.clone() for key, tensor in fresh.net.state_dict().items()}
            with pytest.raises(UserError):
                fresh.resume()
            assert all(torch.equal(tensor, weights[key]) for key, tensor in fresh.net.state_dict().items())
        rewritten(folder, name, kept[name])
    assert all(torch.equal(before[key], tensor) for key, tensor in resumed(trainer.run).net.state_dict().items())


def test_a_batch_that_will_be_passed_over_is_no_excuse_for_a_missing_optimizer(trainer: Trainer) -> None:
    trainer.progress = msgspec.structs.replace(trainer.progress, skips=(5,))
    saved(trainer, 1)
    rewritten(trainer.run.checkpoints[-1], "optimizer.safetensors", safetensors.save({}))
    with pytest.raises(UserError, match="optimizer's state"):
        resumed(trainer.run)


def test_one_that_does_not_fit_gives_way_to_one_that_does(trainer: Trainer) -> None:
    saved(trainer, 2)
    older, newer = trainer.run.checkpoints
    rewritten(newer, "optimizer.safetensors", safetensors.save({}))
    assert resumed(trainer.run).progress.step == 1
    assert trainer.run.checkpoints == [older] and events(trainer.run) == ["damaged", "resumed"]


def test_a_checkpoint_with_another_progress_replaces_the_one_of_its_step(trainer: Trainer) -> None:
    saved(trainer, 2)
    folder = trainer.run.checkpoints[-1]
    inode = folder.stat().st_ino
    trainer.save()
    assert folder.stat().st_ino == inode  # nothing was new
    trainer.progress = msgspec.structs.replace(trainer.progress, steps=999)
    trainer.save()
    progress = trainer.run.progress()
    assert progress is not None and progress.steps == 999
    assert {path.name for path in folder.parent.iterdir()} == {"step-00000001", "step-00000002"}
    disk.rename(folder, folder.with_name(f".replaced-{folder.name}"))  # killed between the two renames
    assert resumed(trainer.run).progress.step == 2


def test_the_state_of_an_earlier_lookboth_is_read(trainer: Trainer) -> None:
    saved(trainer, 3)
    old = {"step": 3, "tokens": trainer.progress.tokens, "seconds": 1.5, "steps": trainer.progress.steps}
    rewritten(trainer.run.checkpoints[-1], "state.json", json.dumps(old).encode())
    again = resumed(trainer.run)
    assert (again.progress.step, again.progress.seconds) == (3, 1.5)
    assert again.progress.switch == trainer.progress.switch and made(again, 2) == made(trainer, 2)


class Crash(BaseException):
    """The machine stops here."""


def test_a_crash_at_any_operation_of_a_save_loses_nothing(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In short what tests/faults does at length: the n-th change to the disk is the last one, for every n."""
    operations = ("write", "flush", "rename", "make", "remove")
    real = {name: getattr(disk, name) for name in operations}
    source = Trainer(runs.create(settings(home, own_folder, tokens=1_000), "run"))
    saved(source, 2)
    made(source, 1)
    for last in range(1, 200):
        count = 0

        def counted(name: str, limit: int = last) -> Any:
            def call(*arguments: Any) -> None:
                nonlocal count
                count += 1
                if count == limit:
                    raise Crash
                real[name](*arguments)

            return call

        with monkeypatch.context() as broken:
            for name in operations:
                broken.setattr(disk, name, counted(name))
            try:
                checkpoint.save(source.run.folder, source.progress, source.net, source.learner.optimizer,
                                source.made.folder)  # fmt: skip
            except Crash:
                pass
            else:
                break
        checkpoint.set_aside(source.run.folder)
        steps = [int(path.name[5:]) for path in source.run.checkpoints]
        assert steps in ([1, 2], [1, 2, 3], [2, 3]) and all(map(checkpoint.intact, source.run.checkpoints))
        if steps[-1] == 3:
            disk.remove(source.run.checkpoints[-1])
        if steps[0] == 2:
            progress = msgspec.structs.replace(source.progress, step=1)
            checkpoint.save(source.run.folder, progress, source.net, source.learner.optimizer, source.made.folder)
    assert last > 15


def test_progress_is_what_the_front_ends_read(trainer: Trainer) -> None:
    saved(trainer, 1)
    assert Run(trainer.run.folder).progress() == trainer.progress and isinstance(trainer.progress, Progress)
