"""The trainer as a process: who writes the run, in which environment, and what is said when something goes wrong."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import torch

from core.errors import UserError
from core.niceness import give_way
from core.runs import Outcome, Owner, Progress, Run
from core.training.device import usable
from core.training.keep import ballast, checkpoint, disk
from core.training.keep.ear import Ear, Stopped
from core.training.keep.ownership import claim
from core.training.learner import NotANumber, OutOfMemory, scarce
from core.training.team import Team
from core.training.trainer import Trainer

OTHERS = 3.0
"""Seconds that the first process of a team waits for the one that really failed to say why."""
log = logging.getLogger(__name__)


def main(folder: str) -> int:
    """Train the run in `folder` to its end, or until it is asked to stop. Returns the process's exit code."""
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    run = Run(Path(folder))
    ear = Ear(run.folder)
    ear.listen()
    try:
        settings, before = run.file().settings, run.file().owner
    except UserError as error:
        log.error("%s", error)
        return 1
    if settings.processes > 1 and "RANK" not in os.environ:
        return _launch(run, settings.processes, ear)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if int(os.environ.get("RANK", "0")):
        return _train(run, ear)
    try:
        lock = claim(run)
    except UserError as error:
        log.error("%s", error)
        return 1
    except OSError as error:
        log.error("%s", error)
        if disk.full(error):
            _write(run, _failed(run, None, error))
        return 1
    with lock:
        return _train(run, ear, before)


def _launch(run: Run, processes: int, ear: Ear) -> int:
    """Train in several processes of this machine through torchrun; its exit code is theirs.

    torchrun would kill its processes half a minute after a SIGTERM and call that a failure, so it never gets one from
    here: the run is asked to stop as a person would ask.
    """
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes),
        "--signals-to-handle", "SIGTERM,SIGINT,SIGQUIT", "-m", "core", "train", str(run.folder),
    ]  # fmt: skip
    process = subprocess.Popen(command, env=os.environ | {"PYTHONSAFEPATH": "1"})
    ear.at_once = lambda code: process.terminate()
    asked = False
    while (code := process.poll()) is None:
        if ear.told and not asked:
            with contextlib.suppress(UserError):  # nobody has claimed the run yet
                run.ask("stop")
                asked = True
        time.sleep(0.1)
    return 1 if code else 0


def _train(run: Run, ear: Ear, before: Owner | None = None) -> int:
    """The work of one process, after that of `before`. Whatever ends it is written into the run's folder."""
    trainer: Trainer | None = None
    team = Team(torch.device("cpu"), int(os.environ.get("RANK", "0")))
    try:
        team = Team.joined(usable())
        if team.device.type == "cpu":
            give_way()
        trainer = Trainer(run, team, ear)
        trainer.resume(before)
        trainer.describe()
        ended = trainer.outcome(trainer.train())
    except Stopped:
        ended = _ended(run, trainer, "stopped")
    except Exception as error:  # the last stop: whatever it was belongs into the run's folder
        log.exception("The run stops here.")
        if team.world > 1 and not isinstance(error, UserError):
            time.sleep(OTHERS if team.first else 0.0)
        if run.outcome() is None:
            _write(run, _failed(run, trainer, error))
        return 1
    if team.first:
        _write(run, ended)
        ballast.drop(run.folder)
    team.leave()
    return 0


def _write(run: Run, outcome: Outcome) -> None:
    """Leave result.json, on the room that was kept for it where the disk is full."""
    content = msgspec.json.encode(outcome)
    try:
        disk.replace(run.folder / "result.json", content)
    except OSError as error:
        if not disk.full(error):
            raise
        ballast.drop(run.folder)
        disk.replace(run.folder / "result.json", content)


def _ended(run: Run, trainer: Trainer | None, status: str) -> Outcome:
    done = trainer.progress if trainer else run.progress() or Progress()
    known = {"status": status, "step": done.step, "tokens": done.tokens, "seconds": done.seconds}
    return msgspec.convert(known, Outcome)


def _failed(run: Run, trainer: Trainer | None, error: Exception) -> Outcome:
    """What result.json says of `error`. Makes room for it where the disk is full."""
    failed = _ended(run, trainer, "failed")
    text = str(error) or type(error).__name__
    if disk.full(error):
        ballast.drop(run.folder)
        return msgspec.structs.replace(failed, cause="disk", error=_missing(run, error))
    if isinstance(error, NotANumber):
        return msgspec.structs.replace(failed, cause="nan", error=text, bad_step=error.step)
    if scarce(error) and not isinstance(error, UserError):
        text = f"There is not enough memory. {text.splitlines()[0]}"
        return msgspec.structs.replace(failed, cause="memory", error=text)
    return msgspec.structs.replace(failed, cause="memory" if isinstance(error, OutOfMemory) else "error", error=text)


def _missing(run: Run, error: Exception) -> str:
    """How much room a full disk lacks: for what was being written, or for the next checkpoint."""
    if isinstance(error, disk.Full):
        needed, free = error.needed, error.free
    else:
        saved = run.checkpoints[-1:]
        needed = sum(path.stat().st_size for folder in saved for path in folder.iterdir()) or ballast.BYTES
        free = disk.room(run.folder)
    known = f"{disk.size(needed)} are needed and {disk.size(free)} are free"
    if needed > free:
        why = f"{known}: {disk.size(needed - free)} are missing."
    else:
        why = f"{known}, but a quota or a limit on file sizes is in the way."
    good = checkpoint.newest(run.folder)[0] is not None
    left = "the last checkpoint is good." if good else "nothing was saved yet, and it begins again at step 0."
    return f"The disk is full. {why} Make room and resume the run: {left}"
