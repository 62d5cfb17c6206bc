"""A run as data: what `lookboth runs --json` and `show --json` print."""

from __future__ import annotations

from typing import Any

import msgspec

from core import paths
from core.errors import UserError
from core.runs import Run
from core.trio.folder import TrioFolder
from tui.runs.now import Now, latest

ALIVE = ("running", "paused", "elsewhere")


def brief(now: Now) -> dict[str, Any]:
    """Where a run stands, as a list shows it."""
    file, owner = now.file, now.file.owner if now.file and now.state in ALIVE else None
    return {
        "id": now.id,
        "name": now.about.name,
        "path": str((paths.runs() / now.id).resolve()),
        "state": now.state,
        "pid": owner.pid if owner else None,
        "host": owner.host if owner else None,
        "family": file.settings.family if file else None,
        "trio": (file.trio or None) if file else None,
        "step": now.step or 0,
        "steps": file.steps if file else None,
        "tokens": now.tokens or 0,
        "loss": now.loss,
        "held_out": now.held_out,
        "tokens_per_second": now.speed,
        "eta_seconds": now.eta,
        "created": file.created if file else None,
        "error": (now.outcome.error if now.outcome else now.problem) or None,
    }


def whole(run: Run) -> dict[str, Any]:
    """Everything that is known about a run."""
    now = latest(run)
    file, progress = now.file, run.progress() if now.file else None
    known: dict[str, Any] = {
        "note": now.about.note,
        "beat": now.beat,
        "outcome": now.outcome,
        "checkpoints": [int(path.name[5:]) for path in run.checkpoints if path.name[5:].isdecimal()],
        "best": progress.best if progress else None,
        "progress": progress,
    }
    if file:
        known |= {name: getattr(file, name) for name in (
            "settings", "versions", "device", "parameters", "unigram_nats", "switch", "budget", "memory",
        )}  # fmt: skip
        known["memory"] = file.memory or None  # 0 where nobody measured it
        known["comparable"] = {"text": file.text, "held_out_text": file.held_out_text}
    built: dict[str, Any] = msgspec.to_builtins(known)
    return brief(now) | built


def trio(found: TrioFolder) -> dict[str, Any]:
    """Where a trio stands; its members are runs of their own."""
    try:
        return {"id": found.id, "path": str(found.folder.resolve()), "state": found.state()}
    except UserError as error:
        return {"id": found.id, "path": str(found.folder.resolve()), "state": "broken", "error": str(error)}
