"""How long an evaluation will take, said before it begins and while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from core.evaluation.asking import Question, ask
from core.models.model import Model
from core.scoring.tokens import Report, silent

T = TypeVar("T")
Progress = Callable[[int, int, str], None]
_ROWS, _LENGTH = 128, 16
TRUSTED = 5.0
"""Seconds of work after which the time left is judged by what was done, and no more by the measurement before."""


def speed(model: Model) -> float:
    """Tokens that `model` reads in a second, in short rows as sentences make them. It takes a fraction of a second.

    A masked model answers at one place a row, a causal one everywhere.
    """
    length = min(_LENGTH, model.identity.context)
    token = model.tokenizer.pad or 0
    columns = [length // 2] if model.identity.kind == "masked" else range(length)
    questions = [Question([token] * length, columns, [token] * len(columns)) for _ in range(_ROWS)]
    ask(model, questions[:1], silent)  # the first call of all is slow
    begun = time.perf_counter()
    ask(model, questions, silent)
    return length * _ROWS / max(time.perf_counter() - begun, 1e-9)


def words(seconds: float) -> str:
    """A time for a person: about 40 s, about 3 min, about 1 h 10 min."""
    if seconds < 59.5:
        return f"about {max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 60 else f"about {minutes // 60} h {minutes % 60} min"


class Clock:
    """Counts work in seconds as they were estimated, and tells `progress` in milliseconds of it."""

    def __init__(self, progress: Progress, total: float) -> None:
        self._progress, self._total = progress, max(total, 1e-3)
        self._done, self._taken = 0.0, 0.0

    def tell(self, note: str) -> None:
        """Say how far it is. May raise to cancel."""
        self._progress(round(1000 * self._done), max(1, round(1000 * self._total)), note)

    def left(self) -> float:
        """Seconds until the end, by the pace so far."""
        pace = self._taken / self._done if self._taken > TRUSTED else 1.0
        return pace * (self._total - self._done)

    def run(self, seconds: float, note: str, compute: Callable[[Report], T]) -> T:
        """Do work that was estimated at `seconds`, telling how far it is after every batch."""
        before, taken, begun = self._done, self._taken, time.perf_counter()

        def report(done: int, total: int) -> None:
            self._done = before + seconds * done / max(1, total)
            self._taken = taken + time.perf_counter() - begun
            self.tell(f"{note}, {words(self.left())} left")

        found = compute(report)
        self._done, self._taken = before + seconds, taken + time.perf_counter() - begun
        return found
