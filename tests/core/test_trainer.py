"""The trainer as a process: signals, one writer, deaths, and reasons that are written down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from core import runs
from core.errors import UserError
from core.settings import plan
from core.training.ownership import claim
from core.training.trainer import Trainer
from tests.core.toy_runs import TEXT, losses, settings, wait_for


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
