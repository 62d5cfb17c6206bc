"""What a person does with a run or a trio as a whole: call it something, say something of it, delete it."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import time

import msgspec

from core import runs
from core.errors import UserError
from core.runs import Run, write_atomically
from core.trio.folder import TrioFolder
from tui.clean import clean
from tui.runs.trainer import YOUNG, heard

LONGEST = 120
"""Characters of a name."""


def rename(run: Run, name: str) -> None:
    """Call `run` something else than its id; an empty name takes that back.

    Raises UserError for a name that another run has, that is none (see `nameable`), or cannot be written down.
    """
    name = nameable(name)
    if name and any(other.id != run.id and name in (other.id, other.about().name) for other in runs.every()):
        raise UserError(f"Another run is called {name}.", hint="Take a name that is free.")
    _write(run, msgspec.structs.replace(run.about(), name=name))


def nameable(name: str) -> str:
    """`name` without the spaces around it. Raises UserError where it is too long, or could not be seen as it is."""
    if len(name) > LONGEST:
        raise UserError(f"The name is too long: {len(name)} characters.", hint=f"Take at most {LONGEST}.")
    if (shown := clean(name)) != name:
        raise UserError(
            "The name has characters that nobody can see or type.",
            why=f"With a sign for each it reads {shown}.",
            hint="Leave them out.",
        )
    return name.strip()


def note(run: Run, text: str) -> None:
    """Say something of `run`; an empty text takes that back. Raises UserError when it cannot be written down."""
    _write(run, msgspec.structs.replace(run.about(), note=text.strip()))


def _write(run: Run, about: runs.About) -> None:
    try:
        write_atomically(run.folder / "about.json", msgspec.json.encode(about))
    except (OSError, UnicodeEncodeError) as error:  # the second: half a character, from bytes that are not UTF-8
        raise UserError(f"Nothing can be written about {run.id}.", why=f"{error}.") from error


def delete(found: Run | TrioFolder) -> None:
    """Delete everything of a run, or of a trio with the runs of its members.

    Raises UserError while somebody trains it, or when it cannot be deleted.
    """
    refuse_delete(found)
    members = _members(found) if isinstance(found, TrioFolder) else []
    try:
        with open(found.folder / "lock", "a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"{found.id} is being trained.", hint="Stop it first.") from None
            # Out of the list at once, then file by file: a crash in between leaves no half of a run to look at.
            doomed = found.folder.rename(found.folder.with_name(f".deleting-{found.id}-{time.time_ns()}"))
            for name in ("run.json", "trio.json"):
                (doomed / name).unlink(missing_ok=True)
            for run in members:
                delete(run)
            shutil.rmtree(doomed)
    except OSError as error:
        raise UserError(f"{found.id} cannot be deleted.", why=f"{error}.") from error


def refuse_delete(found: Run | TrioFolder) -> None:
    """Raise UserError when a run or a trio must not be deleted now: before a person is asked whether it shall be."""
    kind = "run" if isinstance(found, Run) else "trio"
    if found.folder.is_symlink():
        raise UserError(f"The {kind} {found.id} is a link to another folder.", hint="Delete it by hand.")
    try:
        state = found.state()
    except UserError:  # what cannot be read may be deleted
        return
    busy = ("starting", "running", "examining", "paused")
    if state in busy or (state == "elsewhere" and (not isinstance(found, Run) or heard(found) < YOUNG)):
        raise UserError(f"The {kind} {found.id} is {state}.", hint=f"Stop it first: lookboth runs stop {found.id}.")
    if isinstance(found, TrioFolder):
        for run in _members(found):
            refuse_delete(run)


def _members(trio: TrioFolder) -> list[Run]:
    """The runs of a trio that are still there; none where its file cannot be read."""
    with contextlib.suppress(UserError):
        members = (Run(trio.folder.parent / member.run) for member in trio.file().members)
        return [run for run in members if (run.folder / "run.json").is_file()]
    return []
