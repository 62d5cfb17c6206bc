"""What a person does with a run as a whole: call it something, say something of it, delete it."""

from __future__ import annotations

import fcntl
import shutil
import time

import msgspec

from core import runs
from core.errors import UserError
from core.runs import Run, write_atomically
from tui.runs.trainer import YOUNG, heard

LONGEST = 120
"""Characters of a name."""


def rename(run: Run, name: str) -> None:
    """Call `run` something else than its id; an empty name takes that back.

    Raises UserError for a name that another run has, is too long, or cannot be written down.
    """
    name = name.strip()
    if len(name) > LONGEST:
        raise UserError(f"The name is too long: {len(name)} characters.", hint=f"Take at most {LONGEST}.")
    if name and any(other.id != run.id and name in (other.id, other.about().name) for other in runs.every()):
        raise UserError(f"Another run is called {name}.", hint="Take a name that is free.")
    _write(run, msgspec.structs.replace(run.about(), name=name))


def note(run: Run, text: str) -> None:
    """Say something of `run`; an empty text takes that back. Raises UserError when it cannot be written down."""
    _write(run, msgspec.structs.replace(run.about(), note=text.strip()))


def _write(run: Run, about: runs.About) -> None:
    try:
        write_atomically(run.folder / "about.json", msgspec.json.encode(about))
    except (OSError, UnicodeEncodeError) as error:  # the second: half a character, from bytes that are not UTF-8
        raise UserError(f"Nothing can be written about {run.id}.", why=f"{error}.") from error


def delete(run: Run) -> None:
    """Delete everything of `run`. Raises UserError while somebody trains it, or when it cannot be deleted."""
    refuse_delete(run)
    try:
        with open(run.folder / "lock", "a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"The run {run.id} is being trained.", hint="Stop it first.") from None
            # Out of the list at once, then file by file: a crash in between leaves no half of a run to look at.
            doomed = run.folder.rename(run.folder.with_name(f".deleting-{run.id}-{time.time_ns()}"))
            (doomed / "run.json").unlink()
            shutil.rmtree(doomed)
    except OSError as error:
        raise UserError(f"The run {run.id} cannot be deleted.", why=f"{error}.") from error


def refuse_delete(run: Run) -> None:
    """Raise UserError when `run` must not be deleted now: before a person is asked whether it shall be."""
    if run.folder.is_symlink():
        raise UserError(f"The run {run.id} is a link to another folder.", hint="Delete it by hand.")
    try:
        state = run.state()
    except UserError:  # a run that cannot be read may be deleted
        return
    if state in ("starting", "running", "paused") or (state == "elsewhere" and heard(run) < YOUNG):
        raise UserError(f"The run {run.id} is {state}.", hint=f"Stop it first: lookboth runs stop {run.id}.")
