"""`lookboth eval`: the table on standard output, the rest on standard error, and going on where it was left."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from core import sets
from core.errors import UserError
from tests.fake_engine import FOREVER, REFUSED
from tests.tui.command_line import ENGINE, LOOKBOTH, Screen, Shell
from tests.tui.evaluations import ASKED, PAIRS, evaluation, keep
from tui.engine import Engine, child
from tui.engine.command import of
from tui.evaluations import archive
from tui.evaluations.archive import RESULT, Archive, Asked
from tui.headless.meter import Meter


@pytest.fixture
def text(tmp_path: Path) -> str:
    """A set that is there."""
    path = tmp_path / "held-out.txt"
    path.write_text("The old man the boat.\n")
    return str(path)


@pytest.fixture
def nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine of this machine is the fake one: it may write where the lab keeps evaluations."""
    monkeypatch.setattr(child.command, "of", lambda verb: ENGINE.split() if verb == "serve" else of(verb))


@pytest.mark.usefixtures("nearby")
def test_the_table_comes_and_is_kept_under_a_name_that_the_same_question_has(shell: Shell, text: str) -> None:
    done = shell("eval", text, "--seed", "7")
    assert done.code == 0, done.err
    assert "66.0 (64.4–67.6)" in done.out and "72.0 (70.5–73.5)*" in done.out and "unigram" in done.out
    assert "log-likelihood" in done.out and "bits per character" in done.out and "\x1b" not in done.out + done.err
    name = Asked(models=["bert", "gpt2", "lstm"], sets=[text], seed=7).name
    assert name.startswith("bert-gpt2-lstm-held-out-seed7-") and f"--open {name}" in done.err
    assert "wiki.valid, bert, 3 min left (8 %)" in done.err
    again = shell("eval", "--open", name)
    assert again.code == 0 and again.out == done.out and again.err == ""
    by_file = shell("eval", "--open", str(archive.home() / name / RESULT))
    assert by_file.out == done.out


@pytest.mark.usefixtures("nearby")
def test_json_is_the_evaluation(shell: Shell, text: str) -> None:
    result = shell.json("eval", text, "--name", "mine")
    assert result["version"] == 1 and result["complete"] and result["sets"][1]["name"] == "blimp"
    assert shell.json("eval", "--open", "mine") == result
    listed = shell.json("eval", "--list")["evaluations"]
    assert [(one["name"], one["state"], one["asked"]["sets"]) for one in listed] == [("mine", "complete", [text])]


def test_an_engine_elsewhere_gets_names_as_they_are_and_its_result_is_kept_here(shell: Shell) -> None:
    done = shell("--engine", ENGINE, "eval", "/nowhere/here.txt", "--models", "theirs", "--all", "--name", "far")
    assert done.code == 0 and "Every pair is asked" in done.err
    name, kept = archive.read("far")
    assert name == "far" and kept.everything and kept == evaluation(everything=True)


def test_the_same_name_for_another_question_is_refused(shell: Shell, text: str) -> None:
    keep("mine", evaluation())
    done = shell("eval", text, "--name", "mine")
    assert done.code == 2 and "mine is another evaluation" in done.err and done.out == ""
    assert shell("eval", text, "--name", "../x").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.txt"], "There is no set nowhere.txt"),
        (["--open", "nothing"], "There is no evaluation nothing"),
        (["--open", "x", "--list"], "give no SET"),
        (["x", "--list"], "give no SET"),
        (["x", "--models", ","], "at least one model"),
        (["x", "--seed", "-1"], "--seed"),
    ],
)
def test_what_cannot_be_is_2_with_the_reason(shell: Shell, words: list[str], said: str) -> None:
    done = shell("eval", *words)
    assert done.code == 2 and said in done.err and done.out == ""


def test_a_file_that_is_no_evaluation_is_named(shell: Shell, tmp_path: Path) -> None:
    (path := tmp_path / "x.json").write_text('{"models": 3}')
    done = shell("eval", "--open", str(path))
    assert done.code == 2 and "x.json is no evaluation" in done.err


def test_without_a_set_it_says_what_there_is(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_DATA", str(tmp_path))
    nothing = shell("eval")
    assert nothing.code == 2 and "No set is known by name" in nothing.err and "minimal pairs" in nothing.err
    (path := tmp_path / sets.KNOWN["blimp"][0]).parent.mkdir(parents=True)
    path.touch()
    found = shell("eval")
    assert found.code == 2 and "blimp" in found.err and sets.KNOWN["blimp"][1] in found.err
    assert "wiki.valid" not in found.err


@pytest.mark.usefixtures("nearby")
def test_work_that_fails_is_1_with_the_reason(shell: Shell, text: str) -> None:
    done = shell("eval", text, "--seed", str(REFUSED))
    assert done.code == 1 and "This cannot be evaluated. Take another seed." in done.err and done.out == ""


def test_ctrl_c_is_130_and_says_that_it_can_be_gone_on_with(text: str, processes: Path) -> None:
    start = (
        "import sys; from tui.engine import command; own = sys.argv.pop(1).split(); command.of = lambda verb: own\n"
        "from tui.cli import main; main()"
    )
    words = [*LOOKBOTH[:3], start, ENGINE, "eval", text, "--seed", str(FOREVER), "--name", "long"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    result, end = archive.home() / "long" / RESULT, time.monotonic() + 20
    while not result.exists() and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and out == b""
    assert errors.endswith(b"lookboth: Cancelled. The same command goes on from there.\n"), errors
    left = archive.read("long")[1]
    assert len(left.outcomes) == 1 and not left.complete


def test_on_a_terminal_there_is_a_bar(text: str, processes: Path) -> None:
    screen = Screen(["--engine", ENGINE, "eval", "far.txt", "--models", "theirs", "--seed", str(FOREVER)], 100, 24)
    seen = screen.read(b"3 min left").decode()
    screen.process.send_signal(signal.SIGINT)
    screen.read()
    assert "8%" in seen and screen.close() == 130


def test_a_table_on_a_terminal_fits_it(processes: Path) -> None:
    keep("kept", evaluation())
    screen = Screen(["eval", "--open", "kept"], 80, 24)
    lines = screen.read().decode().splitlines()
    assert screen.close() == 0
    grid = lines[: next(at for at, line in enumerate(lines) if line.startswith("kept, seed"))]
    assert max(map(len, grid)) <= 80 and any("66.0 ±1.6" in line for line in grid)


def test_lines_of_progress_come_from_time_to_time_only(capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    from core.messages import Progress

    meter = Meter(sys.stderr)
    for done in range(50):
        meter.progress(Progress(id=1, done=done, total=50, note="a\x1bnote"))
    assert capsys.readouterr().err == "a␛note (0 %)\n"


def test_the_archive_reads_what_is_there_and_says_what_is_damaged(home: Path) -> None:
    look = Archive().look
    assert look() == []
    keep("whole", evaluation())
    keep("part", evaluation(complete=False))
    (keep("bad", evaluation()) / RESULT).write_text("{")
    archive.begin(ASKED, "begun")
    found = {one.name: one for one in look()}
    assert {name: one.state for name, one in found.items()} == {
        "whole": "complete", "part": "unfinished", "bad": "damaged", "begun": "unfinished",
    }  # fmt: skip
    assert "is no evaluation" in found["bad"].trouble and found["whole"].evaluation == evaluation()
    assert found["begun"].models == "bert, gpt2, lstm" and found["begun"].sets == "wiki.valid, blimp, factbook"


def test_the_archive_sees_what_changed(home: Path) -> None:
    here = Archive()
    folder = keep("one", evaluation(complete=False))
    first = here.look()
    assert here.look()[0] is first[0]
    (folder / RESULT).write_bytes(msgspec.json.encode(evaluation()))
    import os

    os.utime(folder / RESULT, (first[0].changed + 5, first[0].changed + 5))
    assert here.look()[0].state == "complete"


def test_names_are_stable_plain_and_tell_questions_apart() -> None:
    asked = Asked(models=["bert", "a/b c"], sets=["/x/wiki.valid.txt", "blimp.jsonl.xz"])
    assert asked.name == Asked(models=["bert", "a/b c"], sets=["/x/wiki.valid.txt", "blimp.jsonl.xz"]).name
    assert asked.name.startswith("bert-b-c-wiki.valid-blimp-seed1-")
    others = [Asked(models=asked.models, sets=["/y/wiki.valid.txt", "blimp.jsonl.xz"]),
              Asked(models=asked.models, sets=asked.sets, everything=True),
              Asked(models=["../.."], sets=["é"]),
              Asked(models=asked.models * 9, sets=asked.sets)]  # fmt: skip
    names = {one.name for one in (asked, *others)}
    assert len(names) == 5 and max(map(len, names)) <= 80
    for name in names:
        with pytest.raises(UserError):
            archive.read(name)
        archive.begin(asked, name) if name == asked.name else None


def test_pairs_are_counted() -> None:
    assert PAIRS.taken < PAIRS.items and isinstance(Engine("far").another(), Engine)
    assert Engine("far").another().remote == "far"
