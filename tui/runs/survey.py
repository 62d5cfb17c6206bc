"""All runs of this machine at one look; a run that changes no more is read once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from core import runs
from core.runs import Run
from tui.runs.now import Now, latest

MOST = 300
"""Runs that are listed, newest first."""
SETTLED = ("waiting", "finished", "stopped", "failed", "died", "elsewhere", "broken")
"""States that only a file that changed can end."""
STAMPED = ("run.json", "metrics.jsonl", "beat.json", "result.json", "about.json")


class Survey:
    """Remembers what it saw, so that each look costs what has changed. Meant for a worker thread."""

    def __init__(self) -> None:
        self._settled: dict[str, tuple[object, Now]] = {}

    def look(self) -> list[Now]:
        """Where each run stands, the newest run first. Raises OSError when the folder of runs cannot be read."""
        found = [self._one(run) for run in islice(runs.every(), MOST)]
        self._settled = {at.id: self._settled[at.id] for at in found if at.id in self._settled}
        return sorted(found, key=lambda at: at.file.created if at.file else 0.0, reverse=True)

    def _one(self, run: Run) -> Now:
        stamp = [_changed(run, name) for name in STAMPED]
        known = self._settled.get(run.id)
        if known and known[0] == stamp:
            return known[1]
        at = latest(run)
        if at.state in SETTLED:
            self._settled[run.id] = (stamp, at)
        else:
            self._settled.pop(run.id, None)
        return at


def _changed(run: Run, name: str) -> int:
    """When a file of the run was last written; 0 where there is none."""
    try:
        return (run.folder / name).stat().st_mtime_ns
    except OSError:
        return 0


def alive(run: Now) -> bool:
    """Whether there may be a trainer to ask: here, or on another machine that watches the same folder."""
    return run.state in ("running", "paused", "elsewhere")


def why(run: Now) -> str:
    """What there is to say about the state, in one clause; empty where it speaks for itself."""
    if run.state == "broken":
        return run.problem
    if run.state == "failed" and run.outcome:
        return run.outcome.error.strip().partition("\n")[0]
    if run.state == "elsewhere" and run.file and run.file.owner:
        return f"on {run.file.owner.host}, which cannot be asked whether it lives"
    if run.state == "waiting":
        return "others of its trio come first"
    return "its process is gone and left no word" if run.state == "died" else ""


def fits(run: Now, words: Iterable[str]) -> bool:
    """Whether each of `words` (lower case) is somewhere in its names, note, model, text or state."""
    parts = [run.id, run.about.name, run.about.note, run.state, why(run)]
    if run.file is not None:
        parts += [run.file.settings.family, run.file.trio, *(Path(text).name for text in run.file.settings.texts)]
    hay = "\n".join(parts).lower()
    return all(word in hay for word in words)
