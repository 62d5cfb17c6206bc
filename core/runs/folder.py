"""The folder of all runs: make one, find one, list them."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec
import psutil

from core import paths
from core.errors import UserError
from core.runs.files import Owner, RunFile
from core.runs.run import Run
from core.settings import TrainSettings


def me() -> Owner:
    """The owner record of the calling process."""
    return Owner(host=socket.gethostname(), pid=os.getpid(), started=psutil.Process().create_time())


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` in one step, durably: a reader sees the old file or the new one, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def fresh(stem: str) -> Path:
    """Make a folder in the folder of runs, with a number behind `stem` where that exists. Never reuses one.

    Raises UserError for a stem that would not be a plain folder name, or when the folder cannot be made.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}", stem):
        raise UserError(f"{stem!r} cannot name a run.", hint="Use letters, digits, dots, dashes and underscores.")
    try:
        parent = paths.private(paths.runs())
        for attempt in count(1):
            folder = parent / (stem if attempt == 1 else f"{stem}-{attempt}")
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                break
    except OSError as error:
        raise _unmade(error) from error
    return folder


def create(settings: TrainSettings, name: str = "", trio: str = "") -> Run:
    """Make a new run folder, named by date, time and model. Never reuses one that exists.

    Raises UserError for a name that would not be a plain folder name, or when the folder cannot be written.
    """
    folder = fresh(name or time.strftime("%Y-%m-%d_%H%M%S_") + settings.family)
    try:
        (folder / "checkpoints").mkdir()
        (folder / "control").mkdir()
        created = RunFile(id=folder.name, settings=settings, created=time.time(), trio=trio)
        write_atomically(folder / "run.json", msgspec.json.encode(created))
    except OSError as error:
        raise _unmade(error) from error
    return Run(folder)


def _unmade(error: OSError) -> UserError:
    hint = "Set LOOKBOTH_RUNS to a folder that can be written."
    return UserError("The run folder cannot be made.", why=f"{error}.", hint=hint)


def find(reference: str) -> Run:
    """The run with the id `reference`, or the only one that a person called so. Raises UserError when there is none."""
    if "/" not in reference and (paths.runs() / reference / "run.json").is_file():
        return Run(paths.runs() / reference)
    called = [run for run in every() if run.about().name == reference]
    if len(called) > 1:
        raise UserError(f"{len(called)} runs are called {reference}.", hint="Name one by its id: see `lookboth runs`.")
    if not called:
        raise UserError(f"There is no run called {reference}.", hint="See `lookboth runs`.")
    return called[0]


def every() -> Iterator[Run]:
    """All runs of this machine, newest first."""
    folders = []
    for path in paths.runs().glob("*/run.json"):
        with contextlib.suppress(FileNotFoundError):  # somebody may delete a run while we look
            folders.append((path.parent.stat().st_mtime, path.parent))
    for _, folder in sorted(folders, reverse=True):
        yield Run(folder)
