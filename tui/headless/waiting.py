"""`lookboth train --wait`: stay beside a run until it has ended."""

from __future__ import annotations

import time

from tui.headless.asking import Narrator, complain
from tui.runs import watch
from tui.runs.trainer import Started

EVERY = 0.2
"""Seconds between two looks at the run's folder."""


def wait_for(started: Started) -> int:
    """The exit code for how the run ended: 0 finished or stopped, 1 failed, 130 when nobody waits any longer."""
    narrator = Narrator()
    try:
        while (death := started.death()) is None:
            now = watch.latest(started.run)
            steps = now.file.steps if now.file else 0
            loss = "" if now.loss is None else f", loss {now.loss:.3f}"
            narrator.say(f"step {now.step or 0:,}/{steps:,}{loss}" if steps else "the trainer is starting")
            time.sleep(EVERY)
    except KeyboardInterrupt:
        narrator.say("")
        complain(f"The run {started.run.id} goes on by itself. See `lookboth runs`.")
        return 130
    narrator.say("")
    outcome = started.run.outcome()
    if outcome is None:
        complain(f"The run {started.run.id} died: {death.cause}. {death.last}")
        return 1
    if outcome.status == "failed":
        complain(f"The run {started.run.id} failed: {outcome.error}")
        return 1
    complain(f"The run {started.run.id} {outcome.status} at step {outcome.step:,}.")
    return 0
