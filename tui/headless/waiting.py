"""Staying beside a run until it has ended: `train --wait`, `runs watch`, `runs resume --wait`."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from core.errors import UserError
from core.runs import Run
from tui.headless.asking import complain
from tui.headless.output import CANCELLED, FAILED
from tui.headless.progress import Display, display
from tui.runs.detached import Started
from tui.runs.now import Latest
from tui.runs.rows import Lines, Row
from tui.runs.watch import tail

EVERY = 0.2
"""Seconds between two looks at the run's folder."""
ENDED = ("finished", "stopped", "failed", "died", "broken")


def wait_for(started: Started[Run], *, batch: bool = False) -> int:
    """The exit code for how the run ended: 0 finished or stopped, 1 failed, 130 when nobody waits any longer.

    ctrl+c and SIGTERM end the waiting and not the run. SIGUSR2, and in a `batch` job SIGTERM too, ask the run to save
    and stop, which is then waited for: a batch system ends everything that the job leaves behind.
    """
    run = started.of
    stop = Stop(f"The run {run.id}", lambda: run.leave("stop"))
    with stop.heard(batch):
        return follow(run, display(sys.stderr), started, stop)


class Stop:
    """The wish to stop, kept until there is somebody to tell: who only starts may forget what was asked before.

    It is left as a request: by a signal of ours a trainer that the batch system has told as well would be told twice.
    """

    def __init__(self, what: str, leave: Callable[[], object]) -> None:
        """`leave` leaves the request for `what`; a UserError says that it has just ended."""
        self._what, self._leave, self._wanted = what, leave, False

    @contextlib.contextmanager
    def heard(self, batch: bool) -> Iterator[None]:
        """Take SIGUSR2, and in a `batch` job SIGTERM, for the wish; else SIGTERM is as ctrl+c."""
        leaving: Any = self.hear if batch else signal.default_int_handler
        handlers = {signal.SIGUSR2: self.hear, signal.SIGTERM: leaving}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def hear(self, *_: object) -> None:
        """Take a signal."""
        self._wanted = True

    def tell(self, there: bool) -> None:
        """Leave the request, once, when somebody is `there` who can hear."""
        if self._wanted and there:
            self._wanted = False
            with contextlib.suppress(UserError):
                self._leave()
                complain(f"{self._what} was asked to save and stop.")


def follow(run: Run, shown: Display, started: Started[Run] | None = None, stop: Stop | None = None) -> int:
    """Show `run` until it has ended; the exit code is that of `wait_for`.

    The run has ended when its process has, where we started it; else when its folder says so.
    """
    rows, latest = Lines(run.folder / "metrics.jsonl", Row), Latest()
    for row in rows.new():  # its events are old
        latest.take(row)
    over = False
    try:
        while True:
            death = started.death() if started else None
            for row in rows.new():
                latest.take(row)
                if row.event:
                    shown.tell(f"step {row.step or 0:,}: {row.text}")
            now = latest.now(run)
            ended = now.state in ENDED
            # Until the process that we started has claimed its folder, the folder tells how an earlier one ended.
            if started is None or not ended or (death and not death.code):
                shown.show(now)
            if over:
                break
            over = death is not None or (started is None and ended)
            if not over:  # else once more: its last rows may have come after we looked
                if stop:
                    stop.tell(now.state in ("running", "paused"))
                time.sleep(EVERY)
    except KeyboardInterrupt:
        shown.close()
        complain(f"The run {run.id} goes on by itself. See `lookboth runs`.")
        return CANCELLED
    finally:
        shown.close()
    return _farewell(run, started)


def _farewell(run: Run, started: Started[Run] | None) -> int:
    """Say how the run ended; the exit code for it."""
    outcome, death = run.outcome(), started.death() if started else None
    if outcome is None or (death and death.code and outcome.status != "failed"):  # the latter is of an earlier time
        cause, last = (death.cause, death.last) if death else ("its process is gone", tail(run).rpartition("\n")[2])
        complain(f"The run {run.id} died: {cause}. {last}".rstrip())
        return FAILED
    if outcome.status == "failed":
        complain(f"The run {run.id} failed: {outcome.error}")
        return FAILED
    complain(f"The run {run.id} {outcome.status} at step {outcome.step:,}.")
    return 0
