"""How the trainer before this one ended: kept beside the run until somebody has learnt from it."""

from __future__ import annotations

import msgspec

from core.runs import Outcome, Run
from core.training.keep import disk

LESSONS = ("nan", "memory")
"""Causes that the next trainer does something about."""


def keep_ending(run: Run) -> None:
    """Make `ended.json` of `result.json`. One that nobody has learnt from yet stays, unless there is more to learn."""
    result, kept = run.folder / "result.json", run.folder / "ended.json"
    if (last := run.outcome()) and (last.cause in LESSONS or not kept.exists()):
        disk.rename(result, kept)
    disk.remove(result)


def ended(run: Run) -> Outcome | None:
    """How the trainer before this one ended, where it said so."""
    try:
        return msgspec.json.decode((run.folder / "ended.json").read_bytes(), type=Outcome)
    except (OSError, msgspec.DecodeError):
        return None


def forget_ending(run: Run) -> None:
    """What could be learnt from it is in a checkpoint now."""
    disk.remove(run.folder / "ended.json")
