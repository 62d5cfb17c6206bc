"""A front end for one engine, by hand: lines in, lines out."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable

from core import messages as m
from tests import fake_engine

SOON = 10.0
"""Seconds that nothing should take."""


class Talk:
    """A front end for one engine, by hand."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(fake_engine.ITSELF), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self._rest = b""
        self.number = 0

    def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        while line:
            line = line[self.process.stdin.write(line) :]

    def ask(self, text: str) -> int:
        self.number += 1
        self.write(m.encode(m.Predict(id=self.number, model="bert", text=text)))
        return self.number

    def cancel(self, target: int) -> None:
        self.number += 1
        self.write(m.encode(m.Cancel(id=self.number, target=target)))

    def event(self, patience: float = SOON) -> m.AnyEvent:
        """The next event; a line that is none fails the test."""
        assert self.process.stdout is not None
        end = time.monotonic() + patience
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the engine said nothing"
            block = os.read(self.process.stdout.fileno(), 2**20)
            assert block, "the engine hung up"
            self._rest += block
        line, _, self._rest = self._rest.partition(b"\n")
        return m.decode_event(line)

    def until(self, wanted: Callable[[m.AnyEvent], bool]) -> list[m.AnyEvent]:
        """Events up to the first that is wanted."""
        events = [self.event()]
        while not wanted(events[-1]):
            events.append(self.event())
        return events

    def final(self, number: int) -> m.AnyEvent:
        return self.until(lambda event: isinstance(event, m.Final) and event.id == number)[-1]

    def says(self, number: int) -> str:
        event = self.final(number)
        assert isinstance(event, m.Predicted), event
        return event.prediction.slots[0].top[0].text

    def failure(self, number: int) -> m.Failed:
        event = self.final(number)
        assert isinstance(event, m.Failed), event
        return event

    def close(self) -> bytes:
        """End it; what it wrote to standard error. May be called again."""
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.process.kill()
        errors = b"" if self.process.stderr.closed else self.process.stderr.read()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        self.process.wait()
        return errors
