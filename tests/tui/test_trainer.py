"""Runs that are started from a front end and outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from core import paths, runs
from core.errors import UserError
from core.plan import Choice, settle
from core.runs import Beat, Owner, Run
from core.settings import TrainSettings
from tests import fake_trainer
from tests.tui import made_runs
from tui.engine import command
from tui.headless import waiting
from tui.runs import keeping, trainer
from tui.runs.detached import Started

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import os, sys, time; print('begun', os.getpid(), flush=True); time.sleep(600)"
ELSEWHERE = Owner(host="another-machine", pid=1, started=1.0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LOOKBOTH_RUNS", raising=False)


@pytest.fixture
def chosen(own_folder: Path) -> TrainSettings:
    """A training of three small steps on some passages, others held out."""
    texts, held_out = ((str(paths.assets() / "passages" / name),) for name in ("everyday.txt", "dialogue.txt"))
    return settle(Choice(family="gpt2", texts=texts, held_out=held_out, tokenizer=str(own_folder), steps=3))


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have `code` run where the trainer would."""
    monkeypatch.setattr(command, "of", lambda *words: [sys.executable, "-c", code, *words])


def until(true: Callable[[], object], patience: float = 20.0) -> None:
    end = time.monotonic() + patience
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


def written(path: Path) -> str:
    """The file, once there is something in it."""
    until(lambda: path.exists() and path.stat().st_size)
    return path.read_text()


def exit_code(started: Started[Run]) -> int:
    until(lambda: started.death() is not None)
    death = started.death()
    assert death is not None
    return death.code


def asked(run: Run) -> list[tuple[str, int]]:
    """The requests that lie in the run's folder."""
    return [(str(order["do"]), int(str(order["tokens"]))) for order in fake_trainer.orders(run)]


@pytest.mark.slow
def test_a_real_run_is_trained_to_its_end(chosen: TrainSettings, capsys: pytest.CaptureFixture[str]) -> None:
    started = trainer.start(chosen, "three-steps")
    assert waiting.wait_for(started) == 0, (started.of.folder / "console.log").read_text()
    outcome = started.of.outcome()
    assert outcome is not None and outcome.status == "finished" and outcome.step >= 3
    assert "three-steps finished" in capsys.readouterr().err
    assert started.of.checkpoints


def test_it_is_in_a_session_of_its_own_and_reads_nothing(
    chosen: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, SLEEPER)
    started = trainer.start(chosen)
    pid = started.process.pid
    assert written(started.of.folder / "console.log").split() == ["begun", str(pid)]
    assert os.getsid(pid) == pid
    if sys.platform == "linux":
        assert str(Path(f"/proc/{pid}/fd/0").readlink()) == os.devnull
    os.kill(pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(pid))  # collected without anybody asking: no zombie
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


def test_a_run_can_be_given_a_trainer_again(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "print('here')")
    run = made_runs.make("twice", owner=runs.me())
    made_runs.end(run, "stopped")
    for _ in range(2):
        assert exit_code(trainer.resume(run)) == 0
    assert (run.folder / "console.log").read_text() == "here\nhere\n"


def test_a_run_that_is_trained_or_finished_is_not_resumed() -> None:
    running, finished = made_runs.make("running", owner=runs.me()), made_runs.make("finished")
    made_runs.end(finished, "finished")
    with pytest.raises(UserError, match="running: it has a trainer"):
        trainer.resume(running)
    with pytest.raises(UserError, match=r"finished.*runs extend finished"):
        trainer.resume(finished)


def test_a_run_of_another_machine_is_taken_over_once_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "print('here')")
    run = made_runs.make("far", owner=ELSEWHERE)
    beat = run.folder / "beat.json"
    beat.write_bytes(msgspec.json.encode(Beat(doing="training", time=time.time() - 5)))
    with pytest.raises(UserError, match=r"trained on another-machine.*5 s ago"):
        trainer.resume(run)
    beat.write_bytes(msgspec.json.encode(Beat(doing="training", time=time.time() - 2 * trainer.YOUNG)))
    assert exit_code(trainer.resume(run)) == 0


def test_an_extension_is_asked_of_a_trainer_or_brings_one(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "print('here')")
    running, finished = made_runs.make("running", owner=runs.me()), made_runs.make("finished")
    made_runs.end(finished, "finished")
    assert trainer.extend(running, 2048) is None and asked(running) == [("extend", 2048)]
    started = trainer.extend(finished, 4096)
    assert started is not None and exit_code(started) == 0 and asked(finished) == [("extend", 4096)]


def test_an_extension_that_brings_no_trainer_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "of", lambda *words: ["/no/such/program"])
    run = made_runs.make("finished")
    made_runs.end(run, "finished")
    with pytest.raises(UserError, match="cannot be started"):
        trainer.extend(run, 4096)
    assert asked(run) == []


def test_a_run_is_deleted_whole_and_never_while_it_is_trained() -> None:
    done, running, broken = (made_runs.make(name) for name in ("done", "running", "broken"))
    made_runs.save(done, 10, 20)
    made_runs.end(done, "stopped")
    (broken.folder / "run.json").write_text("{")
    held = made_runs.make("running-2", owner=runs.me())
    with pytest.raises(UserError, match="Stop it first"):
        keeping.delete(held)
    fake_trainer_lock = open(running.folder / "lock", "w")  # noqa: SIM115 - held until it is closed below
    import fcntl

    fcntl.flock(fake_trainer_lock, fcntl.LOCK_EX)
    with pytest.raises(UserError, match="being trained"):
        keeping.delete(running)
    fake_trainer_lock.close()
    for run in (done, running, broken):
        keeping.delete(run)
    assert [path.name for path in paths.runs().iterdir()] == ["running-2"]


def test_a_name_is_one_runs_alone_and_a_note_may_say_anything() -> None:
    first, second = made_runs.make("first"), made_runs.make("second")
    keeping.rename(first, "  the best  ")
    keeping.note(first, "\x1b[31mred\n[b]")
    assert first.about().name == "the best" and first.about().note == "\x1b[31mred\n[b]"
    assert runs.find("the best").id == "first"
    for taken in ("the best", "first"):
        with pytest.raises(UserError, match="Another run"):
            keeping.rename(second, taken)
    with pytest.raises(UserError, match="too long"):
        keeping.rename(second, "x" * 200)
    keeping.rename(first, "")
    assert first.about().name == "" and first.about().note
