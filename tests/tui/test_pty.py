"""What really reaches the terminal: bytes captured at a pty."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from tests.tui.pty_terminal import CODES, Terminal

SCRIPT = Path(__file__).with_name("pty_window.py")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 48)])
def test_nothing_harmful_reaches_the_terminal_raw(tmp_path: Path, columns: int, rows: int) -> None:
    terminal = Terminal(columns, rows, tmp_path, [sys.executable, str(SCRIPT)])
    try:
        terminal.until("live result")
        for _ in range(12):
            terminal.press("l")
        terminal.until("word 13 of 13")
        terminal.press("3")
        terminal.until("50.0%")
        terminal.press("\t")
        terminal.press("jjj")
        terminal.press("o")
        terminal.until("Study passages")
        terminal.press("\x1b")
        terminal.read(0.5)
        begun = time.monotonic()
        terminal.press("\x11")
        while terminal.read(5.0):
            pass
        assert terminal.child.wait(timeout=5) == 0
        assert time.monotonic() - begun < 3  # the promise is 1 s on an idle machine
    finally:
        terminal.close()
    text = terminal.output.decode("utf-8")
    for raw in ("\x1b]52", "\x1b[31mred", "\x9b", "\u202e", "\x1b]8"):
        assert raw not in text, raw
    rest = CODES.sub("", text)
    assert not re.search("[\x00-\x06\x07\x0e-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]", rest)
    for shown in (
        "[MASK]",
        "[/]",
        "[@click=app.quit]x[/]",
        "[red]y[/red]",
        "␛]52;c;cHduZWQ=␇",
        "💩",
        "中文",
        "e\u0301",
    ):
        assert shown in rest, shown
