"""The run folder: the only truth about a training run.

`run.json` (settings, versions, owner), `metrics.jsonl`, `samples.jsonl`, `console.log`,
`checkpoints/step-00000060/`, `control/` (requests to the trainer, one file each), `result.json`.
One process writes; any number read. A reader never needs the trainer to be alive.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import psutil

from core import paths
from core.errors import UserError
from core.settings import TrainSettings

SCHEMA = 1
State = Literal["starting", "running", "stopped", "finished", "failed", "died", "elsewhere"]


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes a run, exactly enough to tell it from a later one with the same number."""

    host: str
    pid: int
    started: float
    """When the process started, in seconds since the epoch, as the operating system says."""


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """What `run.json` holds."""

    id: str
    settings: TrainSettings
    created: float
    versions: dict[str, str] = {}
    owner: Owner | None = None
    steps: int = 0
    """Steps in the whole run, once the trainer knows them."""
    parameters: int = 0
    device: str = ""
    unigram_nats: float = 0.0
    """Cross-entropy of the training text's unigram on the held-out text: what a model that reads nothing gets."""
    schema: int = SCHEMA


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What `result.json` holds: how a run ended."""

    status: Literal["finished", "stopped", "failed"]
    step: int
    tokens: int
    seconds: float
    held_out: dict[str, float] = {}
    error: str = ""


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


class Run:
    """One run folder, for reading and for asking its trainer to do something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name

    @property
    def checkpoints(self) -> list[Path]:
        """Committed checkpoints, oldest first."""
        return sorted((self.folder / "checkpoints").glob("step-????????"))

    def file(self) -> RunFile:
        """The contents of `run.json`. Raises UserError when it is missing, broken or newer than this Lookboth."""
        path = self.folder / "run.json"
        try:
            raw = path.read_bytes()
            schema = msgspec.json.decode(raw).get("schema", 0)
            if schema > SCHEMA:
                raise UserError(f"The run {self.id} was made by a newer Lookboth.", hint="Update Lookboth to open it.")
            return msgspec.json.decode(raw, type=RunFile)
        except (OSError, msgspec.DecodeError, AttributeError, TypeError, RecursionError) as error:
            raise UserError(f"The run {self.id} cannot be read.", why=f"{path}: {error}") from error

    def outcome(self) -> Outcome | None:
        """How the run ended, or None while it has not (or died without a word)."""
        try:
            return msgspec.json.decode((self.folder / "result.json").read_bytes(), type=Outcome)
        except (OSError, msgspec.DecodeError):
            return None

    def alive(self) -> bool | None:
        """Whether the owner still runs; None when it is on another machine and cannot be asked."""
        owner = self.file().owner
        if owner is None:
            return False
        if owner.host != socket.gethostname():
            return None
        try:
            process = psutil.Process(owner.pid)
            same = abs(process.create_time() - owner.started) < 1.0
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False

    def state(self) -> State:
        """What to tell a person about the run now."""
        if outcome := self.outcome():
            return outcome.status
        alive = self.alive()
        if alive is None:
            return "elsewhere"
        if alive:
            return "running"
        fresh = time.time() - self.file().created < 30 and self.file().owner is None
        return "starting" if fresh else "died"

    def rows(self, name: str = "metrics.jsonl", offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Whole rows from byte `offset` on and the offset after them.

        A half-written last line is left for the next call. A line that is not JSON is skipped: a crash may cut
        one, and the trainer seals it with a newline when it resumes.
        """
        try:
            with open(self.folder / name, "rb") as file:
                file.seek(offset)
                block = file.read()
        except FileNotFoundError:
            return [], offset
        whole = block[: block.rfind(b"\n") + 1]
        rows = []
        for line in whole.splitlines():
            try:
                rows.append(msgspec.json.decode(line))
            except msgspec.DecodeError:
                continue
        return rows, offset + len(whole)

    def ask_to_stop(self) -> None:
        """Ask the trainer to save a checkpoint and stop. Raises UserError when there is nobody to ask."""
        owner = self.file().owner
        if not self.alive() or owner is None:
            raise UserError(f"The run {self.id} is not running on this machine.", hint="There is nothing to stop.")
        os.kill(owner.pid, signal.SIGTERM)


def create(settings: TrainSettings, name: str = "") -> Run:
    """Make a new run folder, named by date, time and model. Never reuses one that exists.

    Raises UserError for a name that would not be a plain folder name, or when the folder cannot be written.
    """
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}", name):
        raise UserError(f"{name!r} cannot name a run.", hint="Use letters, digits, dots, dashes and underscores.")
    stem = name or time.strftime("%Y-%m-%d_%H%M%S_") + settings.family
    try:
        parent = paths.private(paths.runs())
        for attempt in range(1, 1000):
            folder = parent / (stem if attempt == 1 else f"{stem}-{attempt}")
            try:
                folder.mkdir(mode=0o700)
                break
            except FileExistsError:
                continue
        (folder / "checkpoints").mkdir()
        created = RunFile(id=folder.name, settings=settings, created=time.time())
        write_atomically(folder / "run.json", msgspec.json.encode(created))
    except OSError as error:
        raise UserError(
            "The run folder cannot be made.", why=f"{error}.", hint="Set LOOKBOTH_RUNS to a folder that can be written."
        ) from error
    return Run(folder)


def find(run_id: str) -> Run:
    """The run called `run_id`. Raises UserError when there is none."""
    folder = paths.runs() / run_id
    if "/" in run_id or not (folder / "run.json").is_file():
        raise UserError(f"There is no run called {run_id}.", hint="See `lookboth runs`.")
    return Run(folder)


def every() -> Iterator[Run]:
    """All runs of this machine, newest first."""
    folders = []
    for path in paths.runs().glob("*/run.json"):
        with contextlib.suppress(FileNotFoundError):  # somebody may delete a run while we look
            folders.append((path.parent.stat().st_mtime, path.parent))
    for _, folder in sorted(folders, reverse=True):
        yield Run(folder)
