"""A full disk, and the rows: short writes, torn lines, and a run that says how much room is missing."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core import runs
from core.runs import Run
from core.training import launch
from core.training.keep import ballast, checkpoint, disk
from core.training.keep.journal import Journal, attempt
from core.training.trainer import Trainer
from tests.core.toy_runs import Forked, losses, made, resumed, settings


@pytest.fixture
def run(home: Path, own_folder: Path) -> Run:
    return runs.create(settings(home, own_folder, tokens=3_000), "run")


def test_a_disk_that_takes_a_part_is_offered_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:3]))
    disk.write(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"
    disk.replace(tmp_path / "file", b"another")
    assert (tmp_path / "file").read_bytes() == b"another" and len(list(tmp_path.iterdir())) == 1


def filling(after: int, code: int = errno.ENOSPC) -> Callable[[int, bytes], None]:
    """What writes a part and then fails, from its call `after` on."""
    append, count = disk.append, 0

    def fill(descriptor: int, content: bytes) -> None:
        nonlocal count
        count += 1
        if count > after:
            os.write(descriptor, content[: len(content) // 2])
            raise OSError(code, os.strerror(code))
        append(descriptor, content)

    return fill


def test_a_line_that_was_cut_is_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, path = Run(tmp_path), tmp_path / "metrics.jsonl"
    rows = Journal(path, 1)
    rows.add({"step": 1, "loss": float("nan")})
    with monkeypatch.context() as full:
        full.setattr(disk, "append", filling(0))
        with pytest.raises(OSError, match="No space"):
            rows.add({"step": 2})
    rows.add({"step": 3})
    rows.close()
    assert [row["step"] for row in run.rows()[0]] == [1, 3] and run.rows()[0][0]["loss"] is None
    with open(path, "ab") as file:
        file.write(b'{"step": 4, "atte')
    again = Journal(path, attempt(path))
    again.add({"step": 5})
    again.flush()
    again.close()
    assert [(row["step"], row["attempt"]) for row in run.rows()[0]] == [(1, 1), (3, 1), (5, 2)]


def test_the_attempt_is_told_by_the_last_rows(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    assert attempt(path) == 1
    path.write_bytes(
        b'{"attempt": 99}\n' + b'{"attempt": 3, "padding": "....................................."}\n' * 2000
    )
    assert attempt(path) == 4
    path.write_bytes(b"no row\n[]\n")
    assert attempt(path) == 1


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def ended(trainer: Trainer, work: Callable[[], Any]) -> runs.Outcome:
    """How the run of `trainer` ends when `work` finds no room."""
    with pytest.raises(OSError) as caught:
        work()
    assert disk.full(caught.value)
    return launch._failed(trainer.run, trainer, caught.value)


def test_a_full_disk_before_the_first_checkpoint_promises_none(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(run)
    with monkeypatch.context() as full:
        full.setattr(disk.shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 5_000))
        outcome = ended(trainer, trainer.save)
    assert outcome.error.endswith("nothing was saved yet, and it begins again at step 0.")


def test_sizes_are_said_in_words() -> None:
    said = [disk.size(count) for count in (0, 812, 999.6, 5_000, 79_012_345, 999_600_000, 1.25e9, 3e12)]
    assert said == ["0 bytes", "812 bytes", "1 kB", "5 kB", "79 MB", "1 GB", "1.25 GB", "3 TB"]


def test_a_save_without_room_is_not_begun(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(run)
    made(trainer, 2)
    trainer.save()
    made(trainer, 1)
    with monkeypatch.context() as full:
        full.setattr(disk.shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 5_000))
        outcome = ended(trainer, trainer.save)
    size = sum(path.stat().st_size for path in run.checkpoints[-1].iterdir())
    assert outcome.cause == "disk" and outcome.step == 3 and "5 kB are free" in outcome.error
    missing, unit = outcome.error.split(" are missing")[0].split()[-2:]
    assert unit == "kB" and abs(float(missing) * 1000 + 5_000 - size) < 0.01 * size
    assert outcome.error.endswith("the last checkpoint is good.")
    assert [path.name for path in (run.folder / "checkpoints").iterdir()] == ["step-00000002"]
    launch._write(run, outcome)
    assert not (run.folder / "ballast").exists() and run.state() == "failed"
    assert resumed(run).train() == "finished"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_disk_that_fills_up_inside_a_save_leaves_nothing_half(
    run: Run, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    trainer = Trainer(run)
    made(trainer, 1)
    trainer.save()
    made(trainer, 1)
    for after in (0, 1, 3, 6):
        with monkeypatch.context() as full:
            full.setattr(disk, "append", filling(after, code))
            outcome = ended_of_save(trainer)
        assert outcome.cause == "disk" and "needed" in outcome.error
        assert [path.name for path in (run.folder / "checkpoints").iterdir()] == ["step-00000001"]
    assert checkpoint.intact(run.checkpoints[0])


def ended_of_save(trainer: Trainer) -> runs.Outcome:
    return ended(
        trainer,
        lambda: checkpoint.save(
            trainer.run.folder, trainer.progress, trainer.net, trainer.learner.optimizer, trainer.made.folder
        ),
    )


def test_the_last_row_is_written_on_the_room_that_was_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(run)
    made(trainer, 2)
    assert (run.folder / "ballast").stat().st_size == ballast.BYTES
    append = disk.append

    def full(descriptor: int, content: bytes) -> None:
        if (run.folder / "ballast").exists():
            os.write(descriptor, content[:10])
            raise OSError(errno.ENOSPC, "full")
        append(descriptor, content)

    with monkeypatch.context() as patched:
        patched.setattr(disk, "append", full)
        outcome = ended(trainer, trainer.train)
        launch._write(run, outcome)
    assert outcome.cause == "disk" and run.outcome() == outcome
    assert "held_out" in run.rows()[0][-1] or "loss" in run.rows()[0][-1]
    assert resumed(run).train() == "finished"


def test_a_limit_on_files_stops_a_real_trainer_and_it_goes_on(home: Path, own_folder: Path) -> None:
    wanted = settings(home, own_folder, tokens=4_000, checkpoint_seconds=0)
    run = runs.create(wanted, "run")
    assert Forked(run, largest_file=80_000).wait() == 1
    outcome = run.outcome()
    assert outcome is not None and outcome.cause == "disk" and "quota" in outcome.error
    assert not any(path.name.startswith(".writing") for path in (run.folder / "checkpoints").iterdir())
    assert Forked(run).wait() == 0
    whole = Trainer(runs.create(wanted, "whole"))
    whole.train()
    assert losses(run) == losses(whole.run)
