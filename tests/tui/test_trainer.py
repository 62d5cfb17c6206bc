"""Runs that are started from a front end and outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from core import paths, runs, settings
from core.errors import UserError
from core.settings import TrainSettings
from tui.engine import command
from tui.headless import waiting
from tui.runs import trainer
from tui.runs.trainer import Started

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import os, sys, time; print('begun', os.getpid(), flush=True); time.sleep(600)"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LOOKBOTH_RUNS", raising=False)


@pytest.fixture
def chosen(own_folder: Path) -> TrainSettings:
    """A training of three small steps on some passages, others held out."""
    passages, size = paths.assets() / "passages", settings.preset("tiny")
    budget, held_out = 3 * size.rows * size.length, [passages / "dialogue.txt"]
    return settings.plan("gpt2", [passages / "everyday.txt"], "tiny", own_folder, budget, held_out)


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have `code` run where the trainer would."""
    monkeypatch.setattr(command, "of", lambda *words: [sys.executable, "-c", code, *words])


def written(path: Path, patience: float = 10.0) -> str:
    """The file, once there is something in it."""
    end = time.monotonic() + patience
    while not (path.exists() and path.stat().st_size) and time.monotonic() < end:
        time.sleep(0.01)
    return path.read_text()


def exit_code(started: Started, patience: float = 20.0) -> int:
    end = time.monotonic() + patience
    while (death := started.death()) is None and time.monotonic() < end:
        time.sleep(0.01)
    assert death is not None
    return death.code


@pytest.mark.slow
def test_a_real_run_is_trained_to_its_end(chosen: TrainSettings, capsys: pytest.CaptureFixture[str]) -> None:
    started = trainer.start(chosen, "three-steps")
    assert waiting.wait_for(started) == 0, (started.run.folder / "console.log").read_text()
    outcome = started.run.outcome()
    assert outcome is not None and outcome.status == "finished" and outcome.step >= 3
    assert "three-steps finished" in capsys.readouterr().err
    assert started.run.checkpoints


def test_it_is_in_a_session_of_its_own_and_reads_nothing(
    chosen: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, SLEEPER)
    started = trainer.start(chosen)
    pid = started.process.pid
    assert written(started.run.folder / "console.log").split() == ["begun", str(pid)]
    assert os.getsid(pid) == pid
    if sys.platform == "linux":
        assert str(Path(f"/proc/{pid}/fd/0").readlink()) == os.devnull
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not psutil.pid_exists(pid)  # collected without anybody asking: no zombie
    assert exit_code(started) == -signal.SIGKILL


def test_it_outlives_the_front_end(chosen: TrainSettings, tmp_path: Path) -> None:
    code = (
        "import sys, msgspec\nfrom core.settings import TrainSettings\n"
        "from tui.engine import command\nfrom tui.runs import trainer\n"
        f"command.of = lambda *words: [sys.executable, '-c', {SLEEPER!r}]\n"
        "started = trainer.start(msgspec.json.decode(sys.argv[1], type=TrainSettings))\n"
        "print(started.process.pid, flush=True)\nsys.stdin.read()\n"
    )
    front = subprocess.Popen(
        [sys.executable, "-c", code, msgspec.json.encode(chosen).decode()],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert front.stdout is not None
    pid = int(front.stdout.readline())
    os.killpg(front.pid, signal.SIGKILL)
    front.communicate()
    process = psutil.Process(pid)
    assert process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    process.kill()


def test_a_trainer_that_dies_without_a_word_is_told(
    chosen: TrainSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(monkeypatch, "import sys; sys.exit('no torch here')")
    assert waiting.wait_for(trainer.start(chosen, "mute")) == 1
    assert capsys.readouterr().err == "lookboth: The run mute died: exit code 1. no torch here\n"


def test_a_run_that_failed_is_told_with_its_reason(
    chosen: TrainSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = '{"status":"failed","step":2,"tokens":9,"seconds":1.0,"error":"the disk is full"}'
    instead(monkeypatch, f"import sys, pathlib; pathlib.Path(sys.argv[2], 'result.json').write_text({result!r})")
    assert waiting.wait_for(trainer.start(chosen, "full")) == 1
    assert "full failed: the disk is full" in capsys.readouterr().err


def test_ctrl_c_ends_the_waiting_and_not_the_run(
    chosen: TrainSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(monkeypatch, SLEEPER)
    started = trainer.start(chosen, "long")

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(waiting.time, "sleep", interrupted)
    assert waiting.wait_for(started) == 130
    assert "long goes on by itself" in capsys.readouterr().err and started.death() is None
    started.process.kill()


def test_steps_are_counted_in_tokens_of_full_windows(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    monkeypatch.setattr(paths, "assets", lambda: own_folder.parent / "assets")
    models = own_folder.parent / "assets" / "models"
    models.mkdir(parents=True, exist_ok=True)
    if not (models / "lstm").exists():
        (models / "lstm").symlink_to(own_folder)
    text = own_folder.parent / "text.txt"
    text.write_text("some words")
    size = settings.preset("tiny")
    planned = trainer.planned("lstm", [str(text)], "tiny", None, 5, seed=3)
    assert planned.tokens == 5 * size.rows * size.length and planned.seed == 3
    assert planned.texts == [str(text)] and planned.family == "lstm"
    assert trainer.planned("lstm", [str(text)], "tiny", None, None, seed=1).tokens == size.tokens
    with pytest.raises(UserError, match="size"):
        trainer.planned("lstm", [str(text)], "enormous", None, None, seed=1)


def test_a_run_can_be_given_a_trainer_again(chosen: TrainSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "print('here')")
    run = runs.create(chosen, "twice")
    for _ in range(2):
        assert exit_code(trainer.resume(run)) == 0
    assert (run.folder / "console.log").read_text() == "here\nhere\n"
