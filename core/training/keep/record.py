"""Everything that a trainer writes down while it works, but for its checkpoints."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core.runs.files import Doing
from core.training.keep import ballast, disk
from core.training.keep.beat import Pulse
from core.training.keep.journal import Journal, attempt

MACHINE_EVERY = 5.0
"""Seconds between two rows on what the machine does."""


class Record:
    """The rows, the samples and the beat of one run. The helpers of a team have one that is `silent`."""

    def __init__(self, run: Path, silent: bool = False) -> None:
        self.run, self._measured = run, time.monotonic()
        self._pulse: Pulse | None = None
        self._metrics: Journal | None = None
        self._samples: Journal | None = None
        if silent:
            return
        ballast.load(run)
        self._pulse = Pulse(run)
        number = attempt(run / "metrics.jsonl")
        self._metrics, self._samples = (Journal(run / name, number) for name in ("metrics.jsonl", "samples.jsonl"))

    def row(self, row: dict[str, Any]) -> None:
        """Append a row of metrics."""
        self._append(self._metrics, row)

    def event(self, kind: str, step: int, text: str) -> None:
        """Append what happened, as one sentence for a person."""
        self._append(self._metrics, {"step": step, "event": kind, "text": text})

    def samples(self, step: int, rows: list[dict[str, Any]]) -> None:
        """Append what the model said at `step`."""
        for row in rows:
            self._append(self._samples, {"step": step} | row)

    def _append(self, journal: Journal | None, row: dict[str, Any]) -> None:
        """The row that finds the disk full is the last one, and written on the room that was kept for it."""
        try:
            if journal:
                journal.add(row)
        except OSError as error:
            if journal and disk.full(error):
                ballast.drop(self.run)
                journal.add(row)
            raise

    def doing(self, doing: Doing, detail: str = "") -> None:
        """Say what the trainer does from now on."""
        if self._pulse:
            self._pulse.note(doing, detail)

    def tick(self, step: int = 0, detail: str = "") -> None:
        """Call this often: every few seconds it gives a sign of life, and a row on the machine while steps are made."""
        if self._pulse and self._pulse.tick(detail) and step and time.monotonic() - self._measured >= MACHINE_EVERY:
            self.row({"step": step, "machine": self._pulse.machine})
            self._measured = time.monotonic()

    def flush(self) -> None:
        """Make the rows durable."""
        for journal in (self._metrics, self._samples):
            if journal:
                journal.flush()

    def close(self) -> None:
        for journal in (self._metrics, self._samples):
            if journal:
                journal.close()
