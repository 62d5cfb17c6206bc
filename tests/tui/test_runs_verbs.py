"""`lookboth runs`: what it prints, what it asks of a trainer, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from core import paths, runs
from core.plan import Choice
from core.runs import Beat, Best, Progress, Run
from core.trio import folder as trios
from core.trio.files import Ended
from tests import fake_trainer
from tests.tui import made_runs
from tests.tui.command_line import HOSTILE, LOOKBOTH, Screen, Shell
from tests.tui.test_trainer import ELSEWHERE, asked, instead, until
from tui.engine import command


@pytest.fixture
def obedient(processes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trainer that needs no torch."""
    monkeypatch.setattr(command, "of", lambda *words: [sys.executable, str(fake_trainer.ITSELF), *words])


@pytest.fixture
def first(processes: Path) -> Run:
    """A run that was stopped at step 60."""
    run = made_runs.make("first")
    made_runs.write(run, [made_runs.row(step, 6 - step / 50) for step in range(1, 61)])
    made_runs.write(run, [made_runs.held_out(60, 5.0)])
    made_runs.save(run, 30, 60)
    state = Progress(step=60, tokens=61_440, steps=1000, best=Best(step=30, nats=4.9))
    (run.checkpoints[-1] / "state.json").write_bytes(msgspec.json.encode(state))
    made_runs.end(run, "stopped")
    return run


def test_the_list_has_every_run_also_a_broken_one(shell: Shell, first: Run) -> None:
    (made_runs.make("broken").folder / "run.json").write_text("{")
    made_runs.make("lost", owner=runs.Owner(host=runs.me().host, pid=2**22 + 1, started=1.0))
    for words in (("runs",), ("runs", "list")):
        listed = {one["id"]: one for one in shell.json(*words)["runs"]}
        assert listed.keys() == {"first", "broken", "lost"}
        assert listed["first"]["step"] == 60 and listed["first"]["path"] == str(first.folder)
        assert listed["first"]["held_out"] == 5.0 and listed["first"]["pid"] is None
        assert (listed["broken"]["state"], listed["lost"]["state"]) == ("broken", "died")
        assert "cannot be read" in listed["broken"]["error"]
        said = shell(*words).out
        assert all(word in said for word in ("first", "stopped", "60/1,000", "4.800", "5.000", "broken", "died"))


def test_show_says_everything(shell: Shell, first: Run) -> None:
    shown = shell.json("runs", "show", "first")
    assert (shown["version"], shown["path"], shown["state"], shown["step"]) == (1, str(first.folder), "stopped", 60)
    assert shown["checkpoints"] == [30, 60] and shown["best"] == {"step": 30, "nats": 4.9}
    assert shown["settings"]["rows"] == 16 and shown["parameters"] == 402_112 and shown["pid"] is None
    said = shell("runs", "show", "first").out
    assert "checkpoints         30, 60" in said and "  rows              16" in said
    assert "  checkpoint_seconds 120" in said and "memory" not in said
    (first.folder / "run.json").write_text("[]")
    assert shell.json("runs", "show", "first")["state"] == "broken"


def test_show_gives_the_process_of_a_run_that_lives(shell: Shell, obedient: None, first: Run) -> None:
    assert shell.json("runs", "resume", "first")["pid"] == shell.json("runs", "show", "first")["pid"]


def test_a_run_is_named_by_its_name_unless_two_are_called_so(shell: Shell, first: Run) -> None:
    assert shell.json("runs", "rename", "first", "my best")["name"] == "my best"
    assert shell.json("runs", "show", "my best")["id"] == "first"
    for name in ("a", "b"):
        (made_runs.make(name).folder / "about.json").write_text('{"name": "twin"}')
    for name, reason in (("twin", "2 runs are called twin"), ("nobody", "no run called"), ("x" * 999, "no run")):
        done = shell("runs", "show", name)
        assert done.code == 2 and reason in done.err and done.out == ""


def test_a_hostile_name_is_shown_and_not_obeyed(shell: Shell, first: Run) -> None:
    shell("runs", "note", "first", HOSTILE)
    about = msgspec.structs.replace(first.about(), name=HOSTILE)  # another program wrote it
    (first.folder / "about.json").write_bytes(msgspec.json.encode(about))
    for words in (("runs",), ("runs", "show", "first"), ("runs", "--json"), ("runs", "show", HOSTILE + "?")):
        done = shell(*words)
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.out + done.err)
    assert "␛]52;c;AAAA" in shell("runs").out


def test_a_name_that_cannot_be_seen_is_refused(shell: Shell, first: Run) -> None:
    for name in (HOSTILE, "a\nb", "a\tb", "a\x00b", "a\u202eb", "\x1b", "best\n"):
        done = shell("runs", "rename", "first", name)
        assert done.code == 2 and "nobody can see" in done.err and done.out == "" and first.about().name == ""
        done = shell("train", "gpt2", "--name", name)
        assert done.code == 2 and "cannot name a run" in done.err and done.out == ""
    assert [run.id for run in runs.every()] == ["first"]


def test_runs_may_lie_somewhere_else(shell: Shell, first: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    first.folder.parent.rename(other)
    assert shell.json("runs")["runs"] == []
    for words in (("runs", "--runs", str(other)), ("runs", "list", "--runs", str(other))):
        assert [run["id"] for run in shell.json(*words)["runs"]] == ["first"]


def test_a_file_in_the_place_of_the_runs_is_not_taken_for_no_runs(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = shell("runs", "--runs", str(tmp_path / "file"))
    assert done.code == 2 and "is no folder" in done.err and done.out == ""


def test_stop_pause_save_and_extend_are_left_for_the_trainer(shell: Shell, processes: Path) -> None:
    run = made_runs.make("busy", owner=runs.me())
    for words, said, request in (
        (("pause",), "was asked to save and pause.", ("pause", 0)),
        (("save",), "was asked to save a checkpoint.", ("save", 0)),
        (("extend", "--tokens", "2k"), "was asked to read 2,000 tokens more.", ("extend", 2000)),
        (("extend", "--steps", "3"), "was asked to read 3 steps more.", ("extend", 3072)),
        (("stop",), "was asked to save and stop.", ("stop", 0)),
    ):
        assert shell("runs", *words, "busy").out == f"The run busy {said}\n"
        assert asked(run) == [request]


def test_nobody_can_be_asked_who_is_not_there(shell: Shell, first: Run) -> None:
    for verb in ("stop", "pause", "save"):
        done = shell("runs", verb, "first")
        assert done.code == 2 and "not running: it is stopped" in done.err
    assert shell("runs", "stop").code == 2 and shell("runs", "stop", "first", "--all").code == 2
    assert shell("runs", "extend", "first").code == 2
    assert shell("runs", "extend", "first", "--tokens", "9", "--steps", "9").code == 2
    assert "No run is being trained" in shell("runs", "stop", "--all").out


def test_a_run_is_resumed_paused_let_go_on_and_stopped(shell: Shell, obedient: None, first: Run) -> None:
    assert shell("runs", "resume", "first").out == "The run first goes on.\n" and first.state() == "running"
    assert shell("runs", "resume", "first").code == 2
    shell("runs", "pause", "first")
    until(lambda: first.state() == "paused")
    assert shell("runs", "pause", "first").code == 2
    assert shell.json("runs", "resume", "first")["asked"] == "go"
    until(lambda: first.state() == "running")
    assert shell.json("runs", "stop", "--all")["ids"] == ["first"]
    until(lambda: first.state() == "stopped")


def test_a_finished_run_goes_on_when_it_is_given_more(shell: Shell, obedient: None, first: Run) -> None:
    made_runs.end(first, "finished")
    assert "budget is spent" in shell("runs", "resume", "first").err
    assert shell.json("runs", "extend", "first", "--steps", "10")["tokens"] == 10 * 16 * 64
    assert first.state() == "running"
    until(lambda: "asked to extend 10240" in (first.folder / "metrics.jsonl").read_text())


def test_a_run_that_cannot_go_on_is_1_with_the_reason(
    shell: Shell, first: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "import sys; sys.exit('no torch here')")
    for words in (("resume", "first"), ("resume", "first", "--wait"), ("extend", "first", "--tokens", "2k")):
        done = shell("runs", *words)
        assert done.code == 1 and "no torch here" in done.err


def test_a_run_whose_turn_in_a_trio_has_not_come_goes_on_with_it(
    shell: Shell, processes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "import sys; print(sys.argv[1:], flush=True)")
    trio = trios.create(Choice(family="gpt2", texts=()), name="pets")
    member = Run(trio.folder.with_name("pets-gpt2"))
    done = shell("runs", "resume", "pets-gpt2")
    assert done.code == 2 and "The trio pets is starting" in done.err  # its turn comes
    (trio.folder / "result.json").write_bytes(msgspec.json.encode(Ended(status="stopped")))
    done = shell("runs", "extend", "pets-gpt2", "--steps", "9")
    assert done.code == 2 and "lookboth runs resume pets." in done.err and asked(member) == []
    assert shell.json("runs", "resume", "pets-gpt2")["id"] == "pets"
    until(lambda: str(["trio", str(trio.folder.resolve())]) in (trio.folder / "console.log").read_text())
    assert not (member.folder / "console.log").exists()
    made_runs.end(member, "stopped")  # it was begun, and is a run as any other now
    assert shell.json("runs", "resume", "pets-gpt2")["id"] == "pets-gpt2"
    until(lambda: str(["train", str(member.folder.resolve())]) in (member.folder / "console.log").read_text())


def test_a_run_of_another_machine_is_refused_while_it_gives_signs_of_life(shell: Shell, processes: Path) -> None:
    run = made_runs.make("far", owner=ELSEWHERE)
    (run.folder / "beat.json").write_bytes(msgspec.json.encode(Beat(doing="training", time=time.time())))
    done = shell("runs", "resume", "far")
    assert done.code == 2 and "trained on another-machine" in done.err
    assert shell("runs", "delete", "far", "--yes").code == 2 and run.folder.exists()


def test_watch_ends_with_the_run_and_its_code(shell: Shell, first: Run) -> None:
    done = shell("runs", "watch", "first")
    assert done.code == 0 and done.out == "step 60/1,000  loss 4.800  held-out 5.000  stopped\n"
    assert shell.json("runs", "watch", "first")["step"] == 60
    made_runs.end(first, "failed", "the disk is full")
    done = shell("runs", "watch", "first")
    assert done.code == 1 and "failed: the disk is full" in done.err


def test_watch_on_a_terminal_is_a_bar_that_ctrl_c_leaves_alone(processes: Path) -> None:
    run = made_runs.make("busy", owner=runs.me())
    made_runs.write(run, [made_runs.row(500, 5.0), made_runs.held_out(500, 5.5)])
    screen = Screen(["runs", "watch", "busy"], 80, 24)
    seen = screen.read(b"500/1,000  loss 5.000  held-out 5.500")
    assert b"500/1,000" in seen and "━".encode() in seen and b"step 0" not in seen
    screen.process.send_signal(signal.SIGINT)
    assert b"goes on by itself" in screen.read(b"by itself") and screen.close() == 130 and asked(run) == []


def test_a_reader_that_leaves_early_is_no_crash(processes: Path, first: Run) -> None:
    for words in ("runs watch first --json", "runs export first"):
        line = f"{shlex.join(LOOKBOTH)} {words} | head -c 10"
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False)
        assert len(done.stdout) == 10 and b"Traceback" not in done.stderr


def test_rows_are_exported_for_other_programs(shell: Shell, first: Run, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(shell("runs", "export", "first").out)))
    assert len(rows) == 61 and rows[0]["step"] == "1" and rows[-1]["held_out_nats"] == "5.0"
    whole = json.loads(shell("runs", "export", "first", "--format", "json").out)
    assert len(whole["metrics"]) == 61 and whole["run"]["id"] == "first"
    assert shell.json("runs", "export", "first") == whole
    assert shell.json("runs", "export", "first", "--format", "json") == whole
    assert shell("runs", "export", "first", "--format", "svg", "--json").code == 2
    picture = tmp_path / "chart.svg"
    assert str(picture) in shell("runs", "export", "first", "--format", "svg", "-o", str(picture)).err
    assert picture.read_text().startswith("<svg")
    picture.write_text("mine")
    refused = shell("runs", "export", "first", "-o", str(picture))
    assert refused.code == 2 and "--force" in refused.err and picture.read_text() == "mine"
    assert shell("runs", "export", "first", "-o", str(picture), "--force").code == 0
    assert picture.read_text().startswith("step,")
    assert shell("runs", "export", "first", "-o", "/no/such/folder/x").code == 2


def test_a_run_is_deleted_only_when_somebody_means_it(shell: Shell, first: Run) -> None:
    busy = made_runs.make("busy", owner=runs.me())
    assert shell("runs", "delete", "busy", "--yes").code == 2 and busy.folder.exists()
    done = shell("runs", "delete", "first")
    assert done.code == 2 and "--yes" in done.err and first.folder.exists()
    assert shell.json("runs", "delete", "first", "--yes")["deleted"] is True
    assert [path.name for path in paths.runs().iterdir()] == ["busy"]


@pytest.mark.parametrize(("answers", "kept"), [(("n",), True), (("y", "no"), True), (("y", "first"), False)])
def test_on_a_terminal_it_is_asked_twice(first: Run, answers: tuple[str, ...], kept: bool) -> None:
    screen = Screen(["runs", "delete", "first"], 80, 24)
    for question, answer in zip((b"[y/N]", b"to delete it"), answers, strict=False):
        assert question in screen.read(question)
        screen.write(answer + "\n")
    screen.read()
    assert screen.close() == (130 if kept else 0) and first.folder.exists() == kept
