"""How a trainer ended is kept until the next one has learnt from it, and weights that are no numbers never are."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch

from core import runs
from core.runs import Outcome, Run
from core.training import launch
from core.training.keep import disk
from core.training.keep.ending import ended, forget_ending, keep_ending
from core.training.learner import NotANumber
from core.training.trainer import Trainer
from tests.core.toy_runs import made, resumed, settings


@pytest.fixture
def run(home: Path, own_folder: Path) -> Run:
    return runs.create(settings(home, own_folder, tokens=2_000), "run")


def end(run: Run, cause: str) -> None:
    known = {"status": "failed", "step": 5, "tokens": 0, "seconds": 0.0, "cause": cause, "bad_step": 5}
    (run.folder / "result.json").write_bytes(msgspec.json.encode(msgspec.convert(known, Outcome)))


@pytest.mark.parametrize("after", ["", "error", "disk"])
def test_a_lesson_outlives_a_trainer_that_had_no_time_for_it(run: Run, after: str) -> None:
    for cause in ("nan", after):
        end(run, cause)
        keep_ending(run)
        assert run.outcome() is None
    kept = ended(run)
    assert kept is not None and (kept.cause, kept.bad_step) == ("nan", 5)
    assert 5 in resumed(run).progress.skips and ended(run) is None


def test_the_newest_lesson_counts(run: Run) -> None:
    for cause in ("error", "memory", "nan"):
        end(run, cause)
        keep_ending(run)
        kept = ended(run)
        assert kept is not None and kept.cause == cause
    forget_ending(run)
    assert ended(run) is None


def test_weights_that_the_last_update_spoiled_are_never_saved(run: Run) -> None:
    trainer = Trainer(run)
    made(trainer, 3)
    trainer.look()
    trainer.save()
    made(trainer, 2)
    with torch.no_grad():
        next(trainer.net.parameters()).fill_(torch.nan)
    run.leave("stop")
    with pytest.raises(NotANumber, match="step 4") as caught:
        trainer.train()
    launch._write(run, launch._failed(run, trainer, caught.value))
    outcome = run.outcome()
    assert outcome is not None and (outcome.cause, outcome.bad_step) == ("nan", 4) and "held-out" in outcome.error
    assert [folder.name for folder in run.checkpoints] == ["step-00000003"]
    keep_ending(run)
    again = resumed(run)
    assert again.progress.skips == (4,) and again.train() == "finished"


def test_two_processes_of_a_team_may_say_at_once_how_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, flush, others = tmp_path / "result.json", disk.flush, ["1"]

    def while_another_writes(path: Path) -> None:
        if others:
            monkeypatch.setenv("RANK", others.pop())
            disk.replace(result, b"two")
            monkeypatch.setenv("RANK", "0")
            assert result.read_bytes() == b"two"
        flush(path)

    monkeypatch.setenv("RANK", "0")
    monkeypatch.setattr(disk, "flush", while_another_writes)
    disk.replace(result, b"one")
    assert result.read_bytes() == b"one" and [path.name for path in tmp_path.iterdir()] == ["result.json"]
