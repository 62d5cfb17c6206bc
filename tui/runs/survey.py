"""All runs of this machine at one look; a run that changes no more is read once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from core import paths, runs
from core.errors import UserError
from core.runs import Run
from tui.runs.now import Now, latest
from tui.words import text_name

MOST = 300
"""Runs that are listed, newest first."""
SETTLED = ("finished", "stopped", "failed", "died", "elsewhere", "broken")
"""States that only a file that changed can end."""
STAMPED = ("run.json", "metrics.jsonl", "beat.json", "result.json", "about.json")


def check() -> None:
    """Raises UserError where the folder of runs is something else: that has no runs, which is not the same as none."""
    folder = paths.runs()
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is no folder.", hint="Set LOOKBOTH_RUNS, or --runs, to the folder of all runs.")


class Survey:
    """Remembers what it saw, so that each look costs what has changed. Meant for a worker thread."""

    def __init__(self) -> None:
        self._settled: dict[str, tuple[object, Now]] = {}

    def look(self) -> list[Now]:
        """Where each run stands, the newest run first. Raises OSError or UserError when the folder of runs
        cannot be read."""
        check()
        found = [self._one(run) for run in islice(runs.every(), MOST)]
        self._settled = {at.id: self._settled[at.id] for at in found if at.id in self._settled}
        return sorted(found, key=lambda at: at.file.created if at.file else 0.0, reverse=True)

    def _one(self, run: Run) -> Now:
        stamp = [_changed(run, name) for name in STAMPED]
        known = self._settled.get(run.id)
        if known and known[0] == stamp:
            return known[1]
        at = latest(run)
        if at.state in SETTLED and not unbegun(at):
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


def unbegun(run: Now) -> bool:
    """Whether it is a member of a trio that no trainer has begun: what it is depends on the trio's sequencer."""
    return run.file is not None and bool(run.file.trio) and run.file.owner is None and run.outcome is None


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
    if run.state == "stopped" and unbegun(run):
        return "its turn never came"
    return "its process is gone and left no word" if run.state == "died" else ""


def fits(run: Now, words: Iterable[str]) -> bool:
    """Whether each of `words` (lower case) is somewhere in its names, note, model, text or state."""
    parts = [run.id, run.about.name, run.about.note, run.state, why(run)]
    if run.file is not None:
        parts += [run.file.settings.family, run.file.trio, *map(text_name, run.file.settings.texts)]
    hay = "\n".join(parts).lower()
    return all(word in hay for word in words)
