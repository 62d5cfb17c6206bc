"""Two processes train what one would: the same curve, the same requests, one writer."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import msgspec
import pytest

from core import runs
from core.runs import Run
from core.settings import Family
from core.training.trainer import Trainer
from tests.core.toy_runs import Forked, events, losses, process, settings, wait_for


def together(run: Run) -> list[int | None]:
    """Train `run` in two processes, as torchrun would start them."""
    place = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(20_000 + os.getpid() % 40_000)}
    team = [Forked(run, RANK=str(rank), LOCAL_RANK=str(rank), **place) for rank in range(2)]
    codes = [one.wait() for one in team]
    for one in team:
        one.kill()
    return codes


def close(one: dict[int, str], other: dict[int, str]) -> bool:
    return one.keys() == other.keys() and all(
        float.fromhex(loss) == pytest.approx(float.fromhex(other[step]), rel=1e-4) for step, loss in one.items()
    )


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_two_processes_give_the_curve_of_one(home: Path, own_folder: Path, family: Family) -> None:
    causal = 0.4 if family == "bert" else 0.0
    wanted = settings(home, own_folder, family, tokens=5_400, dropout=0.0, rows=5, causal_start=causal, short=0.5)
    alone = Trainer(runs.create(wanted, "alone"))
    alone.run.leave("extend", 1)
    alone.train()
    run = runs.create(msgspec.structs.replace(wanted, processes=2), "both")
    run.leave("extend", 1)  # every process must learn of it
    assert together(run) == [0, 0]
    assert len(losses(run)) >= 30 and close(losses(run), losses(alone.run))
    outcome, both = run.outcome(), [row for row in run.rows()[0] if "loss" in row]
    assert outcome is not None and outcome.status == "finished"
    assert (outcome.step, outcome.tokens) == (alone.progress.step, alone.progress.tokens)
    assert [row["step"] for row in both] == list(range(1, outcome.step + 1)) and events(run) == ["extended"]


def test_two_processes_stop_together_and_go_on_exactly(home: Path, own_folder: Path) -> None:
    wanted = settings(home, own_folder, tokens=8_000, processes=2)
    whole, broken = runs.create(wanted, "whole"), runs.create(wanted, "broken")
    assert together(whole) == [0, 0]
    stopper = threading.Thread(target=stop, args=(broken,))
    stopper.start()
    assert together(broken) == [0, 0]
    stopper.join()
    outcome, progress = broken.outcome(), broken.progress()
    assert outcome is not None and progress is not None and outcome.status == "stopped"
    assert outcome.step == progress.step == max(losses(broken)) < max(losses(whole))
    assert together(broken) == [0, 0] and broken.state() == "finished" and losses(broken) == losses(whole)


def stop(run: Run) -> None:
    wait_for(lambda: len(losses(run)) > 3)
    run.leave("stop")


def test_what_ends_one_process_ends_all(home: Path, own_folder: Path) -> None:
    (home / "text.txt").write_bytes(b"\x00")
    run = runs.create(settings(home, own_folder, processes=2), "run")
    codes = together(run)
    outcome = run.outcome()
    assert codes[0] == 1 and outcome is not None and "text.txt" in outcome.error


def test_more_processes_than_windows_are_refused(home: Path, own_folder: Path) -> None:
    run = runs.create(settings(home, own_folder, rows=1), "run")
    assert 1 in together(run)
    outcome = run.outcome()
    assert outcome is not None and "2 processes cannot share 1 windows" in outcome.error


@pytest.mark.slow
def test_torchrun_starts_stops_and_resumes_them(home: Path, own_folder: Path) -> None:
    wanted = settings(home, own_folder, tokens=30_000, processes=2)
    run = runs.create(wanted, "run")
    trainer = process(run, home)
    try:
        wait_for(lambda: len(losses(run)) > 5)
        os.kill(trainer.pid, signal.SIGTERM)
        assert trainer.wait(60) == 0
    finally:
        trainer.kill()
    outcome = run.outcome()
    assert outcome is not None and outcome.status == "stopped" and outcome.step == max(losses(run))
    assert process(run, home).wait(90) == 0
    whole = runs.create(wanted, "whole")
    assert process(whole, home).wait(90) == 0
    assert run.state() == "finished" and losses(run) == losses(whole)
