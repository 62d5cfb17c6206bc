"""Who writes a run: one process, with its lock, its own copy of the tokenizer, and an ear for signals."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
from pathlib import Path
from typing import IO

import msgspec

from core import runs
from core.errors import UserError
from core.runs import Run, write_atomically


def own_tokenizer(run: Run, given: Path) -> Path:
    """The run's own copy of its tokenizer: the one it came from may be replaced while the run waits."""
    own = run.folder / "tokenizer"
    if not (own / "tokenizer.json").is_file():
        own.mkdir(exist_ok=True)
        for name in ("tokenizer_config.json", "tokenizer.json"):
            if (given / name).is_file():
                shutil.copyfile(given / name, own / name)
    return own


def claim(run: Run) -> IO[str]:
    """Take the run's lock and write into run.json who owns it: before the text is read, which may take minutes.

    Keep the returned file open for as long as the run is written. Raises UserError when somebody else is at it.
    """
    file = run.file()
    lock = open(run.folder / "lock", "w", encoding="utf-8")  # noqa: SIM115 - the lock lives as long as the process
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        by = f"by process {file.owner.pid}" if file.owner else "by somebody"
        raise UserError(f"The run {run.id} is already being trained, {by}.", hint="Wait for it, or stop it.") from error
    if run.alive() is None:
        lock.close()
        raise UserError(
            f"The run {run.id} belongs to another machine.", why=f"{file.owner and file.owner.host} began it."
        )
    write_atomically(run.folder / "run.json", msgspec.json.encode(msgspec.structs.replace(file, owner=runs.me())))
    (run.folder / "result.json").unlink(missing_ok=True)
    return lock


class Stop:
    """Whether somebody asked the run to stop. The first signal asks; a second one ends the process at once."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGUSR2):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        if self.asked:
            os._exit(128 + number)
        self.asked = True
