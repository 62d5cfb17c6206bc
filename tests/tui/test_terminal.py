"""`lookboth` on a terminal: what it refuses, what it shows, and what becomes of it when the terminal goes away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.command_line import ENGINE, ROOT, Screen, asked, lookboth


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("LOOKBOTH_RUNS", raising=False)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def screens() -> Iterator[None]:
    """Nothing that a failed test left on a terminal stays."""
    yield
    while Screen.opened:
        process = Screen.opened.pop().process
        process.kill()
        process.wait()


def test_on_a_terminal_hostile_text_is_not_obeyed_either() -> None:
    screen = Screen(["--engine", ENGINE, "predict", "escape"], 80, 24)
    seen = screen.read()
    assert screen.close() == 0
    assert b"\x1b]52" not in seen and "\x9b".encode() not in seen and "\u202e".encode() not in seen
    assert b"[MASK][/]" in seen


def test_progress_is_for_terminals() -> None:
    screen = Screen(["--engine", ENGINE, "predict", "sleep 0.5"], 80, 24)
    seen = screen.read()
    assert screen.close() == 0 and b"sleeping 0/1" in seen
    assert asked("predict", "sleep 0.5").stderr == b"note: noted\n"


def test_the_window_needs_a_terminal() -> None:
    done = lookboth()
    assert done.returncode == 2 and done.stdout == b"" and b"\x1b" not in done.stderr
    assert b"terminal" in done.stderr and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("columns", "rows", "kind", "reason"),
    [
        (80, 24, "dumb", b"TERM is dumb"),
        (80, 24, "", b"TERM is not set"),
        (40, 10, "xterm-256color", b"too small: 40x10"),
        (59, 24, "xterm", b"too small"),
        (80, 19, "xterm", b"too small"),
    ],
)
def test_the_window_says_why_it_cannot_open(columns: int, rows: int, kind: str, reason: bytes) -> None:
    screen = Screen([], columns, rows, TERM=kind)
    seen = screen.read()
    assert screen.close() == 2
    assert reason in seen and b"\x1b" not in seen and seen.count(b"\n") == 1


def test_a_window_whose_terminal_is_gone_ends_with_its_engine() -> None:
    import psutil

    screen = Screen([], 80, 24)
    assert b"Lookboth" in screen.read(until=b"Lookboth")
    window = psutil.Process(screen.process.pid)
    engine = window.children()
    assert [child.cmdline()[-1] for child in engine] == ["serve"]
    os.close(screen.front)  # no SIGHUP comes, as behind nohup or a dropped connection without a terminal
    assert screen.process.wait(5) is not None
    assert psutil.wait_procs(engine, timeout=2)[1] == []
