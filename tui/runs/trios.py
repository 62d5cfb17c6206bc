"""Start the sequencer of a trio: a process in its own session, which trains the three and writes the report."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass

from core.errors import UserError
from core.plan import Choice
from core.trio import folder as trios
from core.trio.folder import TrioFolder
from tui.engine import command
from tui.engine.death import Death


@dataclass(frozen=True)
class StartedTrio:
    """A trio and the process that was started for it at `begun` (`time.monotonic`)."""

    trio: TrioFolder
    process: subprocess.Popen[bytes]
    begun: float

    def death(self) -> Death | None:
        """How the sequencer ended, with the last lines of its console; None while it works."""
        code = self.process.poll()
        if code is None:
            return None
        console = (self.trio.folder / "console.log").read_bytes()[-20_000:].decode("utf-8", "replace")
        return Death(code=code, seconds=time.monotonic() - self.begun, lines=tuple(console.splitlines()[-50:]))


def start_trio(choice: Choice, seeds: int = 1, name: str = "") -> StartedTrio:
    """Make a trio of `seeds` seeds of each family and start it. `choice.family` says nothing here.

    Raises UserError for a choice that cannot be trained, or when a folder or the process cannot be made.
    """
    return resume_trio(trios.create(choice, seeds, name))


def resume_trio(trio: TrioFolder) -> StartedTrio:
    """Start a sequencer on a trio that has none: it goes on where it was, or makes its report anew.

    Members that failed or died are tried again; those that a person stopped stay as they are. Raises UserError when
    the process cannot be started.
    """
    folder = trio.folder.resolve()
    try:
        for asked in (folder / "control").glob("*.json"):
            asked.unlink(missing_ok=True)  # of a sequencer that is gone
        with open(folder / "console.log", "ab") as console:
            process = subprocess.Popen(
                command.of("trio", str(folder)),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                env=command.environment(),
            )
    except OSError as error:
        raise UserError(f"The trio {trio.id} cannot be started.", why=str(error)) from error
    # Its end must be collected, or it stays in the process table as a zombie for as long as the window is open.
    threading.Thread(target=process.wait, daemon=True, name=f"trio {trio.id}").start()
    return StartedTrio(trio, process, time.monotonic())
