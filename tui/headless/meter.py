"""How far a long piece of the engine's work is: a bar on a terminal, a plain line from time to time elsewhere."""

from __future__ import annotations

import os
import time
from typing import IO, Any

from core.messages import Progress
from tui.clean import clean
from tui.headless.asking import Narrator
from tui.headless.progress import REST

WHOLE = "for all of it"
"""How a note ends that says, before the work begins, how long it will take: it stays on the screen."""


class Meter(Narrator):
    """Says what the engine notes of its progress, the time that is left among it."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self._stream = stream
        self._bar: Any = None
        self._drawn = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._said = 0.0
        self._part = ""

    def progress(self, event: Progress) -> None:
        part = event.note.partition(",")[0]
        if self._drawn:
            self._draw(event)
        elif part != self._part or time.monotonic() - self._said >= REST:
            self._part, self._said = part, time.monotonic()
            share = "" if event.note.endswith(WHOLE) else f" ({100 * event.done // max(1, event.total)} %)"
            self._stream.write(clean(event.note) + share + "\n")
            self._stream.flush()

    def _draw(self, event: Progress) -> None:
        known = {"completed": event.done, "total": event.total, "said": clean(event.note)}
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, TaskProgressColumn, TextColumn
            from rich.progress import Progress as Bar

            self.say("")
            said = TextColumn("{task.fields[said]}", markup=False)
            self._bar = Bar(
                BarColumn(bar_width=None), TaskProgressColumn(), said, expand=True, refresh_per_second=4,
                console=Console(file=self._stream, highlight=False), redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._bar.add_task("", **known)
            self._bar.start()
        else:
            self._bar.update(self._bar.task_ids[0], **known)
        if event.note.endswith(WHOLE):
            self._bar.console.print(clean(event.note), markup=False)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None  # what comes next has a bar of its own
        super().close()
