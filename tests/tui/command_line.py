"""`lookboth` as a process, in pipes and on a terminal; and within the test's own process, where parts are replaced."""

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
from typing import Any, ClassVar, NamedTuple

import pytest

from tests import fake_engine
from tui import cli

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


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


class Shell:
    """The command line in this process, for tests that replace a part of it."""

    def __init__(self, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capture, self._monkeypatch = capture, monkeypatch

    def __call__(self, *words: str) -> Done:
        self._capture.readouterr()
        with self._monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["lookboth", *words])
            patched.setattr(sys, "stdout", sys.stdout)  # what is put in its place at the end is taken away again
            code: object = 0
            try:
                cli.main()
            except SystemExit as end:
                code = end.code
            sys.stdout.flush()
        written = self._capture.readouterr()
        return Done(int(code) if isinstance(code, int) else 0, written.out, written.err)

    def json(self, *words: str) -> Any:
        """The JSON that came."""
        done = self(*words, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)


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

    def write(self, text: str) -> None:
        """Type `text`."""
        os.write(self.front, text.encode())

    def close(self) -> int:
        code = self.process.wait(20)
        os.close(self.front)
        return code
