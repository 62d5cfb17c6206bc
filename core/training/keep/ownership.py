"""Who writes a run: one process, with its lock and its own copy of the tokenizer."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from core import runs
from core.errors import UserError
from core.runs import Run
from core.settings import TrainSettings
from core.text import vocabulary
from core.text.corpus import documents
from core.training.keep import disk
from core.training.keep.ear import Ear
from core.training.keep.ending import keep_ending

SILENT = 120.0
"""Seconds without a beat after which a trainer on another machine is taken for dead."""


def own_tokenizer(run: Run, settings: TrainSettings, tell: Callable[[int], None] | None = None) -> Path:
    """The run's own tokenizer: a copy, for the one it came from may be replaced while the run waits; or a new one.

    A new one is trained on the run's texts; `tell` hears how many characters were read. It is there whole or not.
    """
    own, making = run.folder / "tokenizer", run.folder / ".tokenizer"
    if (own / "tokenizer.json").is_file():
        return own
    disk.remove(making)
    disk.make(making)
    if settings.tokenizer == "new":
        texts = documents([Path(name) for name in settings.texts], settings.field)
        vocabulary.train(_heard(texts, tell), settings.shape.vocabulary, making)
    else:
        for name in ("tokenizer_config.json", "tokenizer.json"):
            if (given := Path(settings.tokenizer) / name).is_file():
                disk.write(making / name, given.read_bytes())
                disk.flush(making / name)
    if settings.frame == "bare":
        vocabulary.strip(making)
    disk.remove(own)
    disk.rename(making, own)
    return own


def _heard(texts: Iterator[str], tell: Callable[[int], None] | None) -> Iterator[str]:
    read = 0
    for text in texts:
        read += len(text)
        if tell:
            tell(read)
        yield text


def claim(run: Run) -> IO[str]:
    """Take the run's lock and write into run.json who owns it: before the text is read, which may take minutes.

    Keep the returned file open for as long as the run is written. Raises UserError when somebody else is at it.
    What was asked of an earlier trainer is forgotten; how it ended is kept as `ended.json` until this one has read it.
    """
    file = run.file()
    lock = open(run.folder / "lock", "w", encoding="utf-8")  # noqa: SIM115 - the lock lives as long as the process
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        by = f"by process {file.owner.pid}" if file.owner else "by somebody"
        raise UserError(f"The run {run.id} is already being trained, {by}.", hint="Wait for it, or stop it.") from error
    beat = run.beat()
    if run.alive() is None and run.outcome() is None and beat and time.time() - beat.time < SILENT:
        lock.close()
        raise UserError(
            f"The run {run.id} is being trained on another machine.",
            why=f"{file.owner and file.owner.host} gave a sign of life {time.time() - beat.time:.0f} s ago.",
            hint="Stop it there. If that machine is gone, try again in two minutes.",
        )
    try:
        Ear(run.folder).forget()
        disk.replace(run.folder / "run.json", msgspec.json.encode(msgspec.structs.replace(file, owner=runs.me())))
        keep_ending(run)
    except OSError:
        lock.close()
        raise
    return lock
