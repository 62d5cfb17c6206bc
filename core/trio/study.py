"""The sequencer of a trio: it settles what is equal, trains the members one after another, and writes the report.

It is a process of its own, in its own session, and all that it knows is in the folders: killed at any moment and
started again, it goes on where it was. A member is trained by an ordinary trainer, which outlives the sequencer.
"""

from __future__ import annotations

import faulthandler
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Literal

import msgspec

from core import runs
from core.errors import UserError
from core.niceness import give_way
from core.runs import Run, write_atomically
from core.training.keep.ear import Ear, Stopped
from core.training.keep.ending import keep_ending
from core.trio.files import Ended, Member, Trio
from core.trio.folder import TrioFolder

POLL = 0.2
TRIES = 2
"""How often a member that dies without a word is started: the trainer of a killed sequencer may still be there."""
log = logging.getLogger(__name__)
replace = msgspec.structs.replace


def main(folder: str) -> int:
    """Bring the trio in `folder` to its end. Returns the process's exit code: 0 finished or stopped, 1 failed."""
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    trio = TrioFolder(Path(folder).resolve())
    ear = Ear(trio.folder)
    ear.listen()
    try:
        lock = claim(trio)
    except UserError as error:
        log.error("%s", error)
        return 1
    with lock:
        try:
            Study(trio, ear).go()
        except Stopped:
            return _end(trio, "stopped")
        except Exception as error:  # the last stop: whatever it was belongs into the trio's folder
            log.exception("The trio stops here.")
            return _end(trio, "failed", str(error) or type(error).__name__)
        return _end(trio, "finished")


def _end(trio: TrioFolder, status: Literal["finished", "stopped", "failed"], error: str = "") -> int:
    write_atomically(trio.folder / "result.json", msgspec.json.encode(Ended(status=status, error=error)))
    return 1 if error else 0


def claim(trio: TrioFolder) -> IO[str]:
    """Take the trio's lock and write down who has it. Keep the returned file open for as long as the trio is worked on.

    Raises UserError when somebody else is at it.
    """
    file = trio.file()
    lock = open(trio.folder / "lock", "w", encoding="utf-8")  # noqa: SIM115 - it lives as long as the process
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise UserError(f"The trio {trio.id} is being worked on already.", hint="Wait for it, or stop it.") from error
    if trio.alive() is None:
        lock.close()
        raise UserError(f"The trio {trio.id} belongs to another machine.", why=f"{file.owner and file.owner.host}.")
    trio.write(replace(file, owner=runs.me(), training="", examining=False))
    (trio.folder / "result.json").unlink(missing_ok=True)
    return lock


class Study:
    """One sequencer at its work."""

    def __init__(self, trio: TrioFolder, ear: Ear) -> None:
        self.trio, self.ear = trio, ear

    def go(self) -> None:
        """Settle, train, report. Raises Stopped when somebody asked for it."""
        if not self.trio.file().agreed:
            from core.trio.agree import agree

            agree(self.trio, self.ear.check)
        for member in self.trio.file().members:
            self.ear.check()
            if not self.over(member):
                self.train(self.run(member))
        self._edit(examining=True)
        give_way()
        from core.trio.examine import examine

        log.info("All members were trained: the report is made.")
        report = examine(self.trio, self.ear.check)
        write_atomically(self.trio.folder / "report.json", msgspec.json.encode(report))
        for sentence in report.sentences:
            log.info("%s", sentence)

    def run(self, member: Member) -> Run:
        """The run of a member."""
        return Run(self.trio.folder.parent / member.run)

    def over(self, member: Member) -> bool:
        """Whether a member is left as it is: it finished, a person stopped or deleted it, or another machine has it."""
        run = self.run(member)
        if not (run.folder / "run.json").is_file():
            return True
        state, outcome = run.state(), run.outcome()
        by_hand = bool(outcome and outcome.status == "stopped") and self.trio.file().stopped != run.id
        return state in ("finished", "elsewhere") or by_hand

    def train(self, run: Run) -> None:
        """Have a member trained to its end. Raises Stopped, the member stopped, when the trio is to stop."""
        for _ in range(TRIES):
            if not (run.folder / "run.json").is_file():
                return  # a person deleted it
            self._wait(run, None if run.alive() else self._start(run))
            self._edit(training="")
            if outcome := run.outcome():
                log.info("%s %s at step %s. %s", run.id, outcome.status, outcome.step, outcome.error)
                return
            log.warning("The trainer of %s ended without a word.", run.id)

    def _start(self, run: Run) -> subprocess.Popen[bytes]:
        log.info("%s is trained.", run.id)
        keep_ending(run)  # as the trainer itself would, but sooner: what it says from now on is news
        self._edit(stopped="", training=run.id)
        with open(run.folder / "console.log", "ab") as console:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "core", "train", str(run.folder)],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
            )  # fmt: skip

    def _wait(self, run: Run, process: subprocess.Popen[bytes] | None) -> None:
        """Until the trainer has ended: ours, or one that an earlier sequencer left behind."""
        told = False
        while (process.poll() is None) if process else run.alive():
            order = self.ear.next()
            if order.do == "stop" and not told:
                told = True
                self._edit(stopped=run.id)  # before it stops, or who asked would be lost with us
                self._tell(run, process)
            elif order.do != "stop":
                self.ear.done(order)
            time.sleep(POLL)
        if told:
            self.ear.forget()
            raise Stopped

    def _tell(self, run: Run, process: subprocess.Popen[bytes] | None) -> None:
        owner = run.file().owner
        if process:
            process.terminate()
        elif owner and run.alive():
            os.kill(owner.pid, signal.SIGTERM)

    def _edit(self, **changes: str | bool) -> None:
        file: Trio = self.trio.file()
        if (changed := replace(file, **changes)) != file:
            self.trio.write(changed)
