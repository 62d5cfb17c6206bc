"""Lines in and lines out of the engine, each on its own thread, so that neither ever waits for the work.

The engine lives only as long as somebody reads it: the end of its input, a broken output or a lost parent
process ends it at once, whatever it is computing.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import get_args

from core.messages import LINE_LIMIT, Event, Final, Notice, Partial, Progress, encode

INTERVAL = 0.1
"""Seconds between two `Progress` events of one request, or two of its partial results."""
Passing = Progress | Partial
"""Events of which only the latest matters."""
BOUND = 1000
"""Lines that may wait to be sent before the engine stops taking on work."""


class Wire:
    """The engine's side of the two pipes."""

    def __init__(self, requests: int, events: int) -> None:
        self._in = requests
        self._out = events
        self._lines: deque[bytes] = deque()
        self._latest: dict[tuple[type[Event], int], Passing] = {}
        self._due: dict[tuple[type[Event], int], float] = {}
        self._changed = threading.Condition()
        self._parent = os.getppid()

    def start(self, receive: Callable[[bytes], None]) -> None:
        """Begin to read and write. `receive` gets every line, without its end, on the reader's thread."""
        for work in (lambda: self._read(receive), self._write):
            threading.Thread(target=_or_die, args=(work,), daemon=True).start()

    def send(self, event: Event) -> None:
        """Put an event on its way, from any thread, without waiting.

        Of progress and of partial results only the latest of a request is kept, and none after its final event.
        Notices are dropped while more than `BOUND` lines wait; nothing else ever is. Raises ValueError for an event
        that is longer than a line may be.
        """
        if isinstance(event, Passing):
            with self._changed:
                self._latest[type(event), event.id] = event
                self._changed.notify_all()
            return
        line = encode(event)
        if len(line) > LINE_LIMIT:
            raise ValueError(f"An event of {len(line):,} bytes is longer than the {LINE_LIMIT:,} of a line.")
        with self._changed:
            if isinstance(event, Final):
                for kind in get_args(Passing):
                    self._latest.pop((kind, event.id), None)
                    self._due.pop((kind, event.id), None)
            if len(self._lines) < BOUND or not isinstance(event, Notice):
                self._lines.append(line)
            self._changed.notify_all()

    def wait_for_room(self) -> None:
        """Return once fewer than `BOUND` lines wait: a front end that does not read gets no more work done."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._lines) < BOUND)

    def _read(self, receive: Callable[[bytes], None]) -> None:
        line = bytearray()
        skipping = False
        while True:
            readable, _, _ = select.select([self._in], [], [], 1.0)
            if os.getppid() != self._parent:
                os._exit(0)
            if not readable:
                continue
            block = os.read(self._in, 65536)
            if not block:
                os._exit(0)
            *ends, rest = block.split(b"\n")
            for end in ends:
                line += end
                if line and not skipping:
                    receive(bytes(line))
                line, skipping = bytearray(), False
            line += rest
            if len(line) > LINE_LIMIT:
                if not skipping:
                    self.send(Notice(text=f"A request longer than {LINE_LIMIT:,} bytes was ignored.", level="error"))
                line, skipping = bytearray(), True

    def _write(self) -> None:
        while True:
            with self._changed:
                while (line := self._next()) is None:
                    self._changed.wait(self._patience())
                self._changed.notify_all()
            try:
                while line:
                    line = line[os.write(self._out, line) :]
            except OSError:  # nobody reads any more
                os._exit(0)

    def _next(self) -> bytes | None:
        if self._lines:
            return self._lines.popleft()
        now = time.monotonic()
        for key in self._latest:
            if self._due.get(key, 0.0) <= now:
                self._due[key] = now + INTERVAL
                return encode(self._latest.pop(key))
        return None

    def _patience(self) -> float | None:
        """Seconds until some progress is due; None when none waits."""
        waits = [self._due.get(key, 0.0) - time.monotonic() for key in self._latest]
        return max(0.0, min(waits)) if waits else None


def _or_die(work: Callable[[], None]) -> None:
    """An engine that no longer hears or speaks must not live on in silence."""
    try:
        work()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)
