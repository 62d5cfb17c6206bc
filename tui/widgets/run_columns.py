"""What the list of runs says of each run, cell by cell."""

from __future__ import annotations

import time

from rich.cells import set_cell_size

from tui.runs.now import Now
from tui.runs.survey import why
from tui.text import one_line, shorten, shorten_name
from tui.words import brief, short, text_name

COLUMNS = {
    "": 1, "run": 18, "state": 9, "model": 5, "step": 11, "loss": 5, "held": 5, "tok/s": 5, "left / ended": 12,
}  # fmt: skip
"""Titles and widths in cells: 80 columns with a blank after each and a scrollbar. `held` is the held-out loss."""
WIDE = COLUMNS | {"run": 30, "params": 6, "text": 22, "note or reason": 20}
"""The same from `ROOM` columns on; the last takes what is left."""
ROOM = 144
MARK = "●"


def columns(width: int) -> dict[str, int]:
    """The columns that fit into `width` cells."""
    if width < ROOM:
        return COLUMNS
    used = sum(WIDE.values()) + len(WIDE) - 1
    return WIDE | {"note or reason": WIDE["note or reason"] + max(0, width - used)}


def heading(width: int) -> str:
    """The line over the rows."""
    return " ".join(set_cell_size(name, room) for name, room in columns(width).items())


def line(run: Now, width: int, marked: bool) -> str:
    """One row, every part of it safe to show, exactly as wide as the columns."""
    said = cells(run) | {"": MARK if marked else ""}
    parts = []
    for name, room in columns(width).items():
        cut = shorten_name if name == "run" else shorten
        parts.append(set_cell_size(cut(said[name], room), room))
    return " ".join(parts)


def cells(run: Now) -> dict[str, str]:
    """Every cell by its column's title."""
    said = dict.fromkeys(WIDE, "") | {
        "run": one_line(run.name),
        "state": run.state,
        "note or reason": one_line(why(run) or run.about.note),
    }
    if run.file is None:
        return said
    running, file = run.state == "running", run.file
    steps = short(file.steps) if file.steps else "?"
    return said | {
        "model": file.settings.family,
        "step": "" if run.step is None else f"{short(run.step)}/{steps}",
        "loss": "" if run.loss is None else f"{run.loss:.2f}",
        "held": "" if run.held_out is None else f"{run.held_out:.2f}",
        "tok/s": "" if run.speed is None or not running else short(round(run.speed)),
        "left / ended": f"{brief(run.eta)} left" if running and run.eta is not None else since(run, file.created),
        "params": short(file.parameters) if file.parameters else "",
        "text": one_line(", ".join(map(text_name, file.settings.texts))),
    }


def since(run: Now, created: float) -> str:
    """How long ago a run ended; how long one has been going, or waiting, that has not."""
    if run.state in ("finished", "stopped", "failed", "died"):
        return "" if run.ended is None else f"{_past(run.ended)} ago"
    return f"begun {_past(created)}" if run.state != "waiting" else f"made {_past(created)}"


def _past(moment: float) -> str:
    return brief(max(0.0, time.time() - moment))
