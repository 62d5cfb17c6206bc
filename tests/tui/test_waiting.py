"""Staying beside a run: how its end is told, and what signals mean meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from core import runs
from core.runs import Run
from tests import fake_trainer
from tests.tui import made_runs
from tests.tui.test_trainer import SLEEPER, instead, until
from tui.engine import command
from tui.headless import waiting
from tui.headless.progress import Lines
from tui.runs import trainer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LOOKBOTH_RUNS", raising=False)


@pytest.fixture
def obedient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trainer that needs no torch."""
    monkeypatch.setattr(command, "of", lambda *words: [sys.executable, str(fake_trainer.ITSELF), *words])


def once(true: object, do: object) -> threading.Thread:
    """A thread that does something as soon as something is so."""

    def work() -> None:
        until(true)  # type: ignore[arg-type]
        do()  # type: ignore[operator]

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_trainer_that_dies_without_a_word_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(monkeypatch, "import sys; sys.exit('no torch here')")
    assert waiting.wait_for(trainer.start(made_runs.settings(), "mute")) == 1
    assert "lookboth: The run mute died: exit code 1. no torch here\n" in capsys.readouterr().err


def test_a_run_that_failed_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = '{"status":"failed","step":2,"tokens":9,"seconds":1.0,"error":"the disk is full"}'
    instead(monkeypatch, f"import sys, pathlib; pathlib.Path(sys.argv[2], 'result.json').write_text({result!r})")
    assert waiting.wait_for(trainer.start(made_runs.settings(), "full")) == 1
    assert "full failed: the disk is full" in capsys.readouterr().err


def test_how_it_ended_the_last_time_is_not_how_it_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = made_runs.make("again")
    made_runs.end(run, "stopped")
    instead(monkeypatch, "import sys; sys.exit('no torch any more')")
    assert waiting.wait_for(trainer.resume(run)) == 1
    said = capsys.readouterr().err
    assert "died: exit code 1. no torch any more" in said and "stopped" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_waiting_and_not_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    instead(monkeypatch, SLEEPER)
    started = trainer.start(made_runs.settings(), "long")
    console = started.of.folder / "console.log"
    heard = signal.getsignal(signal.SIGTERM)  # the waiting takes this one before it waits
    helper = once(
        lambda: console.stat().st_size and signal.getsignal(signal.SIGTERM) != heard,
        lambda: os.kill(os.getpid(), number),
    )
    assert waiting.wait_for(started) == 130
    helper.join()
    assert "long goes on by itself" in capsys.readouterr().err and started.death() is None
    started.process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2])
def test_in_a_batch_job_a_signal_stops_the_run_which_is_waited_for(
    obedient: None, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    started = trainer.start(made_runs.settings(), "batch")
    helper = once(lambda: started.of.state() == "running", lambda: os.kill(os.getpid(), number))
    assert waiting.wait_for(started, batch=True) == 0
    helper.join()
    said = capsys.readouterr().err
    assert "asked to save and stop" in said and "batch stopped at step" in said
    assert started.of.state() == "stopped" and signal.getsignal(number) == signal.SIG_DFL


def test_a_signal_that_comes_before_the_trainer_can_hear_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    late = f"import time, runpy, sys; time.sleep(0.5); sys.argv[0] = {str(fake_trainer.ITSELF)!r}\n"
    forgets = "import pathlib\nfor path in pathlib.Path(sys.argv[-1], 'control').iterdir(): path.unlink()\n"
    instead(monkeypatch, late + forgets + "runpy.run_path(sys.argv[0], run_name='__main__')")
    run = made_runs.make("early")
    made_runs.end(run, "stopped")
    started = trainer.resume(run)
    os_kill = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR2))
    os_kill.start()
    assert waiting.wait_for(started, batch=True) == 0 and started.death() is not None


def watched(run: Run, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = waiting.follow(run, Lines(sys.stdout))
    return code, capsys.readouterr().out.splitlines()


def test_a_watcher_begins_where_the_run_is_and_says_each_look(capsys: pytest.CaptureFixture[str]) -> None:
    run = made_runs.make("far", owner=runs.me())
    made_runs.write(run, [made_runs.row(step, 5.0) for step in range(1, 501)])
    made_runs.write(run, [made_runs.held_out(500, 5.5), {"step": 500, "event": "saved", "text": "long ago"}])

    def goes_on() -> None:
        made_runs.write(run, [made_runs.row(501, 4.5), made_runs.held_out(501, 4.75)])
        made_runs.write(run, [{"step": 501, "event": "memory", "text": "half the windows \x1b[31m at once"}])
        made_runs.end(run, "finished")

    thread = threading.Timer(0.3, goes_on)
    thread.start()
    code, lines = watched(run, capsys)
    thread.join()
    assert code == 0 and lines[0].startswith("step 500/1,000  loss 5.000  held-out 5.500  ")
    assert "tok/s" in lines[0] and "eta 50 s" in lines[0]
    assert lines[1] == "step 501: half the windows ␛[31m at once"
    assert lines[2].startswith("step 501/1,000  loss 4.500  held-out 4.750  finished") and len(lines) == 3


def test_a_torn_line_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    run = made_runs.make("torn")
    made_runs.write(run, [made_runs.row(1, 6.0)])
    with open(run.folder / "metrics.jsonl", "a") as file:
        file.write('{"step": 2, "los\n' + json.dumps(made_runs.row(3, 5.0)) + "\n" + '{"step": 4, "tok')
    code, lines = watched(run, capsys)
    assert code == 1 and lines == ["step 3/1,000  loss 5.000  died"]
