"""What a trainer hears: requests in order, signals before them, and nothing that was meant for another."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import runs
from core.runs import Run
from core.training.keep import checkpoint
from core.training.keep import ear as ears
from core.training.keep.ear import Ear, Order, Stopped
from core.training.keep.ownership import claim
from core.training.trainer import Trainer
from tests.core.toy_runs import events, losses, made, resumed, settings


@pytest.fixture
def run(home: Path, own_folder: Path) -> Run:
    return runs.create(settings(home, own_folder, tokens=2_000), "run")


@pytest.fixture
def signals() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGUSR2, signal.SIGHUP, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_requests_come_in_order_and_are_taken_away(run: Run) -> None:
    ear = Ear(run.folder)
    assert ear.next() == ears.NOTHING
    run.leave("save")
    run.leave("extend", 500)
    assert ear.next().do == "save" == ear.next().do
    ear.done(ear.next())
    second = ear.next()
    assert (second.do, second.tokens) == ("extend", 500)
    ear.done(second)
    assert ear.next() == ears.NOTHING


def test_what_is_no_request_is_said_and_taken_away(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    for name, content in {"1.json": b"{", "2.json": b'{"do": "dance"}', "3.json": b"[]", ".4.json": b"half"}.items():
        (run.folder / "control" / name).write_bytes(content)
    run.leave("go")
    assert Ear(run.folder).next().do == "go" and caplog.text.count("not understood") == 3
    assert len(list((run.folder / "control").iterdir())) == 2


def test_a_new_trainer_forgets_all_but_a_longer_budget(run: Run) -> None:
    for order in ("stop", "pause", "save", "go"):
        run.leave(order)  # type: ignore[arg-type]
    run.leave("extend", 100)
    claim(run).close()
    assert [order.do for order in Ear(run.folder)._pending()] == ["extend"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2])
def test_a_signal_asks_and_a_second_one_does_not_wait(
    run: Run, signals: None, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    ear, ended = Ear(run.folder), []
    ear.at_once = ended.append
    ear.listen()
    for deaf in (signal.SIGHUP, signal.SIGINT):
        os.kill(os.getpid(), deaf)
    assert not ear.told
    run.leave("save")
    os.kill(os.getpid(), number)
    assert ear.told and ear.next() == Order("stop")
    os.kill(os.getpid(), number)
    assert not ended  # torchrun passes on what a cluster tells everybody
    monkeypatch.setattr(ears, "TOGETHER", -1.0)
    os.kill(os.getpid(), number)
    assert ended == [128 + number]


def test_a_stop_is_obeyed_before_the_first_step(run: Run) -> None:
    run.leave("pause")
    run.leave("stop")
    with pytest.raises(Stopped):
        Trainer(run)
    assert events(run) == ["stopped"]
    assert not any((run.folder / "control").iterdir())


def test_a_stop_ends_the_run_at_its_next_step(run: Run) -> None:
    trainer = Trainer(run)
    made(trainer, 3)
    run.leave("stop")
    assert trainer.train() == "stopped" and max(losses(run)) == 3 and events(run) == ["stopped"]
    assert run.checkpoints[-1].name == "step-00000003"
    assert trainer.outcome("stopped").held_out == trainer.seen


def test_a_run_saves_when_asked_and_goes_on(run: Run) -> None:
    trainer = Trainer(run)
    made(trainer, 2)
    run.leave("save")
    made(trainer, 2)
    assert run.checkpoints[-1].name == "step-00000003" and events(run) == ["saved"]


def test_a_paused_run_is_saved_and_obeys(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(run)
    seen: list[str] = []

    def sleep(seconds: float) -> None:
        """What happens while it waits: somebody pauses it again, asks for more, and lets it go on."""
        beat = run.beat()
        assert beat is not None
        seen.append(beat.doing)
        if len(seen) == 1:
            run.leave("pause")
            run.leave("extend", 500)
        elif len(seen) == 4:
            run.leave("go")

    monkeypatch.setattr("core.training.trainer.time.sleep", sleep)
    made(trainer, 1)
    run.leave("pause")
    worked = trainer.progress.seconds
    made(trainer, 1)
    assert set(seen) == {"paused"} and len(seen) == 4
    assert events(run) == ["paused", "extended", "going on"] and run.checkpoints[-1].name == "step-00000002"
    assert trainer.progress.seconds < worked + 30
    beat = run.beat()
    assert beat is not None and beat.doing == "training"


def test_a_pause_is_no_work_though_it_is_saved_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, clock, night = Trainer(run), time.monotonic, [0.0]

    def sleep(seconds: float) -> None:
        night[0] += 3600
        run.leave("save" if night[0] == 3600 else "go")

    monkeypatch.setattr("core.training.trainer.time.sleep", sleep)
    monkeypatch.setattr("core.training.trainer.time.monotonic", lambda: clock() + night[0])
    run.leave("pause")
    made(trainer, 2)
    assert events(run) == ["paused", "saved", "going on"] and trainer.progress.seconds < 60


def test_who_asks_for_more_during_the_last_save_is_heard(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, save = Trainer(run), checkpoint.save
    steps, asked = trainer.progress.steps, []

    def slow(*given: Any) -> None:
        save(*given)
        if not asked:
            asked.append(run.leave("extend", 500))

    monkeypatch.setattr(checkpoint, "save", slow)
    assert trainer.train() == "finished" and events(run) == ["extended"]
    assert trainer.progress.steps > steps and max(losses(run)) == trainer.progress.steps
    assert run.checkpoints[-1].name == f"step-{trainer.progress.steps:08d}" and not asked[0].exists()


def test_a_longer_budget_behind_one_that_was_given_is_heard(run: Run) -> None:
    trainer = Trainer(run)
    first = run.leave("extend", 500)
    kept = first.read_bytes()
    made(trainer, 1)
    trainer.save()
    first.write_bytes(kept)  # the trainer was killed before it could take the request away
    second = run.leave("extend", 300)
    assert resumed(run)._next().name == second.name and not first.exists()


def test_a_paused_run_can_be_stopped(run: Run) -> None:
    trainer = Trainer(run)
    run.leave("pause")
    run.leave("stop")
    assert trainer.train() == "stopped" and events(run) == ["paused", "stopped"]
    assert run.rows()[0][-1]["text"] == "Stopped at step 0."


def test_a_run_is_longer_by_exactly_the_steps_that_were_asked_for(run: Run) -> None:
    trainer = Trainer(run)
    steps = trainer.progress.steps
    run.leave("extend", 3 * 128, 3)
    run.leave("extend", steps=2)
    made(trainer, 2)
    assert trainer.progress.steps == steps + 5 and events(run) == ["extended"] * 2
    assert trainer.train() == "finished" and max(losses(run)) == steps + 5 and "stopped" not in events(run)
