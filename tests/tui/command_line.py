"""`lookboth` as a process: in pipes, and on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shlex
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from tests import fake_engine

ROOT = Path(__file__).resolve().parents[2]
LOOKBOTH = [sys.executable, "-P", "-c", "from tui.cli import main; main()"]
ENGINE = shlex.join([sys.executable, "-P", str(fake_engine.ITSELF)])
HOSTILE = "\x1b]52;c;AAAA\x07\x9b31m\u202e[MASK][/]"


def lookboth(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*LOOKBOTH, *words], input=given, capture_output=True, timeout=60, check=False)


def asked(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """With an engine that needs no torch."""
    return lookboth("--engine", ENGINE, *words, given=given)


def answered(*words: str, given: bytes = b"") -> Any:
    """The JSON that came."""
    done = asked(*words, "--json", given=given)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


class Screen:
    """A terminal of a size, with a program in it."""

    opened: ClassVar[list[Screen]] = []

    def __init__(self, words: Sequence[str], columns: int, rows: int, **environment: str) -> None:
        self.front, back = pty.openpty()
        fcntl.ioctl(back, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [*LOOKBOTH, *words], stdin=back, stdout=back, stderr=back, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", **environment},
        )  # fmt: skip
        os.close(back)
        self.opened.append(self)

    def read(self, until: bytes = b"", patience: float = 20.0) -> bytes:
        """What it writes, to its end or up to `until`."""
        seen, end = b"", time.monotonic() + patience
        while time.monotonic() < end and not (until and until in seen):
            if select.select([self.front], [], [], 0.05)[0]:
                try:
                    block = os.read(self.front, 65536)
                except OSError:  # how Linux says that nobody is at the other side any more
                    break
                if not block:
                    break
                seen += block
        return seen

    def close(self) -> int:
        code = self.process.wait(20)
        os.close(self.front)
        return code
