"""What happened to a run, newest first."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.content import Content

from tui.runs.watch import Event
from tui.text import one_line

EMPTY = "Nothing out of the ordinary has happened."


def page(events: Sequence[Event]) -> Content:
    """One line an event: its step, when it was, what kind, and what it says."""
    if not events:
        return Content(EMPTY)
    return Content("\n").join([_line(event) for event in reversed(events)])


def _line(event: Event) -> Content:
    when = time.strftime("%b %d %H:%M", time.localtime(event.time)) if event.time is not None else ""
    return Content.assemble(
        (f" step {event.step:>9,}", "bold"), f"  {when:12}  {one_line(event.kind):9}  ", one_line(event.text)
    )
