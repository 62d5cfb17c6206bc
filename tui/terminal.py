"""Whether there is a terminal that the window can be drawn on, and whether it is still there."""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections.abc import Callable

COLUMNS, ROWS = 60, 20
"""The smallest window in which the lab can be used."""
EVERY = 0.5
"""Seconds between two looks whether the terminal is still there."""
LEAVING = 1.2
"""Seconds that the window has to leave by itself when it is not."""


def trouble() -> str:
    """One line that says why the window cannot open here; empty when it can.

    Textual draws on standard error, reads standard input, and asks neither whether it is a terminal.
    """
    for name, stream in (("input", sys.stdin), ("output", sys.stdout), ("error", sys.stderr)):
        if stream is None or not stream.isatty():
            return f"The window needs a terminal, and standard {name} is none. See lookboth --help for the verbs."
    kind = os.environ.get("TERM", "")
    if kind in ("", "dumb", "unknown"):
        return f"The window cannot be drawn on this terminal: TERM is {kind or 'not set'}. Set it, or use the verbs."
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    if 0 < columns < COLUMNS or 0 < rows < ROWS:  # 0: the terminal does not say
        return f"The window is too small: {columns}x{rows}, and the lab needs {COLUMNS}x{ROWS}."
    return ""


def leave_when_lost(leave: Callable[[], object]) -> None:
    """Watch the terminal from a thread; when it is gone, or whoever started us is, call `leave` and then end.

    Without this a window whose terminal was closed or whose connection was cut reads the end of its input for
    ever, with a whole core (Textual #6690).
    """
    threading.Thread(target=_watch, args=(leave,), daemon=True, name="terminal").start()


def _watch(leave: Callable[[], object]) -> None:
    parent = os.getppid()
    terminal = select.poll()
    terminal.register(0, 0)
    while os.getppid() == parent and not any(what & (select.POLLHUP | select.POLLERR) for _, what in terminal.poll(0)):
        time.sleep(EVERY)
    end = threading.Timer(LEAVING, os._exit, (1,))
    end.daemon = True
    end.start()
    leave()
