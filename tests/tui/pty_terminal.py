"""A terminal with a program on it: its bytes are captured and keys are pressed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

CODES = re.compile(r"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]|\x1bP[^\x1b]*\x1b\\|\x1b]22;[a-z-]*\x07")
"""What Textual itself sends: CSI sequences, character sets, keypad modes, queries, the mouse's shape."""


class Terminal:
    """A child on a pty of its own."""

    def __init__(self, columns: int, rows: int, home: Path, command: Sequence[str]) -> None:
        self.output = b""
        self.mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("TEXTUAL", "LOOKBOTH", "COLUMNS", "LINES"))
            },
            "LOOKBOTH_HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        self.child = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def until(self, wanted: str, seconds: float = 30) -> None:
        """Read until `wanted` stands in what came after the last call, colours taken out."""
        begun, end = len(self.output), time.monotonic() + seconds
        while wanted not in CODES.sub("", self.output[begun:].decode("utf-8", "replace")):
            assert time.monotonic() < end, f"waited in vain for {wanted!r}"
            self.read(0.1)

    def wait(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Read on until `condition` holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            self.read(0.02)

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

    def hang_up(self) -> None:
        """Close our side, as a terminal does when its window is closed."""
        os.close(self.mine)

    def close(self) -> None:
        """End the child, whatever it does, and close the terminal."""
        self.child.kill()
        self.child.wait()
        with contextlib.suppress(OSError):  # it was hung up
            os.close(self.mine)
