"""A trio on toy nets: what its members share, and a whole one, killed in the middle and gone on with."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import torch

from core import runs, shapes
from core.errors import UserError
from core.plan import Choice
from core.runs import Run
from core.settings import FAMILIES
from core.text import stream
from core.training import launch, schedule
from core.training.keep.ear import Ear
from core.training.objective import batch
from core.trio import budget, folder, members, study
from core.trio.budget import Pace
from core.trio.files import Report
from core.trio.folder import TrioFolder
from core.trio.report import READER
from tests.core.toy_runs import wait_for


def chosen(home: Path, own_folder: Path, **changes: Any) -> Choice:
    """A trio that a toy can finish: one layer of 16, windows of 32."""
    toy = Choice(
        family="gpt2", texts=(str(home / "text.txt"),), layers=1, width=16, heads=2, rows=4, length=32, tokens=6_000,
        threads=1, tokenizer=str(own_folder),
    )  # fmt: skip
    return msgspec.structs.replace(toy, **changes)


class Forked:
    """A process like those of `python -m core`, without the seconds that it takes to import torch."""

    def __init__(self, work: Callable[[str], int], where: Path) -> None:
        self.pid = os.fork()
        if not self.pid:
            os.setsid()
            os.closerange(3, 1024)  # as a new program would: locks are not inherited
            sys.stderr = open(where / "console.log", "a", buffering=1, encoding="utf-8")  # noqa: SIM115
            logging.root.handlers.clear()
            os._exit(work(str(where)))
        self.code: int | None = None

    def poll(self) -> int | None:
        if self.code is None and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.code = 0
        return self.code

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture(autouse=True)
def trainers(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(command: list[str], **_: Any) -> Forked:
        assert command[1:5] == ["-P", "-m", "core", "train"]
        return Forked(launch.main, Path(command[5]))

    monkeypatch.setattr(study.subprocess, "Popen", start)


def sequencer(trio: TrioFolder) -> Forked:
    return Forked(study.main, trio.folder)


def console(trio: TrioFolder) -> str:
    return "\n".join(path.read_text("utf-8") for path in trio.folder.parent.glob("*/console.log"))


def member(trio: TrioFolder, family: str) -> Run:
    return Run(trio.folder.parent / f"{trio.id}-{family}")


def stepped(run: Run, least: int) -> bool:
    return any(row.get("step", 0) >= least and "loss" in row for row in run.rows()[0])


def test_members_are_there_at_once_and_wait(home: Path, own_folder: Path) -> None:
    trio = folder.create(chosen(home, own_folder), seeds=2, name="pets")
    names = ["pets-bert", "pets-gpt2", "pets-lstm", "pets-bert-s2", "pets-gpt2-s2", "pets-lstm-s2"]
    assert [one.run for one in trio.file().members] == names
    assert {run.id: run.state() for run in runs.every()} == dict.fromkeys(names, "waiting")
    assert {run.file().trio for run in runs.every()} == {"pets"} and trio.state() == "starting"
    assert [found.id for found in folder.every()] == ["pets"] and folder.find("pets").file() == trio.file()
    with pytest.raises(UserError, match="no trio"):
        folder.find("pets-bert")


def test_a_choice_that_cannot_be_trained_leaves_nothing_behind(home: Path, own_folder: Path) -> None:
    for wrong in ({"start": "gpt2"}, {"texts": (str(home / "none.txt"),)}, {"seed": -1}):
        with pytest.raises(UserError):
            folder.create(chosen(home, own_folder, **wrong))
    with pytest.raises(UserError, match="seeds"):
        folder.create(chosen(home, own_folder), seeds=0)
    assert not (home / "data" / "runs").exists() or not list((home / "data" / "runs").iterdir())
    with pytest.raises(UserError, match="cannot name"):
        folder.create(chosen(home, own_folder), name="x" * 79)  # the members' names are too long
    assert not list((home / "data" / "runs").iterdir())


OWN = {"layers": 0, "width": 0, "heads": 0}
"""The sizes of the preset."""


@pytest.mark.parametrize(
    "changes",
    [{}, {"layers": 2, "width": 32}, OWN, {"preset": "small", "tokenizer": ""} | OWN, {"match": 50_000} | OWN],
)
def test_sizes_are_matched_within_two_percent(home: Path, own_folder: Path, changes: dict[str, Any]) -> None:
    settled = members.settle(chosen(home, own_folder, **changes), seed=3)
    counts = [shapes.parameters(family, settings.shape) for family, settings in settled.items()]
    assert all(members.off(count, counts[1]) <= 0.02 for count in counts)
    assert (
        len({(one.tokenizer, one.rows, one.length, one.tokens, one.seed, one.short) for one in settled.values()}) == 1
    )


def test_the_three_read_the_same_windows_in_the_same_order(home: Path, own_folder: Path) -> None:
    settled = members.settle(chosen(home, own_folder), seed=3)
    text = stream.load([home / "text.txt"], own_folder, "training")
    other = members.settle(chosen(home, own_folder), seed=4)["gpt2"]
    same = []
    for step in range(12):
        read = {}
        for family, settings in settled.items():
            steps = schedule.steps_for(settings, text, settings.tokens)
            progress = msgspec.structs.replace(schedule.begun(settings, steps), step=step, switch=0)
            read[family] = batch(text, settings, progress, text.end + 1).ids
        assert torch.equal(read["gpt2"], read["lstm"])
        shown = read["bert"] != text.end + 1  # all but what is hidden
        shown[:, -1] = False  # [SEP], where the causal models read on
        assert torch.equal(read["bert"][shown], read["gpt2"][shown]) and shown.float().mean() > 0.5
        begun = msgspec.structs.replace(schedule.begun(other, 100), step=step)
        same.append(torch.equal(batch(text, other, begun, text.end + 1).ids, read["gpt2"]))
    assert not any(same)


def test_minutes_become_tokens_that_take_them(home: Path, own_folder: Path) -> None:
    settled = members.settle(chosen(home, own_folder, tokens=0, minutes=10.0), seed=1)
    paces: dict[Any, Pace] = {"bert": Pace(900.0, 0.1), "gpt2": Pace(1000.0, 0.1), "lstm": Pace(600.0, 0.2)}
    for seeds, seconds in ((1, 600.0), (2, 600.0), (1, 6000.0)):
        tokens = budget.affordable(seconds, settled, paces, seeds, opening=3.0)
        spent = [budget.expected(tokens + more, settled, paces, seeds, 3.0) for more in (0, 4 * 32)]
        assert spent[0] <= seconds < spent[1] and tokens % (4 * 32) == 0
    least = budget.affordable(20.0, settled, paces, 1, opening=30.0)
    assert 9.0 < least * sum(1 / pace.tokens_per_second for pace in paces.values()) <= 10.0  # the half of it at least
    assert budget.affordable(0.5, settled, paces, 1, opening=3.0) == 0


def test_a_whole_trio_killed_in_the_middle_goes_on_and_reports(home: Path, own_folder: Path) -> None:
    trio = folder.create(chosen(home, own_folder, tokenizer="new:400"), name="pets")
    first = sequencer(trio)
    bert, gpt2 = member(trio, "bert"), member(trio, "gpt2")
    wait_for(lambda: stepped(bert, 2))
    first.kill()
    assert trio.state() == "died"

    second = sequencer(trio)  # the member of the first has gone on, and is waited for
    wait_for(lambda: stepped(gpt2, 2) or second.poll() is not None)
    second.terminate()
    assert second.wait() == 0, console(trio)
    assert trio.state() == "stopped" and gpt2.state() == "stopped" and trio.file().stopped == gpt2.id
    assert member(trio, "lstm").state() == "stopped" and trio.report() is None

    assert sequencer(trio).wait() == 0, console(trio)
    assert trio.state() == "finished" and all(run.state() == "finished" for run in runs.every())
    steps = [row["step"] for row in bert.rows()[0] if "loss" in row]
    assert steps == sorted(set(steps))  # nobody else was ever at it
    report = trio.report()
    assert report is not None
    check(trio, report)


@pytest.mark.slow
def test_killed_at_any_moment_with_its_member_it_goes_on(home: Path, own_folder: Path) -> None:
    trio = folder.create(chosen(home, own_folder, tokens=20_000, tokenizer="new:400"), name="pets")
    dice = random.Random(7)
    kills = 0
    while kills < 12:
        process = sequencer(trio)
        time.sleep(dice.uniform(0.1, 4.0))  # any moment is as good as another
        if process.poll() is not None:
            break
        process.kill()
        kills += 1
        for run in runs.every():
            owner = run.file().owner
            if owner and run.alive() and dice.random() < 0.7:
                psutil.Process(owner.pid).kill()
    assert kills > 3
    assert sequencer(trio).wait() == 0, console(trio)
    report = trio.report()
    assert report is not None and trio.state() == "finished"
    check(trio, report)


def check(trio: TrioFolder, report: Report) -> None:
    """The numbers of the report are those of the runs, and equal where they must be."""
    assert [one.family for one in report.members] == list(FAMILIES)
    assert all(one.complete and not one.problem for one in report.members)
    assert len({one.tokens for one in report.members}) == 1 == len({one.step for one in report.members})
    files = {family: member(trio, family).file() for family in FAMILIES}
    assert len({(file.text, file.held_out_text, file.settings.shape.vocabulary) for file in files.values()}) == 1
    for one in report.members:
        outcome = member(trio, one.family).outcome()
        assert outcome is not None and one.nats == pytest.approx(outcome.held_out["nats"], abs=1e-5)
        assert one.unigram_nats == pytest.approx(files[one.family].unigram_nats, abs=1e-6)
        assert one.cloze and 0 <= one.cloze.low < one.cloze.accuracy < one.cloze.high <= 1
    bert, *causal = report.members
    assert bert.bits_per_character is None and bert.nats is not None and bert.unigram_nats is not None
    assert bert.unigram_reader == (bert.nats > bert.unigram_nats - READER)
    assert all(one.unigram_reader is None and one.bits_per_character for one in causal)
    assert bert.targets < causal[0].targets == causal[1].targets and report.places > 50
    assert any("One seed: no winner is named." in sentence for sentence in report.sentences)


def test_a_member_that_failed_or_was_stopped_by_hand_is_passed_over(home: Path, own_folder: Path) -> None:
    trio = folder.create(chosen(home, own_folder, tokens=2_000), name="pets")
    stopped = runs.Outcome(status="stopped", step=3, tokens=9, seconds=1.0)
    (member(trio, "bert").folder / "result.json").write_bytes(msgspec.json.encode(stopped))
    (member(trio, "lstm").folder / "checkpoints").rmdir()
    (member(trio, "lstm").folder / "checkpoints").write_text("nothing can be saved here")
    assert sequencer(trio).wait() == 0, console(trio)
    report = trio.report()
    assert report is not None and [one.state for one in report.members] == ["stopped", "finished", "failed"]
    assert [one.complete for one in report.members] == [False, True, False]
    assert any("pets-bert is not ranked: it was stopped." in line for line in report.sentences)


def test_a_member_waits_only_while_somebody_is_at_its_trio(home: Path, own_folder: Path) -> None:
    trio = folder.create(chosen(home, own_folder), name="pets")
    first, second = member(trio, "bert"), member(trio, "gpt2")
    file = trio.file()
    trio.write(msgspec.structs.replace(file, created=file.created - 100))
    assert {first.state(), second.state()} == {"stopped"}
    trio.write(msgspec.structs.replace(file, owner=runs.me(), training=first.id))
    assert (first.state(), second.state()) == ("starting", "waiting")
    gone = msgspec.structs.replace(runs.me(), started=1.0)
    trio.write(msgspec.structs.replace(file, owner=gone, training=first.id))
    assert {first.state(), second.state()} == {"stopped"} and trio.state() == "died"


def test_a_trio_says_that_it_is_examined(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trio, seen = folder.create(chosen(home, own_folder), name="pets"), []

    def examine(trio: TrioFolder, check: Callable[[], None]) -> Report:
        seen.append((trio.state(), trio.file().training))
        trio.stop()
        return Report(id=trio.id, created=0.0, budget=0, members=())

    monkeypatch.setattr("core.trio.examine.examine", examine)
    monkeypatch.setattr(study, "give_way", lambda: None)
    for one in trio.file().members:
        done = runs.Outcome(status="finished", step=3, tokens=9, seconds=1.0)
        (trio.folder.parent / one.run / "result.json").write_bytes(msgspec.json.encode(done))
    trio.write(msgspec.structs.replace(trio.file(), agreed=True))
    with study.claim(trio):
        assert trio.state() == "running"
        study.Study(trio, Ear(trio.folder)).go()
    assert seen == [("examining", "")]
    with study.claim(trio):
        assert trio.state() == "running"


def test_one_sequencer_at_a_time(home: Path, own_folder: Path) -> None:
    from core.trio.study import claim

    trio = folder.create(chosen(home, own_folder), name="pets")
    with claim(trio):
        assert trio.state() == "running" and trio.file().owner == runs.me()
        with pytest.raises(UserError, match="already"):
            claim(trio)
