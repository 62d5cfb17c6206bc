"""A process of its own, in its own session, for what lies in a folder: it outlives the window and the connection."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from core.errors import UserError
from core.runs import Run
from core.trio.folder import TrioFolder
from tui.engine import command
from tui.engine.death import Death

Of = TypeVar("Of", Run, TrioFolder)


@dataclass(frozen=True)
class Started(Generic[Of]):
    """A run or a trio, and the process that was started for it at `begun` (`time.monotonic`)."""

    of: Of
    process: subprocess.Popen[bytes]
    begun: float

    def death(self) -> Death | None:
        """How the process ended, with the last lines of its console; None while it works."""
        code = self.process.poll()
        if code is None:
            return None
        seconds = time.monotonic() - self.begun
        return Death(code=code, seconds=seconds, lines=tuple(_console(self.of.folder).splitlines()[-50:]))


def _console(folder: Path) -> str:
    """The end of what was printed; nothing where somebody deleted the folder meanwhile."""
    try:
        return (folder / "console.log").read_bytes()[-20_000:].decode("utf-8", "replace")
    except OSError:
        return ""


def launch(verb: str, of: Of) -> Started[Of]:
    """Start `core VERB FOLDER` on the folder of a run or a trio. Raises UserError when it cannot be started."""
    folder = of.folder.resolve()
    try:
        with open(folder / "console.log", "ab") as console:
            process = subprocess.Popen(
                command.of(verb, str(folder)),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                env=command.environment(trains=True),
            )
    except OSError as error:
        raise UserError(f"The process for {of.id} cannot be started.", why=str(error)) from error
    # Its end must be collected, or it stays in the process table as a zombie for as long as the window is open.
    threading.Thread(target=process.wait, daemon=True, name=f"{verb} {of.id}").start()
    return Started(of, process, time.monotonic())
