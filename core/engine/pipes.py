"""The engine's two pipes, taken before anything else can write into them."""

from __future__ import annotations

import io
import os
import sys


def claim() -> tuple[int, int]:
    """Take standard input and output away for the protocol: descriptors of requests and of events.

    From then on whatever prints (Python, C, a child process) prints to standard error, and whatever reads
    standard input finds it at its end. Call this before importing anything that might do either. The two
    descriptors are not inherited by children.
    """
    requests, events = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    return requests, events
