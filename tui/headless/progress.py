"""How far a run is, as it goes: a bar on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import sys
import time
from typing import IO, Any, Protocol

from tui.clean import clean
from tui.headless.described import brief
from tui.headless.output import print_json
from tui.runs.now import Now
from tui.words import duration, short

REST = 30.0
"""Seconds between two lines while nothing but the step changes: a log is read, not watched."""


class Display(Protocol):
    """Somewhere to say how far a run is."""

    def show(self, now: Now) -> None:
        """Say where the run stands."""

    def tell(self, text: str) -> None:
        """Say that something happened."""

    def close(self) -> None:
        """Say no more."""


def numbers(now: Now) -> str:
    """Where a run stands, in one line: what is not known is left out."""
    steps, doing = now.file.steps if now.file else 0, _doing(now)
    parts = [f"step {now.step or 0:,}" + (f"/{steps:,}" if steps else "")]
    parts += [] if now.loss is None else [f"loss {now.loss:.3f}"]
    parts += [] if now.held_out is None else [f"held-out {now.held_out:.3f}"]
    if now.state != "running":
        return clean("  ".join([*parts, now.state]))
    parts += [f"{short(now.speed)} tok/s"] if now.speed else []
    parts += [doing] if doing and doing != "evaluating" else []
    parts += [] if now.eta is None else [f"eta {duration(now.eta)}"]
    return clean("  ".join(parts))


def _doing(now: Now) -> str:
    """What the trainer does besides training."""
    return "" if now.beat is None or now.beat.doing == "training" else now.beat.doing


class Lines:
    """A line for every look at the held-out text and every change of state; one from time to time in between."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._key: object = None
        self._step: int | None = None
        self._time = 0.0

    def show(self, now: Now) -> None:
        late = now.step != self._step and time.monotonic() - self._time >= REST
        if (key := (now.state, now.held_out, _doing(now) if now.step is None else "")) != self._key or late:
            self._key, self._step, self._time = key, now.step, time.monotonic()
            self._write(now)

    def _write(self, now: Now) -> None:
        self.tell(numbers(now))

    def tell(self, text: str) -> None:
        self._stream.write(clean(text) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is open."""


class JsonLines(Lines):
    """The same moments as JSON on standard output, what happens in words on standard error."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def _write(self, now: Now) -> None:
        print_json(brief(now))
        sys.stdout.flush()


class Bar:
    """A bar with loss, speed and the time that is left, drawn again at most four times a second."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        said = TextColumn("{task.fields[said]}", markup=False)
        self._bar = Progress(
            BarColumn(bar_width=None), said, console=Console(file=stream, highlight=False), expand=True,
            refresh_per_second=4, redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._task: Any = None

    def show(self, now: Now) -> None:
        steps = now.file.steps if now.file and now.file.steps else None
        known: dict[str, Any] = {"total": steps, "completed": min(now.step or 0, steps or 0), "said": numbers(now)}
        if self._task is None:
            self._task = self._bar.add_task("", **known)
            self._bar.start()
        else:
            self._bar.update(self._task, **known)

    def tell(self, text: str) -> None:
        from rich.text import Text

        self._bar.console.print(Text(clean(text)))

    def close(self) -> None:
        self._bar.stop()


def display(stream: IO[str]) -> Display:
    """What fits the stream: a bar needs a terminal that can go back in its line."""
    return Bar(stream) if stream.isatty() and os.environ.get("TERM") != "dumb" else Lines(stream)
