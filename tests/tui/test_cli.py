"""`lookboth` as a process: its start, its usage, and honest exit codes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import __version__
from tests.tui.command_line import LOOKBOTH, ROOT, lookboth

pytestmark = pytest.mark.usefixtures("processes")


def test_help_and_version_come_without_anything_heavy() -> None:
    code = (
        "import sys\nfrom tui.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'torch', 'transformers', 'numpy', 'textual', 'rich', 'asyncio'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    for word, said in (("--version", f"lookboth {__version__}"), ("--help", "compare")):
        done = subprocess.run([sys.executable, "-c", code, word], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and said in done.stdout, done.stderr


def test_the_version_is_said_in_a_moment() -> None:
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        assert lookboth("--version").stdout == f"lookboth {__version__}\n".encode()
        seconds.append(time.perf_counter() - begun)
    assert statistics.median(seconds) < 1.0  # 0.15 s on an idle machine; a benchmark holds the figure


@pytest.mark.parametrize(
    "words",
    [
        ("predict",),
        ("predict", "a", "--file", "b"),
        ("predict", "a", "--top", "0"),
        ("compare", "a", "--models", " , "),
        ("compare", "a", "--pll", "guess"),
        ("dance",),
        ("--nonsense",),
        ("train", "elmo"),
        ("runs", "dance"),
        ("predict", ""),
        ("predict", "a", "--model", "no-such-model"),
        ("compare", "a", "--models", "no-such-model"),
    ],
)
def test_what_cannot_be_meant_is_2_and_nothing_on_standard_output(words: tuple[str, ...]) -> None:
    done = lookboth(*words)
    assert done.returncode == 2 and done.stdout == b"" and done.stderr
    assert b"Traceback" not in done.stderr and b"\x1b" not in done.stderr


def test_an_engine_that_cannot_be_reached_is_1() -> None:
    done = lookboth("--engine", "/no/such/program", "predict", "a")
    assert done.returncode == 1 and b"cannot be started" in done.stderr


def test_the_verb_engine_is_an_engine() -> None:
    process = subprocess.Popen([*LOOKBOTH, "engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    hello = json.loads(process.stdout.readline())
    assert hello["say"] == "hello" and hello["pid"] == process.pid
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_one_line_and_1(unbuffered: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        done = subprocess.run([*LOOKBOTH, "models"], stdout=full, stderr=subprocess.PIPE, text=True, env=env)
    assert done.returncode == 1 and done.stderr == "lookboth: The output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_left_early_is_1_and_nothing_said(unbuffered: str) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run([*LOOKBOTH, "models"], stdout=gone, stderr=subprocess.PIPE, text=True, env=env)
    assert done.returncode == 1 and done.stderr == ""


def test_models_can_be_listed() -> None:
    assert lookboth("models").returncode == 0
    assert json.loads(lookboth("models", "--json").stdout)["version"] == 1
