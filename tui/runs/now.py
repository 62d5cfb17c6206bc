"""Where a run stands now: what a list shows of it, and the first lines of its view."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from core.errors import UserError
from core.runs import About, Beat, Outcome, Run, RunFile
from tui.runs.rows import Lines, Row

TAIL = 16 * 1024
"""Bytes at the end of a file that hold its latest rows, for lists that need no more."""


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
    ended: float | None = None
    """When the run ended, or was last heard of where it died: seconds since the epoch."""
    beat: Beat | None = None
    about: About = field(default_factory=About)
    step: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    phase: str = ""
    loss: float | None = None
    lr: float | None = None
    grad_norm: float | None = None
    speed: float | None = None
    """Tokens a second."""
    pace: float | None = None
    """Seconds of work a step, over the last rows."""
    held_out: float | None = None
    top1: float | None = None

    @property
    def name(self) -> str:
        """What a person calls the run: its id where nobody gave it a name."""
        return self.about.name or self.id

    @property
    def eta(self) -> float | None:
        """Seconds of work left at the pace of the last rows, whatever pauses there were; None while it is unknown.

        A paused run tells what it will still take once it goes on.
        """
        if self.file is None or self.state not in ("running", "paused"):
            return None
        if self.pace and self.file.steps and self.step is not None:
            return max(0.0, (self.file.steps - self.step) * self.pace)
        if self.speed and self.tokens is not None and self.file.settings.tokens:
            return max(0.0, (self.file.settings.tokens - self.tokens) / self.speed)
        return None


class Latest:
    """The newest number of each kind, and the pace, from rows as they come."""

    WINDOW = 50
    """Steps over which the pace is taken: long enough for windows of all lengths, short enough to notice a change."""

    def __init__(self) -> None:
        self._step = Row()
        self._held_out = Row()
        self._recent: list[tuple[int, float]] = []
        """(step, seconds of work) of the last rows of the present attempt."""
        self._attempt = 0

    def take(self, row: Row) -> None:
        """Add one row."""
        if row.attempt != self._attempt:
            self._attempt = row.attempt
            self._recent.clear()
        if row.phase:
            self._step = row
            if row.step is not None and row.seconds is not None:
                if self._recent and row.step <= self._recent[-1][0]:
                    self._recent.clear()
                self._recent.append((row.step, row.seconds))
                if len(self._recent) > 2 * self.WINDOW:
                    del self._recent[: self.WINDOW]
        if row.held_out:
            self._held_out = row

    @property
    def pace(self) -> float | None:
        """Seconds of work a step."""
        recent = self._recent[-self.WINDOW :]
        if len(recent) < 2 or recent[-1][1] <= recent[0][1]:
            return None
        return (recent[-1][1] - recent[0][1]) / (recent[-1][0] - recent[0][0])

    def now(self, run: Run) -> Now:
        """Where `run` stands."""
        try:
            file, state = run.file(), str(run.state())
        except (UserError, TypeError, RecursionError) as error:  # the last two: JSON that nobody would write
            return Now(id=run.id, state="broken", file=None, outcome=run.outcome(), problem=str(error))
        at, held = self._step, self._held_out.held_out
        steps = [row.step for row in (at, self._held_out) if row.step is not None]
        tokens = [row.tokens for row in (at, self._held_out) if row.tokens is not None]
        return Now(
            id=run.id,
            state=state,
            file=file,
            outcome=run.outcome(),
            ended=_ended(run, state),
            beat=run.beat(),
            about=run.about(),
            step=max(steps, default=None) if at.step is None else at.step,
            tokens=max(tokens, default=None) if at.tokens is None else at.tokens,
            seconds=at.seconds,
            phase=at.phase,
            loss=at.loss,
            lr=at.lr,
            grad_norm=at.grad_norm,
            speed=at.tokens_per_second,
            pace=self.pace,
            held_out=held.nats if held else None,
            top1=held.top1 if held else None,
        )


def _ended(run: Run, state: str) -> float | None:
    """When its last word was written; None while it goes on, or where there was none."""
    if state not in ("finished", "stopped", "failed", "died"):
        return None
    times = []
    for name in ("beat.json", "metrics.jsonl") if state == "died" else ("result.json",):
        with suppress(OSError):
            times.append((run.folder / name).stat().st_mtime)
    return max(times, default=None)


def now(run: Run, rows: Iterable[Row]) -> Now:
    """Where `run` stands, its numbers taken from the last of `rows`."""
    latest = Latest()
    for row in rows:
        latest.take(row)
    return latest.now(run)


def latest(run: Run) -> Now:
    """Where a run stands, from the end of its metrics alone."""
    path = run.folder / "metrics.jsonl"
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return now(run, Lines(path, Row, max(0, size - TAIL)).new())  # a line cut at its start is no row: it is skipped
