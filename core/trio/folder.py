"""The folder of a trio: made, found, read, and asked to stop. No torch.

`trio.json`, `tokenizer/` (where one is trained for the trio), `console.log`, `control/`, `lock`, `result.json`,
`report.json`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from core import paths, runs
from core.errors import UserError
from core.plan import Choice
from core.runs import fresh, leave, write_atomically
from core.settings import FAMILIES
from core.trio.files import SCHEMA, Ended, Member, Report, State, Trio
from core.trio.members import absolute, settle

FRESH = 30.0
"""Seconds for which a trio without an owner is said to be starting."""


class TrioFolder:
    """A trio by its folder. Nothing is remembered between calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name

    def file(self) -> Trio:
        """The contents of `trio.json`. Raises UserError when it is missing, broken or newer than this Lookboth."""
        return runs.whole(self.folder / "trio.json", Trio, SCHEMA, f"The trio {self.id}")

    def write(self, trio: Trio) -> None:
        """Replace `trio.json`."""
        write_atomically(self.folder / "trio.json", msgspec.json.encode(trio))

    def ended(self) -> Ended | None:
        """How the sequencer ended, or None while it has not (or died without a word)."""
        return runs.read(self.folder / "result.json", Ended)

    def report(self) -> Report | None:
        """The report, once there is one."""
        return runs.read(self.folder / "report.json", Report)

    def alive(self) -> bool | None:
        """Whether the sequencer runs; None when it is on another machine and cannot be asked."""
        return runs.living(self.file().owner)

    def state(self) -> State:
        """What to tell a person about the trio now."""
        if ended := self.ended():
            return ended.status
        alive, file = self.alive(), self.file()
        if alive is None:
            return "elsewhere"
        if alive:
            return "examining" if file.examining else "running"
        return "starting" if file.owner is None and time.time() - file.created < FRESH else "died"

    def stop(self) -> None:
        """Leave the request to stop: the member that is being trained stops, then the trio; both can go on.

        Raises UserError when there is nobody to ask, or the folder cannot be written.
        """
        if (state := self.state()) not in ("starting", "running", "examining", "elsewhere"):
            raise UserError(f"The trio {self.id} is not running: it is {state}.", hint="There is nobody to ask.")
        leave(self.folder, "stop")


def create(choice: Choice, seeds: int = 1, name: str = "") -> TrioFolder:
    """Make the folder of a trio and the runs of its members, `seeds` of each family from `choice.seed` on.

    Raises UserError for a choice that cannot be trained, or when a folder cannot be made.
    """
    if seeds < 1:
        raise UserError(f"A trio of {seeds} seeds trains nothing.", hint="Give at least one.")
    numbers = range(choice.seed, choice.seed + seeds)
    planned = {number: settle(choice, number, seeds) for number in numbers}
    choice = absolute(choice, planned[choice.seed]["gpt2"])
    folder = TrioFolder(fresh(name or time.strftime("%Y-%m-%d_%H%M%S_trio")))
    made: list[Path] = [folder.folder]
    try:
        members = []
        for number in numbers:
            for family in FAMILIES:
                suffix = "" if number == choice.seed else f"-s{number}"
                run = runs.create(planned[number][family], f"{folder.id}-{family}{suffix}", folder.id)
                made.append(run.folder)
                members.append(Member(family=family, seed=number, run=run.id))
        folder.write(Trio(id=folder.id, choice=choice, members=tuple(members), created=time.time()))
    except (UserError, OSError):
        for path in made:  # half a trio would wait for ever
            shutil.rmtree(path, ignore_errors=True)
        raise
    return folder


def every() -> Iterator[TrioFolder]:
    """All trios of this machine, newest first."""
    for path in sorted(paths.runs().glob("*/trio.json"), key=lambda path: path.parent.name, reverse=True):
        yield TrioFolder(path.parent)


def find(reference: str) -> TrioFolder:
    """The trio with the id `reference`. Raises UserError when there is none."""
    if "/" in reference or not (paths.runs() / reference / "trio.json").is_file():
        raise UserError(f"There is no trio called {reference}.", hint="See `lookboth runs`.")
    return TrioFolder(paths.runs() / reference)
