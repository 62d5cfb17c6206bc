"""The rows that a trainer writes, read as they come: whole lines only, a block at a time, what is foreign counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Literal, TypeVar

import msgspec

BLOCK = 1 << 18
"""Bytes in memory at once, however long the file is."""
LONGEST = 1 << 24
"""Bytes of a line without an end after which it is passed over."""
T = TypeVar("T")


class HeldOut(msgspec.Struct, frozen=True):
    """What an evaluation said."""

    nats: float | None = None
    top1: float | None = None
    bits_per_character: float | None = None
    cosine: float | None = None


class Machine(msgspec.Struct, frozen=True):
    """What the trainer used: processor cores, bytes, and the share of a GPU's time."""

    cpu: float | None = None
    memory: float | None = None
    gpu: float | None = None
    gpu_memory: float | None = None


class Row(msgspec.Struct, frozen=True):
    """One line of metrics.jsonl: a step, a look at the held-out text, an event, or what the machine did."""

    step: int | None = None
    attempt: int = 1
    time: float | None = None
    tokens: int | None = None
    seconds: float | None = None
    """Of work, in all attempts together."""
    phase: Literal["", "causal", "masked"] = ""
    loss: float | None = None
    """None when it was no number."""
    lr: float | None = None
    grad_norm: float | None = None
    tokens_per_second: float | None = None
    held_out: HeldOut | None = None
    event: str = ""
    text: str = ""
    machine: Machine | None = None


class Lines(Generic[T]):
    """Follows one file of JSON lines. A half-written last line waits for its end; one that is no `kind` is counted."""

    def __init__(self, path: Path, kind: type[T], offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        self.unreadable = 0
        self._decoder = msgspec.json.Decoder(kind)

    def new(self) -> Iterator[T]:
        """What was written since the last time. A file that is not there has no rows."""
        for line in self.lines():
            try:
                yield self._decoder.decode(line)
            except (msgspec.DecodeError, RecursionError):  # ValidationError is a DecodeError
                self.unreadable += 1

    def lines(self) -> Iterator[bytes]:
        """The whole lines that were written since the last time, without those that are empty.

        What is written from now on is left for the next time: a fast trainer must not keep a slow reader here.
        """
        try:
            file = open(self.path, "rb")  # noqa: SIM115 - closed below; only its absence is handled here
        except FileNotFoundError:
            return
        with file:
            if (end := file.seek(0, 2)) < self.offset:  # another run took the folder's name
                self.offset, self.unreadable = 0, 0
            file.seek(self.offset)
            rest = b""
            while block := file.read(min(BLOCK, end - file.tell())):
                *whole, rest = (rest + block).split(b"\n")
                for line in whole:
                    self.offset += len(line) + 1
                    if line.strip():
                        yield line
                if len(rest) > LONGEST:
                    self.offset, rest = self.offset + len(rest), b""
                    self.unreadable += 1
