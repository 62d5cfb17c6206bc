"""How far a sweep is, how long it will take, and when it is time to show what there is."""

from __future__ import annotations

import time
from collections.abc import Callable

Report = Callable[[int, int, str], None]
"""Called with what is done, what there is in all, and a note. It may raise to cancel."""
OFTEN = 1.0
"""Seconds between two partial results."""


class Pace:
    """Counts work. Its amounts only need to be in proportion to the time that they take."""

    def __init__(self, work: float, report: Report, show: Callable[[], None]) -> None:
        self._work, self._report, self._show = max(work, 1.0), report, show
        self._done = 0.0
        self._begun = self._shown = time.monotonic()

    def step(self, work: float, note: str) -> None:
        """So much more is done. Tells how far it is, and shows a partial result where one is due."""
        self._done += work
        now = time.monotonic()
        share = min(1.0, self._done / self._work)
        left = _left((now - self._begun) * (1 - share) / share)
        self._report(round(100 * share), 100, f"sweeping, {note}, {left} left")
        if now - self._shown >= OFTEN and share < 1:
            self._show()
            self._shown = time.monotonic()


def _left(seconds: float) -> str:
    return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"
