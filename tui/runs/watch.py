"""What a run has done so far, read a little at a time from its folder by any number of watchers.

The run's own process is never asked anything. Whatever is missing, half-written or broken is said, not raised.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.runs import Best, Run
from tui.charts.curve import Curve
from tui.charts.series import Point
from tui.runs.now import TAIL, Latest, Now, latest
from tui.runs.rows import Lines, Row
from tui.runs.scrub import Sentence, Sentences

__all__ = ["Event", "Now", "Seen", "Watch", "latest", "tail"]

LAST_LINES = 12
"""Lines of console.log that are shown of a run that ended badly."""
EVENTS = 500
"""The newest events that are kept."""
STEP = ("lr", "grad_norm", "tokens_per_second")
HELD_OUT = ("bits_per_character", "top1", "cosine")
MACHINE = ("cpu", "memory", "gpu", "gpu_memory")


class Event(NamedTuple):
    """Something that happened to a run: one sentence for a person."""

    step: int
    time: float | None
    kind: str
    text: str


@dataclass(frozen=True)
class Seen:
    """Everything a screen shows of one run."""

    now: Now
    loss: dict[str, tuple[Point, ...]]
    """By phase, in the order in which the phases came; x is the step, y nats."""
    held_out: dict[str, tuple[Point, ...]]
    console: str = ""
    """The end of console.log, for a run that failed or died."""
    checkpoints: list[int] = field(default_factory=list)
    """Steps that were saved, oldest first."""
    curves: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    """Every other number by step, named as in the rows."""
    merged: int = 1
    """How many steps one point of the loss is the mean of."""
    events: tuple[Event, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    """What it said about the fixed sentences, at each evaluation."""
    best: Best | None = None
    unreadable: int = 0
    """Lines of the run's rows that were cut by a crash, or are no rows."""


class Watch:
    """Follows one run: each `poll` reads only what was written since the last. Meant for a worker thread."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._rows = Lines(run.folder / "metrics.jsonl", Row)
        self._latest = Latest()
        self._attempt = 0
        self._loss: dict[str, Curve] = {}
        self._held_out: dict[str, Curve] = {}
        self._curves: dict[str, Curve] = {}
        self._events: deque[Event] = deque(maxlen=EVENTS)
        self._sentences = Sentences(run.folder / "samples.jsonl")

    def poll(self) -> Seen:
        """Read on, and tell what is known now. The first time that is everything."""
        for row in self._rows.new():
            self._take(row)
        at, progress = self._latest.now(self.run), self.run.progress()
        own = "masked" if at.file and at.file.settings.family == "bert" else "causal"
        held_out = {own: self._held_out[""].points()} if self._held_out else {}
        return Seen(
            now=at,
            loss={name: curve.points() for name, curve in self._loss.items()},
            held_out=held_out,
            console=tail(self.run) if at.state in ("failed", "died", "broken") else "",
            checkpoints=[int(step) for path in self.run.checkpoints if (step := path.name[5:]).isdecimal()],
            curves={name: curve.points() for name, curve in self._curves.items()},
            merged=max((curve.width for curve in self._loss.values()), default=1),
            events=tuple(self._events),
            sentences=self._sentences.poll(),
            best=progress.best if progress else None,
            unreadable=self._rows.unreadable + self._sentences.unreadable,
        )

    def _take(self, row: Row) -> None:
        """Add one row. What is held out is always asked as the model will be used: by its own objective."""
        step = row.step
        if step is None:
            return
        if row.attempt > self._attempt:  # it went on from a checkpoint, and does again what came after that
            self._attempt = row.attempt
            for curve in (*self._loss.values(), *self._held_out.values(), *self._curves.values()):
                curve.rewind(step if row.phase else step + 1)
        self._latest.take(row)
        if row.phase:
            _add(self._loss, row.phase, step, math.nan if row.loss is None else row.loss)
            for name in STEP:
                self._number(name, step, getattr(row, name))
        if row.held_out:
            if row.held_out.nats is not None:
                _add(self._held_out, "", step, row.held_out.nats)
            for name in HELD_OUT:
                self._number(name, step, getattr(row.held_out, name))
        if row.machine:
            for name in MACHINE:
                self._number(name, step, getattr(row.machine, name))
        if row.event:
            self._events.append(Event(step, row.time, row.event, row.text))

    def _number(self, name: str, step: int, value: float | None) -> None:
        if value is not None:
            _add(self._curves, name, step, value)


def _add(curves: dict[str, Curve], name: str, x: float, y: float) -> None:
    curve = curves.get(name)
    if curve is None:
        curve = curves[name] = Curve()
    curve.add(x, y)


def tail(run: Run) -> str:
    """The last lines of what the trainer printed; the bytes as they are, so show them through `plain`."""
    try:
        with open(run.folder / "console.log", "rb") as file:
            file.seek(max(0, file.seek(0, 2) - TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-LAST_LINES:])
