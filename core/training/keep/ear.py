"""What a person, or the operating system, asks of a trainer: signals, and files in the run's control/ folder."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.training.keep import disk

ORDERS = ("", "stop", "pause", "go", "save", "extend")
TOGETHER = 2.0
"""Seconds within which a second signal is the same wish: a cluster tells every process, torchrun tells them again."""
log = logging.getLogger(__name__)


class Stopped(Exception):
    """Somebody asked to stop before training began."""


class Order(NamedTuple):
    """One request. `extend` adds `steps`, or `tokens` where they are 0; `name` is that of its file."""

    do: str
    tokens: int = 0
    name: str = ""
    steps: int = 0


NOTHING = Order("")


class _Request(msgspec.Struct):
    do: str
    tokens: int = 0
    steps: int = 0


class Ear:
    """Hears requests in the order of their names. A signal comes first."""

    def __init__(self, run: Path) -> None:
        self._folder = run / "control"
        self._told = 0.0
        self.at_once: Callable[[int], None] = os._exit
        """What a second signal does, with the exit code that says so."""

    @property
    def told(self) -> bool:
        """Whether a signal asked to stop."""
        return self._told > 0

    def listen(self) -> None:
        """Hear SIGTERM and SIGUSR2, a second one of which ends the process at once; be deaf to SIGHUP and SIGINT.

        A run outlives its window, and a ctrl+c there is not meant for it.
        """
        for number in (signal.SIGTERM, signal.SIGUSR2):
            signal.signal(number, self._tell)
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)

    def _tell(self, number: int, frame: object) -> None:
        if self._told and time.monotonic() - self._told > TOGETHER:
            self.at_once(128 + number)
        self._told = self._told or time.monotonic()

    def next(self) -> Order:
        """The oldest request that nobody has obeyed yet; NOTHING when there is none."""
        if self.told:
            return Order("stop")
        return next(iter(self._pending()), NOTHING)

    def check(self) -> None:
        """Raise Stopped where a request to stop waits, whatever else was asked: nothing has begun yet."""
        if self.told or any(order.do == "stop" for order in self._pending()):
            self.forget()
            raise Stopped

    def done(self, order: Order) -> None:
        """Take away a request that was obeyed."""
        if order.name:
            disk.remove(self._folder / order.name)

    def forget(self) -> None:
        """Take away what was asked of an earlier trainer. A longer budget is still wanted."""
        for order in self._pending():
            if order.do != "extend":
                self.done(order)

    def _pending(self) -> list[Order]:
        try:
            names = sorted(entry.name for entry in os.scandir(self._folder) if not entry.name.startswith("."))
        except FileNotFoundError:
            return []
        return [order for name in names if (order := self._read(name))]

    def _read(self, name: str) -> Order | None:
        path = self._folder / name
        try:
            asked = msgspec.json.decode(path.read_bytes(), type=_Request)
            if asked.do not in ORDERS[1:]:
                raise ValueError(f"nobody knows how to {asked.do!r}")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("The request %s is not understood: %s.", name, error)
            disk.remove(path)
            return None
        return Order(asked.do, asked.tokens, name, asked.steps)
