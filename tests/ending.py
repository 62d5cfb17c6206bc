"""Whether a process is over."""

from __future__ import annotations

import time

import psutil


def ended(pid: int, patience: float) -> bool:
    """Whether a process ends in time; one that its parent has not collected yet counts."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False
