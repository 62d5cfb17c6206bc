"""Giving way: heavy work must not make the window, or anything else on the machine, wait for a processor."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

AUTOGROUP = Path("/proc/self/autogroup")


def give_way(by: int = 10) -> None:
    """Lower this process's priority by `by`, against every other process of the machine.

    Linux may schedule by session ("autogroup"): the priority then counts only within a session, and a process in one
    of its own, as engines and trainers are, must ask for its session as well (sched(7)).
    """
    os.nice(by)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # a kernel without it, or a container that hides it
            AUTOGROUP.write_text(str(by))
