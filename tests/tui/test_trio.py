"""A trio on the command line: its report as tables, how far it is without one, and its process."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import msgspec
import pytest

from core import runs
from core.errors import UserError
from core.plan import Choice
from core.runs import Run
from core.trio import folder
from core.trio.files import Cloze, Ended, Measured, Report
from core.trio.folder import TrioFolder
from tests.tui import made_runs
from tests.tui.command_line import Shell
from tui.engine import command
from tui.headless import trio as verbs
from tui.runs import trios

REPORT = Report(
    id="pets", created=0.0, budget=1_000_000, places=200, candidates=10,
    members=(
        Measured(
            run="pets-bert", family="bert", seed=1, state="finished", complete=True, parameters=370_720,
            tokens=1_000_200, targets=480_000, flops=1.5e12, seconds=125.0, nats=6.5, unigram_nats=6.9,
            unigram_reader=False, cloze=Cloze(accuracy=0.4, low=0.335, high=0.469),
        ),
        Measured(
            run="pets-gpt2", family="gpt2", seed=1, state="finished", complete=True, parameters=366_336,
            tokens=1_000_200, targets=1_000_200, flops=2.5e12, seconds=100.0, nats=4.9, unigram_nats=6.9,
            bits_per_character=2.134,
        ),
        Measured(run="pets-lstm", family="lstm", seed=1, state="failed", problem="it failed: \x1b[31mno"),
    ),
    sentences=("pets-lstm is not ranked: it failed: \x1b[31mno",),
)  # fmt: skip

STOPPABLE = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[2])
time.sleep(0.5)
for asked in (folder / "control").glob("*.json"):
    asked.unlink()  # as if it had come too early
(folder / "result.json").unlink()
while not list((folder / "control").glob("*.json")):
    time.sleep(0.02)
(folder / "result.json").write_text('{"status":"stopped"}')
"""
"""A sequencer that needs a while until it can hear."""


@pytest.fixture
def trio(home: Path, own_folder: Path) -> TrioFolder:
    (home / "text.txt").write_text("Some words.\n" * 20)
    choice = Choice(family="gpt2", texts=(str(home / "text.txt"),), tokenizer=str(own_folder), tokens=100_000)
    return folder.create(choice, name="pets")


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have `code` run where the sequencer would."""
    monkeypatch.setattr(command, "of", lambda *words: [sys.executable, "-c", code, *words])


def report(trio: TrioFolder) -> None:
    (trio.folder / "report.json").write_bytes(msgspec.json.encode(REPORT))
    (trio.folder / "result.json").write_bytes(msgspec.json.encode(Ended(status="finished")))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_the_report_is_two_tables_and_the_sentences() -> None:
    shown = verbs.lines(REPORT)
    spent = next(index for index, line in enumerate(shown) if "FLOPs" in line)
    assert cells(shown[spent + 1]) == ["pets-bert", "finished", "370,720", "1M", "480k", "1.50e+12", "2 min"]
    found = next(index for index, line in enumerate(shown) if "bits/char" in line)
    assert cells(shown[found + 1]) == ["pets-bert", "6.500", "6.900", "masked", "-", "40.0% (33.5% to 46.9%)"]
    assert cells(shown[found + 2]) == ["pets-gpt2", "4.900", "6.900", "causal", "2.134", "-"]
    assert "\x1b" not in "".join(shown) and shown[-1].startswith("pets-lstm is not ranked: it failed: ")


def test_without_a_report_its_members_are_listed(trio: TrioFolder) -> None:
    made_runs.write(Run(trio.folder.parent / "pets-gpt2"), [made_runs.row(5, 6.0), made_runs.held_out(5, 6.25)])
    (trio.folder / "result.json").write_bytes(msgspec.json.encode(Ended(status="failed", error="the text is gone")))
    shown = verbs.as_text("pets").splitlines()
    assert shown[0] == "pets is failed: the text is gone"
    assert [cells(line)[:2] for line in shown[3:]] == [[f"pets-{name}", "waiting"] for name in ("bert", "gpt2", "lstm")]
    assert cells(shown[4])[-1] == "6.250"
    report(trio)
    assert verbs.as_text("pets") == "\n".join(verbs.lines(REPORT))
    with pytest.raises(UserError, match="no trio"):
        verbs.as_text("pets-gpt2")


def test_it_is_shown_as_json(trio: TrioFolder, capsys: pytest.CaptureFixture[str]) -> None:
    report(trio)
    verbs.show(trio, as_json=True)
    shown = msgspec.json.decode(capsys.readouterr().out)
    assert shown["id"] == "pets" and shown["state"] == "finished" and shown["pid"] is None
    assert [member["state"] for member in shown["members"]] == ["waiting"] * 3
    assert shown["report"]["members"][0]["nats"] == 6.5


def test_waiting_ends_with_the_report(
    trio: TrioFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report(trio)
    instead(monkeypatch, "pass")
    assert verbs.resume(trio, wait=True, as_json=False) == 0
    out = capsys.readouterr()
    assert "pets finished" in out.err and "6.500" in out.out


def test_a_sequencer_that_fails_or_dies_is_told(
    trio: TrioFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(monkeypatch, "import sys; sys.exit('no torch here')")
    assert verbs.wait_for(trios.resume_trio(trio)) == 1
    assert "The trio pets died: exit code 1. no torch here" in capsys.readouterr().err
    failed = msgspec.json.encode(Ended(status="failed", error="the text is gone")).decode()
    code = f"import sys, pathlib; pathlib.Path(sys.argv[2], 'result.json').write_text({failed!r}); sys.exit(1)"
    instead(monkeypatch, code)
    assert verbs.wait_for(trios.resume_trio(trio)) == 1
    assert "The trio pets failed: the text is gone" in capsys.readouterr().err


def test_it_is_started_in_a_session_of_its_own(
    trio: TrioFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = trio.folder / "control" / "1.json"
    old.parent.mkdir()
    old.write_text('{"do":"stop"}')  # meant for a sequencer that is gone
    instead(monkeypatch, "import os, sys; print(os.getsid(0) == os.getpid(), sys.argv[1:], flush=True); input()")
    started = trios.resume_trio(trio)
    assert started.process.wait(20) == 1  # there is nothing to read
    assert (trio.folder / "console.log").read_text().startswith(f"True ['trio', '{trio.folder.resolve()}']\n")
    assert not old.exists()


def test_nobody_is_asked_who_is_not_there(trio: TrioFolder) -> None:
    trio.stop()  # it may be starting
    assert len(list((trio.folder / "control").glob("*.json"))) == 1
    report(trio)
    with pytest.raises(UserError, match="finished"):
        trio.stop()


def test_ctrl_c_ends_the_waiting_and_sigusr2_asks_it_to_stop(
    trio: TrioFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(monkeypatch, "import time; time.sleep(600)")
    started = trios.resume_trio(trio)
    before = signal.getsignal(signal.SIGUSR2)

    sleeps = iter([lambda: signal.raise_signal(signal.SIGUSR2), lambda: signal.raise_signal(signal.SIGTERM)])

    def interrupted(_: float) -> None:
        next(sleeps)()

    monkeypatch.setattr(verbs.time, "sleep", interrupted)
    assert verbs.wait_for(started) == 130
    started.process.kill()
    assert "pets goes on by itself" in capsys.readouterr().err
    assert len(list((trio.folder / "control").glob("*.json"))) == 1
    assert signal.getsignal(signal.SIGUSR2) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2])
def test_in_a_batch_job_a_signal_stops_the_trio_once_it_can_hear(
    trio: TrioFolder, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    (trio.folder / "result.json").write_bytes(msgspec.json.encode(Ended(status="stopped")))  # of the last time
    instead(monkeypatch, STOPPABLE)
    started = trios.resume_trio(trio)
    sleep, first = verbs.time.sleep, iter([True])

    def signalled(seconds: float) -> None:
        if next(first, False):
            signal.raise_signal(number)
        sleep(seconds)

    monkeypatch.setattr(verbs.time, "sleep", signalled)
    assert verbs.wait_for(started, batch=True) == 0


def test_without_a_member_that_finished_waiting_ends_in_1(
    trio: TrioFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = tuple(msgspec.structs.replace(one, state="failed") for one in REPORT.members)
    report(trio)
    (trio.folder / "report.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(REPORT, members=failed)))
    instead(monkeypatch, "pass")
    assert verbs.wait_for(trios.resume_trio(trio)) == 1
    assert "No member of pets finished." in capsys.readouterr().err


def test_a_trio_is_watched_like_a_run(shell: Shell, trio: TrioFolder) -> None:
    report(trio)
    said = shell("runs", "watch", "pets")
    assert said.code == 0 and "6.500" in said.out and "pets finished" in said.err
    assert shell.json("runs", "watch", "pets")["report"]["members"][0]["nats"] == 6.5


def test_a_trio_is_deleted_with_its_runs_unless_one_is_trained(shell: Shell, trio: TrioFolder) -> None:
    report(trio)
    one = Run(trio.folder.parent / "pets-gpt2")
    kept = (one.folder / "run.json").read_bytes()
    (one.folder / "run.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(one.file(), owner=runs.me())))
    busy = shell("runs", "delete", "pets", "--yes")
    assert busy.code == 2 and "pets-gpt2 is running" in busy.err and trio.folder.is_dir()
    (one.folder / "run.json").write_bytes(kept)
    other = made_runs.make("other")
    assert shell("runs", "delete", "pets", "--yes").out == "The trio pets was deleted.\n"
    assert list(trio.folder.parent.iterdir()) == [other.folder]
