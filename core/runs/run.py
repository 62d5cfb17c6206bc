"""One run folder, for reading and for asking its trainer to do something.

`run.json` (settings, versions, owner), `metrics.jsonl`, `samples.jsonl`, `console.log`, `beat.json`,
`checkpoints/step-00000060/`, `control/` (requests to the trainer, one file each), `about.json`, `result.json`.
A reader never needs the trainer to be alive.
"""

from __future__ import annotations

import socket
import time
import uuid
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import psutil

from core.errors import UserError
from core.runs.files import SCHEMA, About, Beat, Outcome, Owner, Progress, RunFile, State

BLOCK = 8 << 20
"""Bytes of rows that `rows` reads at once, so that a watcher of a long run stays small."""
FRESH = 30.0
"""Seconds for which a run without an owner is said to be starting."""

Order = Literal["stop", "pause", "go", "save", "extend"]
T = TypeVar("T")


def living(owner: Owner | None) -> bool | None:
    """Whether a process still runs; None when it is on another machine and cannot be asked."""
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


def read(path: Path, kind: type[T]) -> T | None:
    """A JSON file that may be missing or half-written: None then."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None


def whole(path: Path, kind: type[T], schema: int, what: str) -> T:
    """A JSON file without which `what` (as "The run x") is nothing.

    Raises UserError when it is missing, broken, or of a later schema than `schema`.
    """
    try:
        raw = path.read_bytes()
        if msgspec.json.decode(raw).get("schema", 0) > schema:
            raise UserError(f"{what} was made by a newer Lookboth.", hint="Update Lookboth to open it.")
        return msgspec.json.decode(raw, type=kind)
    except (OSError, msgspec.DecodeError, AttributeError, TypeError, RecursionError) as error:
        raise UserError(f"{what} cannot be read.", why=f"{path}: {error}") from error


def leave(folder: Path, order: Order, tokens: int = 0, steps: int = 0) -> Path:
    """Put a request into the control/ folder of a run or a trio, whole, behind those that wait; returns its file.

    Raises UserError when the folder cannot be written.
    """
    control, name = folder / "control", f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.json"
    try:
        control.mkdir(exist_ok=True)
        (control / f".{name}").write_bytes(msgspec.json.encode({"do": order, "tokens": tokens, "steps": steps}))
        return (control / f".{name}").rename(control / name)
    except OSError as error:
        raise UserError(f"{folder.name} cannot be asked.", why=f"{error}.") from error


class _Trio(msgspec.Struct):
    """What a member wants to know of `trio.json`."""

    created: float
    owner: Owner | None = None
    training: str = ""


class Run:
    """A run by its folder. Nothing is remembered between calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name

    @property
    def checkpoints(self) -> list[Path]:
        """Committed checkpoints, oldest first."""
        return sorted((self.folder / "checkpoints").glob("step-????????"))

    def file(self) -> RunFile:
        """The contents of `run.json`. Raises UserError when it is missing, broken or newer than this Lookboth."""
        return whole(self.folder / "run.json", RunFile, SCHEMA, f"The run {self.id}")

    def outcome(self) -> Outcome | None:
        """How the run ended, or None while it has not (or died without a word)."""
        return read(self.folder / "result.json", Outcome)

    def beat(self) -> Beat | None:
        """What the trainer last said it does, or None."""
        return read(self.folder / "beat.json", Beat)

    def about(self) -> About:
        """What a person said of the run."""
        return read(self.folder / "about.json", About) or About()

    def progress(self) -> Progress | None:
        """How far the newest checkpoint is, and which one is the best; None without a checkpoint that says so."""
        steps = self.checkpoints
        return read(steps[-1] / "state.json", Progress) if steps else None

    def alive(self) -> bool | None:
        """Whether the owner still runs; None when it is on another machine and cannot be asked."""
        return living(self.file().owner)

    def state(self) -> State:
        """What to tell a person about the run now."""
        if outcome := self.outcome():
            return outcome.status
        alive = self.alive()
        if alive is None:
            return "elsewhere"
        if alive:
            beat = self.beat()
            return "paused" if beat and beat.doing == "paused" else "running"
        file = self.file()
        turn = self._turn(file) if file.trio else ""
        if file.owner is None and turn == "waiting":
            return "waiting"
        if turn == "starting":
            return "starting"
        if file.owner is not None:
            return "died"
        if file.trio:
            return "stopped"
        return "starting" if time.time() - file.created < FRESH else "died"

    def _turn(self, file: RunFile) -> Literal["", "waiting", "starting"]:
        """Whether the sequencer of its trio has still to come to this run, or starts it now."""
        folder = self.folder.parent / file.trio
        # The members are made before the trio's own file.
        trio = read(folder / "trio.json", _Trio) or _Trio(created=file.created)
        if trio.owner is None:
            return "waiting" if time.time() - trio.created < FRESH else ""
        if living(trio.owner) is False:
            return ""
        return "starting" if trio.training == self.id else "waiting"

    def rows(self, name: str = "metrics.jsonl", offset: int = 0, most: int = BLOCK) -> tuple[list[dict[str, Any]], int]:
        """Whole rows from byte `offset` on, at most about `most` bytes of them, and the offset after them.

        A half-written last line is left for the next call. A line that is not JSON is skipped: a crash may cut
        one, and the trainer seals it with a newline when it resumes. At the end of the file the offset stays.
        """
        try:
            with open(self.folder / name, "rb") as file:
                file.seek(offset)
                block = file.read(most)
                if b"\n" not in block:
                    block += file.readline()
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

    def ask(self, order: Order, tokens: int = 0, steps: int = 0) -> None:
        """Ask the trainer for something, which it does at its next step.

        `extend` adds exactly `steps` to the run where they are given, else `tokens` to its budget.

        Raises UserError when there is nobody to ask, or the folder cannot be written.
        """
        state = self.state()
        if state not in ("running", "paused", "elsewhere"):
            raise UserError(f"The run {self.id} is not running: it is {state}.", hint="There is nobody to ask.")
        self.leave(order, tokens, steps)

    def leave(self, order: Order, tokens: int = 0, steps: int = 0) -> Path:
        """Leave a request whether a trainer is there or not: the next one finds it. Returns the request's file.

        Raises UserError when the folder cannot be written.
        """
        return leave(self.folder, order, tokens, steps)
