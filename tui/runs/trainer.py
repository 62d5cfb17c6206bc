"""Start a trainer: its own process in its own session, which outlives the window, the terminal and the connection."""

from __future__ import annotations

import contextlib
import time

import msgspec

from core import runs
from core.errors import UserError
from core.runs import Run
from core.settings import TrainSettings
from tui.runs.detached import Started, launch

YOUNG = 120.0
"""Seconds after which a trainer on another machine that wrote no beat is taken for gone."""


def start(chosen: TrainSettings, name: str = "", trio: str = "") -> Started[Run]:
    """Make a run folder and start its trainer. Raises UserError when either fails."""
    return launch("train", runs.create(chosen, name, trio))


def resume(run: Run) -> Started[Run]:
    """Start a trainer on a run that has none: it goes on from the newest good checkpoint, or begins.

    Raises UserError when somebody is at it, when nothing is left to do, or when the process cannot be started.
    """
    state = run.state()
    if state in ("starting", "running", "paused"):
        raise UserError(f"The run {run.id} is {state}: it has a trainer already.")
    if state == "finished" and not _extended(run):
        hint = f"Give it more: lookboth runs extend {run.id} --tokens N."
        raise UserError(f"The run {run.id} has finished: its budget is spent.", hint=hint)
    if state == "elsewhere":
        _silent(run)
    return launch("train", run)


def extend(run: Run, tokens: int, steps: int = 0) -> Started[Run] | None:
    """Add `steps`, or `tokens` where they are 0, to a run, and start a trainer where there is none.

    Raises UserError as `resume`.
    """
    if run.state() in ("starting", "running", "paused"):
        run.ask("extend", tokens, steps)
        return None
    request = run.leave("extend", tokens, steps)
    try:
        return resume(run)
    except UserError:
        request.unlink(missing_ok=True)
        raise


def heard(run: Run) -> float:
    """Seconds since the trainer of a run last wrote its beat; infinite when it never did."""
    beat = run.beat()
    return max(0.0, time.time() - beat.time) if beat else float("inf")


def _silent(run: Run) -> None:
    """Raise UserError while a trainer on another machine still writes its beat."""
    if (age := heard(run)) < YOUNG:
        owner = run.file().owner
        host = owner.host if owner else "another machine"
        raise UserError(
            f"The run {run.id} is being trained on {host}.",
            why=f"Its trainer wrote there {age:.0f} s ago.",
            hint=f"Stop it first, or try again {YOUNG:.0f} s after its last sign of life.",
        )


def _extended(run: Run) -> bool:
    """Whether somebody asked for a longer budget that no trainer has heard of yet."""
    for path in (run.folder / "control").glob("[0-9]*.json"):
        with contextlib.suppress(OSError, msgspec.DecodeError, AttributeError):  # unreadable ones are the trainer's
            if msgspec.json.decode(path.read_bytes()).get("do") == "extend":
                return True
    return False
