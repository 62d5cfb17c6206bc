"""The trainer as a process: signals, one writer, deaths, and reasons that are written down."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import msgspec
import pytest

from core import runs
from core.errors import UserError
from core.runs import Beat, Owner, Run
from core.training.keep import disk
from core.training.keep.ownership import claim
from core.training.trainer import Trainer
from tests.core.toy_runs import Forked, damage, losses, process, resumed, settings, wait_for


def test_sigterm_saves_and_a_second_process_finishes(home: Path, own_folder: Path) -> None:
    wanted = settings(home, own_folder, tokens=12_000)
    whole = Trainer(runs.create(wanted, "whole"))
    whole.train()
    run = runs.create(wanted, "run")
    trainer = process(run, home)
    try:
        wait_for(lambda: len(losses(run)) > 3)
        assert run.state() == "running"
        os.kill(trainer.pid, signal.SIGHUP)  # closing the window is nothing to a trainer
        os.kill(trainer.pid, signal.SIGINT)
        run.ask("pause")
        wait_for(lambda: run.state() == "paused")
        os.kill(trainer.pid, signal.SIGTERM)
        assert trainer.wait(60) == 0
    finally:
        trainer.kill()
    outcome, progress = run.outcome(), run.progress()
    assert outcome is not None and outcome.status == "stopped" and run.state() == "stopped"
    assert progress is not None and progress.step == outcome.step == max(losses(run)) < whole.progress.steps
    with pytest.raises(UserError, match="not running"):
        run.ask("stop")
    assert Forked(run).wait() == 0 and run.state() == "finished"
    assert losses(run) == losses(whole.run)


def test_a_killed_trainer_is_said_to_have_died(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, tokens=400_000), "run")
    trainer = Forked(run)
    try:
        wait_for(lambda: len(losses(run)) > 3)
    finally:
        trainer.kill()
        trainer.wait()
    assert run.state() == "died" and run.outcome() is None


def test_a_run_has_one_writer(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder), "run")
    with claim(run), pytest.raises(UserError, match="already"):
        claim(run)
    with claim(run):
        assert run.file().owner == runs.me()


def test_of_two_trainers_one_gives_way_and_spoils_nothing(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, tokens=20_000), "run")
    both = [Forked(run) for _ in range(2)]
    codes = sorted(trainer.wait() for trainer in both)
    outcome, rows = run.outcome(), [row["step"] for row in run.rows()[0] if "loss" in row]
    assert outcome is not None and outcome.status == "finished" and rows == list(range(1, outcome.step + 1))
    # On a busy machine the second may come when the first is done: then it finds nothing to do.
    assert codes == [0, 1] or max(row["attempt"] for row in run.rows()[0]) == 2


def elsewhere(run: Run, silent: float) -> None:
    """Let a trainer on another machine have given its last sign of life so many seconds ago."""
    owner = Owner(host="another", pid=1, started=0.0)
    disk.replace(run.folder / "run.json", msgspec.json.encode(msgspec.structs.replace(run.file(), owner=owner)))
    beat = Beat(doing="training", time=time.time() - silent)
    disk.replace(run.folder / "beat.json", msgspec.json.encode(beat))


def test_a_run_of_another_machine_is_left_alone_while_it_lives(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, tokens=1_000), "run")
    elsewhere(run, 60)
    with pytest.raises(UserError, match="another machine"):
        claim(run)
    owner = run.file().owner
    assert owner is not None and owner.host == "another"
    elsewhere(run, 150)
    assert Forked(run).wait() == 0 and run.state() == "finished"
    said = [row["text"] for row in run.rows()[0] if row.get("event") == "resumed"]
    assert len(said) == 1 and "taken over from another" in said[0]


def test_what_goes_wrong_is_written_into_the_run(home: Path, own_folder: Path) -> None:
    (home / "text.txt").write_bytes(b"\x00\x01\x02")
    run = runs.create(settings(home, own_folder), "run")
    assert Forked(run).wait() == 1
    outcome = run.outcome()
    assert outcome is not None and (outcome.status, outcome.cause) == ("failed", "error")
    assert "text.txt" in outcome.error and run.state() == "failed"


def test_a_damaged_last_checkpoint_of_a_short_run_loses_half_of_it(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, tokens=12_000), "run")
    trainer = Trainer(run)
    trainer.train()
    steps = trainer.progress.steps
    assert [folder.name for folder in run.checkpoints] == [f"step-{step:08d}" for step in (steps // 2, steps)]
    trainer.describe()
    damage(run.checkpoints[-1], "bit")
    assert resumed(run).progress.step == steps // 2
    damage(run.checkpoints[-1], "bit")
    assert resumed(run).progress.step == 0
    said = [row["text"] for row in run.rows()[0] if row.get("event") == "resumed"]
    assert said == [f"Resumed at step {steps // 2}.", "Begun again at step 0: no checkpoint could be used."]


def test_a_run_that_saved_nothing_says_so_when_it_begins_again(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder), "run")
    Trainer(run).describe()
    resumed(run)
    assert run.rows()[0][-1]["text"] == "Begun again at step 0: there was no checkpoint yet."


def test_a_stop_while_the_text_is_read_ends_at_step_0(home: Path, own_folder: Path) -> None:
    lines = "".join(
        f"{number} and {number * 7 % 1009} sat on the mat, and the mat was warm.\n\n" for number in range(10**6)
    )
    (home / "text.txt").write_text(lines)
    run = runs.create(settings(home, own_folder), "run")
    trainer = Forked(run)
    try:
        wait_for(lambda: (beat := run.beat()) is not None and beat.doing == "reading")
        assert run.state() == "running"
        run.ask("stop")
        assert trainer.wait() == 0
    finally:
        trainer.kill()
    outcome = run.outcome()
    assert outcome is not None and (outcome.status, outcome.step) == ("stopped", 0) and not losses(run)
