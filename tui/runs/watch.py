"""What a run has done so far, read a little at a time from its folder by any number of watchers.

The run's own process is never asked anything. Whatever is missing, half-written or broken is said, not raised.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from core.errors import UserError
from core.runs import Outcome, Run, RunFile
from tui.runs.curve import Curve, Point

TAIL = 8192
"""Bytes at the end of a file that hold its latest rows, for lists that need no more."""

RECENT = 200
"""How many of the last rows say where a run stands: rows that were logged at rarer moments are among them."""

LAST_LINES = 12
"""Lines of console.log that are shown of a run that ended badly."""


@dataclass(frozen=True, kw_only=True)
class Now:
    """Where a run stands: numbers are None while nobody has written them."""

    id: str
    state: str
    """One of `core.runs.State`, or `broken` when run.json cannot be read."""
    file: RunFile | None
    outcome: Outcome | None
    problem: str = ""
    """Why the run cannot be read."""
    step: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    phase: str = ""
    loss: float | None = None
    lr: float | None = None
    grad_norm: float | None = None
    speed: float | None = None
    """Tokens a second."""
    held_out: float | None = None
    top1: float | None = None

    @property
    def eta(self) -> float | None:
        """Seconds of work left at the present speed, whatever pauses there were; None while it cannot be known."""
        if self.file is None or self.state != "running" or not self.speed or self.tokens is None:
            return None
        return max(0.0, (self.file.settings.tokens - self.tokens) / self.speed)


def number(value: object) -> float | None:
    """`value` when it is a finite number, else None: a row of metrics is not trusted to be well formed."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None  # type: ignore[arg-type]


def now(run: Run, rows: list[dict[str, Any]]) -> Now:
    """Where `run` stands, its numbers taken from the last of `rows`."""
    try:
        file, state = run.file(), str(run.state())
    except (UserError, TypeError, RecursionError) as error:  # the last two: JSON of a shape that nobody would write
        return Now(id=run.id, state="broken", file=None, outcome=run.outcome(), problem=str(error))
    found: dict[str, Any] = {}
    for row in rows[-RECENT:]:
        found |= row if isinstance(row, dict) else {}
    held_out = found.get("held_out")
    held_out = held_out if isinstance(held_out, dict) else {}
    step, tokens = number(found.get("step")), number(found.get("tokens"))
    return Now(
        id=run.id,
        state=state,
        file=file,
        outcome=run.outcome(),
        step=None if step is None else int(step),
        tokens=None if tokens is None else int(tokens),
        seconds=number(found.get("seconds")),
        phase=str(found.get("phase") or ""),
        loss=number(found.get("loss")),
        lr=number(found.get("lr")),
        grad_norm=number(found.get("grad_norm")),
        speed=number(found.get("tokens_per_second")),
        held_out=number(held_out.get("nats")),
        top1=number(held_out.get("top1")),
    )


@dataclass
class Phase:
    """The curves of one objective. Losses of two objectives answer different questions and never share a chart."""

    loss: Curve = field(default_factory=Curve)
    held_out: Curve = field(default_factory=Curve)


@dataclass(frozen=True)
class Seen:
    """Everything a screen shows of one run."""

    now: Now
    loss: dict[str, tuple[Point, ...]]
    """By phase, in the order in which the phases came; x is the step, y nats."""
    held_out: dict[str, tuple[Point, ...]]
    console: str
    """The end of console.log, for a run that failed or died."""
    checkpoints: list[int]
    """Steps that were saved, oldest first."""


class Watch:
    """Follows one run: each `poll` reads only what was written since the last. Meant for a worker thread."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._offset = 0
        self._phases: dict[str, Phase] = {}
        self._recent: list[dict[str, Any]] = []

    def poll(self) -> Seen:
        """Read on, and tell what is known now."""
        rows, self._offset = self.run.rows(offset=self._offset)
        rows = [row for row in rows if isinstance(row, dict)]
        self._recent = [*self._recent, *rows][-RECENT:]
        at = now(self.run, self._recent)
        objective = "masked" if at.file and at.file.settings.family == "bert" else "causal"
        for row in rows:
            self._take(row, objective)
        return Seen(
            now=at,
            loss={name: phase.loss.points() for name, phase in self._phases.items()},
            held_out={name: phase.held_out.points() for name, phase in self._phases.items()},
            console=tail(self.run) if at.state in ("failed", "died", "broken") else "",
            checkpoints=[int(step) for path in self.run.checkpoints if (step := path.name[5:]).isdecimal()],
        )

    def _take(self, row: dict[str, Any], objective: str) -> None:
        """Add one row. What is held out is always asked as the model will be used: by its own objective."""
        step = number(row.get("step"))
        if step is None:
            return
        phase = self._phases.setdefault(str(row.get("phase") or objective), Phase())
        if (loss := number(row.get("loss"))) is not None:
            phase.loss.add(step, loss)
        held_out = row.get("held_out")
        if isinstance(held_out, dict) and (nats := number(held_out.get("nats"))) is not None:
            phase.held_out.add(step, nats)


def tail(run: Run) -> str:
    """The last lines of what the trainer printed; the bytes as they are, so show them through `plain`."""
    try:
        with open(run.folder / "console.log", "rb") as file:
            file.seek(max(0, file.seek(0, 2) - TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-LAST_LINES:])


def latest(run: Run) -> Now:
    """Where a run stands, from the end of its metrics alone."""
    try:
        size = (run.folder / "metrics.jsonl").stat().st_size
    except OSError:
        size = 0
    rows, _ = run.rows(offset=max(0, size - TAIL))  # a line cut at its start is not JSON, so it is skipped
    return now(run, rows)


def as_csv(seen: Seen) -> str:
    """The curves as CSV: what was measured, by which objective, at which step, in nats."""
    rows = ["measured,objective,step,nats"]
    for name, curves in (("loss", seen.loss), ("held out", seen.held_out)):
        rows += [f"{name},{phase},{x:g},{y:.6f}" for phase, points in curves.items() for x, y in points]
    return "\n".join(rows) + "\n"
