"""A program at a pseudo-terminal: start it, type into it, and time what it writes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from types import TracebackType
from typing import Self

ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_=>]")


class Terminal:
    """`with Terminal([...]) as terminal`: the program is killed at the end if it still runs."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int = 100, lines: int = 30) -> None:
        self._command, self._environment, self._size = command, environment, (lines, columns)
        self.raw = b""

    def __enter__(self) -> Self:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *self._size, 0, 0))
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            self._command, stdin=theirs, stdout=theirs, stderr=theirs, env=self._environment, start_new_session=True
        )
        os.close(theirs)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)

    def read(self, seconds: float) -> bytes:
        """What is written next, waiting `seconds` at most; empty when nothing is."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return b""
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # the program is gone
            return b""
        self.raw += chunk
        return chunk

    def text(self, since: int = 0) -> str:
        """Everything written since byte `since`, without escape sequences."""
        return ESCAPES.sub(b"", self.raw[since:]).decode("utf-8", "replace")

    def wait_for(self, wanted: str, since: int = 0, seconds: float = 60) -> float:
        """Seconds from now until `wanted` has been written after byte `since`. Raises TimeoutError."""
        begun = time.perf_counter()
        while wanted not in self.text(since):
            if time.perf_counter() - begun > seconds:
                raise TimeoutError(f"{wanted!r} did not come: {self.text(since)[-500:]!r}")
            self.read(0.05)
        return time.perf_counter() - begun

    def type(self, keys: str) -> int:
        """Type `keys`; returns the count of bytes written by the program so far."""
        mark = len(self.raw)
        os.write(self._ours, keys.encode())
        return mark

    def drain(self, quiet: float = 0.3, seconds: float = 5) -> None:
        """Read until nothing came for `quiet` seconds."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and self.read(quiet):
            pass
