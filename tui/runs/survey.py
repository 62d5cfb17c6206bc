"""All runs of this machine at one look; a run that has ended is read once."""

from __future__ import annotations

from itertools import islice

from core import runs
from core.runs import Run
from tui.runs.watch import Now, latest

MOST = 300
"""Runs that are listed, newest first."""
ENDED = ("finished", "stopped", "failed")


class Survey:
    """Remembers what it saw, so that each look costs what has changed. Meant for a worker thread."""

    def __init__(self) -> None:
        self._ended: dict[str, tuple[object, Now]] = {}

    def look(self) -> list[Now]:
        """Where each run stands, the newest run first. Raises OSError when the folder of runs cannot be read."""
        found = [self._one(run) for run in islice(runs.every(), MOST)]
        self._ended = {at.id: self._ended[at.id] for at in found if at.id in self._ended}
        return sorted(found, key=lambda at: at.file.created if at.file else 0.0, reverse=True)

    def _one(self, run: Run) -> Now:
        stamp = [_changed(run, name) for name in ("run.json", "metrics.jsonl", "result.json")]
        known = self._ended.get(run.id)
        if known and known[0] == stamp:
            return known[1]
        at = latest(run)
        if at.state in ENDED:
            self._ended[run.id] = (stamp, at)
        else:
            self._ended.pop(run.id, None)
        return at


def _changed(run: Run, name: str) -> int:
    """When a file of the run was last written; 0 where there is none."""
    try:
        return (run.folder / name).stat().st_mtime_ns
    except OSError:
        return 0
