"""One engine process: its pipes, its last words, its end."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections import deque
from typing import BinaryIO

from core import paths
from core.errors import UserError
from core.messages import LINE_LIMIT
from tui.engine import command
from tui.engine.death import Death

KEPT = 200
"""Lines of its standard error that are kept."""
LOG_LIMIT = 2**20
"""Bytes after which the log file is begun anew; the old one is kept beside it."""


class Tail(asyncio.Protocol):
    """Reads a pipe from the first moment to the last, keeps the last lines, and copies everything to a log."""

    def __init__(self, log: BinaryIO | None) -> None:
        self._log = log
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._rest = ""
        self.finished = asyncio.Event()

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines, the newest last."""
        return (*self._lines, self._rest) if self._rest else tuple(self._lines)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._log is not None:
            with contextlib.suppress(OSError):  # a full disk must not end the engine: the lines are kept here too
                self._log.write(data)
        *whole, rest = (self._rest + self._decoder.decode(data)).split("\n")
        self._lines.extend(line[:2000] for line in whole)
        self._rest = rest[-2000:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        if self._log is not None:
            self._log.close()
        self.finished.set()


class Child:
    """Starts at once, before any event loop if need be; `attach` makes it usable inside one."""

    def __init__(self, remote: str = "") -> None:
        """Start this machine's engine, or `remote`, a command line that reaches another one.

        It gets a session of its own: ctrl+c and a lost terminal are the front end's, and it ends by the end of its
        input. Raises UserError when it cannot be started.
        """
        try:
            words = shlex.split(remote) if remote else command.of("serve")
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env=None if remote else command.environment(),
            )
        except (OSError, ValueError, IndexError) as error:
            raise UserError("The engine cannot be started.", why=str(error), hint=_hint(remote)) from error
        self.pid = self._process.pid
        self._begun = time.monotonic()
        self._tail = Tail(_open_log())
        self._out: asyncio.StreamReader
        self._in: asyncio.WriteTransport | None = None
        self._pipes: list[asyncio.BaseTransport] = []

    async def attach(self) -> None:
        """Connect the pipes to the running event loop."""
        loop = asyncio.get_running_loop()
        process = self._process
        self._out = asyncio.StreamReader(limit=LINE_LIMIT)
        errors, _ = await loop.connect_read_pipe(lambda: self._tail, process.stderr)
        self._pipes.append(errors)
        output, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self._out), process.stdout)
        self._pipes.append(output)
        self._in, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, process.stdin)

    async def line(self) -> bytes:
        """The next line of its output; empty at the end. Raises ValueError for a line over `LINE_LIMIT`."""
        return await self._out.readline()

    def write(self, line: bytes) -> None:
        """Send it a line without waiting. When it is gone the line is lost, and `line` says that it is gone."""
        if self._in is not None and not self._in.is_closing():
            self._in.write(line)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to whatever it started."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended this very moment
                os.killpg(self.pid, number)

    async def gone(self, patience: float) -> bool:
        """Whether it ends, and is reaped, within `patience` seconds."""
        limit = time.monotonic() + patience
        while self._process.poll() is None:
            if time.monotonic() >= limit:
                return False
            await asyncio.sleep(0.01)
        return True

    async def end(self, patience: float) -> Death:
        """Close its input, give it `patience` seconds, then kill it; how it ended. Never takes much longer."""
        if self._in is not None:
            self._in.close()
        elif self._process.stdin is not None:
            self._process.stdin.close()
        if not await self.gone(patience):
            self.signal(signal.SIGKILL)
            await self.gone(5.0)
        seconds = time.monotonic() - self._begun
        if self._pipes:
            with contextlib.suppress(TimeoutError):  # whatever it started may hold the pipe open
                await asyncio.wait_for(self._tail.finished.wait(), 0.2)
        for pipe in self._pipes:
            pipe.close()
        code = self._process.returncode
        return Death(code=-signal.SIGKILL if code is None else code, seconds=seconds, lines=self._tail.lines)


def _hint(remote: str) -> str:
    return "Check the command given with --engine." if remote else "Reinstall Lookboth."


def _open_log() -> BinaryIO | None:
    """`engine.log` in the state folder; None where it cannot be written, which is no reason to have no engine."""
    try:
        path = paths.private(paths.state()) / "engine.log"
        if path.is_file() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.old"))
        return open(path, "ab", buffering=0)
    except OSError:
        return None
