"""`lookboth sweep`: the JSON that was promised, a chart and tables without an engine's help, and its refusals."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from core import messages as m
from tests.sweeps import FOREVER, REFUSED, curves
from tests.tui.command_line import ENGINE, LOOKBOTH, answered, asked
from tui.headless import swept
from tui.headless.sweep import _positions

pytestmark = pytest.mark.usefixtures("processes")
REQUEST = m.Sweep(id=1, models=["bert", "gpt2"], length=20)


def test_json_has_the_shape_that_was_promised() -> None:
    found = answered("sweep", "--models", "bert, gpt2", "--length", "20", "--seed", "3", "--windows", "7")
    assert {"positions", "unit", "protocol", "seed", "series"} <= found.keys()
    assert (found["unit"], found["protocol"], found["seed"]) == ("tokens", "paired", 3)
    assert found["positions"] == list(range(20)) and found["windows"] == 7
    assert found["series"].keys() == {"bert", "bert/bare", "gpt2"}
    for one in found["series"].values():
        assert {"accuracy", "low", "high", "logprob", "n"} <= one.keys()
        assert all(len(one[name]) == 20 for name in ("accuracy", "low", "high", "logprob", "n"))
    assert found["series"]["bert"]["accuracy"][19] is None


def test_what_is_asked_reaches_the_engine(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("some words")
    found = answered("sweep", str(file), "--positions", "0,-1", "--protocol", "salamone2021")
    assert found["positions"] == [0, -1] and found["windows"] == 10_240  # of the notebook
    assert found["text"] == "some words"  # another machine's engine has other files
    assert answered("sweep")["text"] == "a default text"
    assert answered("sweep", "-", given=b"from a pipe")["text"] == "from a pipe"


def test_positions_have_names() -> None:
    assert _positions("all", 100) == []
    assert _positions("ends", 100) == [0, 1, 2, 3, 4, 5, -6, -5, -4, -3, -2, -1]
    assert len(_positions("quick", 100)) == 24


def test_a_person_gets_chart_tables_and_sentences() -> None:
    done = asked("sweep", "--models", "bert,gpt2", "--length", "20")
    said = done.stdout.decode()
    assert done.returncode == 0 and b"\x1b" not in done.stdout + done.stderr
    assert "accuracy (%) by position: * bert  o gpt2" in said and "└" in said and "*" in said
    lines = [line.split() for line in said.splitlines()]
    assert ["0", "50.0", "15-85", "50.0", "-2.50", "4", "50.0", "15-85", "50.0", "-2.50", "4"] in lines
    assert ["19", "-", "-", "-", "0", "-", "-", "-", "0"] in lines
    assert ["bert/bare", "50.0", "15-85", "25.0", "-2.50", "-", "-", "-"] in lines
    points = ["+25.0", "(-12.5", "to", "+50.0)"]
    assert ["bert", *points, *points, *points] in lines and ["gpt2", *points] in lines
    assert "␛[31mnothing" in said and "note: A note." in done.stderr.decode()


def test_what_was_published_is_shown_beside_it() -> None:
    found = curves(REQUEST)
    published = [m.Published(model="theirs", accuracy={0: 0.02, 99: 0.3}, fives={}, mean=0.6, source="A, 2021")]
    said = "\n".join(swept.lines(m.Curves(**{**{f: getattr(found, f) for f in found.__struct_fields__},
                                             "published": published})))  # fmt: skip
    assert "published: A, 2021" in said and "theirs  60.0  2.0  30.0" in said


def test_many_positions_are_thinned_and_the_ends_are_whole() -> None:
    said = "\n".join(swept.lines(curves(m.Sweep(id=1, models=["bert"], length=100))))
    table = said.partition("position")[2].partition("position")[2].splitlines()[1:]
    shown = [int(line.split()[0]) for line in table[: table.index("")]]
    assert shown[:6] == [0, 1, 2, 3, 4, 5] and shown[-6:] == [94, 95, 96, 97, 98, 99] and len(shown) <= 26


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--positions", "first"), 2, "numbers with commas"),
        (("--seed", str(REFUSED)), 1, "cannot be swept"),
        (("--models", ","), 2, "at least one model"),
        (("--protocol", "other"), 2, "protocol"),
        (("/no/such/file",), 2, "no file"),
    ],
)
def test_what_cannot_be_is_refused(words: tuple[str, ...], code: int, said: str) -> None:
    done = asked("sweep", *words)
    assert done.returncode == code and said in done.stderr.decode() and not done.stdout


def test_a_model_that_is_not_there_is_refused_before_an_engine_starts() -> None:
    done = subprocess.run([*LOOKBOTH, "sweep", "--models", "nobody"], capture_output=True, timeout=60)
    assert done.returncode == 2 and b"nobody" in done.stderr


def test_ctrl_c_cancels() -> None:
    words = [*LOOKBOTH, "--engine", ENGINE, "sweep", "--seed", str(FOREVER)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    seen, end = b"", time.monotonic() + 30
    while b"left" not in seen and time.monotonic() < end:
        seen += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and not out and b"Cancelled" in err, shlex.join(words)


def test_json_is_safe_to_look_at() -> None:
    done = asked("sweep", "--models", "bert", "--length", "12", "--json")
    assert b"\x1b" not in done.stdout and json.loads(done.stdout)["sentences"][0].count("\x1b") == 2
