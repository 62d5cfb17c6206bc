"""What really reaches the terminal: bytes captured at a pty."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("pty_window.py")
CODES = re.compile(r"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]|\x1bP[^\x1b]*\x1b\\|\x1b]22;[a-z-]*\x07")
"""What Textual itself sends: CSI sequences, character sets, keypad modes, queries, the mouse's shape."""


class Terminal:
    """A child on a pty of its own."""

    def __init__(self, columns: int, rows: int, home: Path) -> None:
        self.output = b""
        self.mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "LOOKBOTH"))},
            "LOOKBOTH_HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        self.child = subprocess.Popen(
            [sys.executable, str(SCRIPT)], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def until(self, wanted: str, seconds: float = 30) -> None:
        """Read until `wanted` stands in what came after the last call, colours taken out."""
        begun, end = len(self.output), time.monotonic() + seconds
        while wanted not in CODES.sub("", self.output[begun:].decode("utf-8", "replace")):
            assert time.monotonic() < end, f"waited in vain for {wanted!r}"
            self.read(0.1)

    def read(self, seconds: float) -> bool:
        if not select.select([self.mine], [], [], seconds)[0]:
            return False
        try:
            block = os.read(self.mine, 65536)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.output += block
        return bool(block)

    def press(self, keys: str) -> None:
        os.write(self.mine, keys.encode())


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 48)])
def test_nothing_harmful_reaches_the_terminal_raw(tmp_path: Path, columns: int, rows: int) -> None:
    terminal = Terminal(columns, rows, tmp_path)
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
        terminal.child.kill()
        terminal.child.wait()
        os.close(terminal.mine)
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
