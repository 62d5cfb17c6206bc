"""Every state in which a save, or a whole run, can be cut short; each must go on as if nothing had been.

    python -m tests.faults.files [--family gpt2] [--every 1]

`Saving` cuts one save before each of its operations on files, and after a part of each, and looks at what is found
then. `Running` cuts a whole short run, from its first file to its last, starts the trainer again, and compares with a
run that was left alone; it also fails each operation with a full disk. Prints a JSON report.
"""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from core import runs
from core.runs import Run
from core.settings import TrainSettings
from core.training import launch
from core.training.keep import checkpoint
from core.training.keep.ear import Ear
from core.training.trainer import Trainer
from tests.faults import toy
from tests.faults.layer import Crash, Layer, Operation


@dataclass
class Report:
    """How many states there were, and what was wrong in which of them."""

    operations: int = 0
    states: int = 0
    wrong: list[str] = field(default_factory=list)


def states(operations: list[Operation]) -> Iterator[tuple[int, int]]:
    """Every operation, and how much of it may have been done."""
    for at, operation in enumerate(operations):
        for prefix in operation.prefixes():
            yield at, prefix


class Saving:
    """A trainer about to commit its fourth checkpoint, again and again."""

    def __init__(self, wanted: TrainSettings) -> None:
        self.run = runs.create(wanted)
        self.trainer, self.reader = Trainer(self.run), Trainer(self.run)
        self.folder, self.before = self.run.folder / "checkpoints", self.run.folder / "before"
        for _ in range(3):
            self.trainer.step()
            self.trainer.save()
        self.old = self.found()
        self.trainer.step()
        shutil.copytree(self.folder, self.before)
        self.operations = self.cut(Layer()).seen
        self.new = self.found()
        """What a save leads to: the progress and the weights before it, and after it."""
        names = [(operation.name, operation.path) for operation in self.operations]
        self.commit = names.index(("rename", f".writing-step-00000004-{os.getpid()}"))
        self.durable = names.index(("flush", "checkpoints"), self.commit)
        """The operations that commit the checkpoint and make that durable."""

    def cut(self, layer: Layer, forget: bool = False) -> Layer:
        """Save from the same state as every time, through `layer`."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.before, self.folder)
        with layer:
            try:
                self.trainer.save()
            except Crash:
                if forget:
                    layer.forget(self.folder)
        return layer

    def found(self) -> tuple[Any, ...]:
        """What a trainer that is started now goes on from: progress, weights and the optimizer's state."""
        damaged = checkpoint.set_aside(self.run.folder)
        left = [path.name for path in self.folder.iterdir() if path not in self.run.checkpoints]
        progress = checkpoint.restore(self.run.checkpoints[-1], self.reader.net, self.reader.learner.optimizer)
        return damaged, left, msgspec.structs.replace(progress, seconds=0.0), toy.weights(self.run)

    def crashes(self) -> Report:
        """Die at every place. Until the rename the old checkpoint counts, from then on the new one."""
        report = Report(len(self.operations))
        for at, prefix in states(self.operations):
            report.states += 1
            self.cut(Layer(at, prefix))
            if (found := self.found()) != (self.old if at <= self.commit else self.new):
                report.wrong.append(f"{self.operations[at]}, {prefix} done: {found}")
        return report

    def losses(self) -> Report:
        """Die at every place, and lose what was not made durable. No checkpoint may be found damaged."""
        report = Report(len(self.operations))
        for at, prefix in states(self.operations):
            report.states += 1
            self.cut(Layer(at, prefix), forget=True)
            possible = [self.old] * (at <= self.durable) + [self.new] * (at > self.commit)
            if (found := self.found()) not in possible:
                report.wrong.append(f"{self.operations[at]}, {prefix} done, then lost: {found}")
        return report

    def rotation_fails(self) -> Report:
        """What cannot be deleted is a warning: the save has succeeded."""
        report = Report(len(self.operations))
        for at in range(self.durable + 1, len(self.operations)):
            if self.operations[at].name in ("rename", "remove") and "beat" not in self.operations[at].path:
                report.states += 1
                self.cut(Layer(at, error=errno.EIO))
                if (found := self.found())[2:] != self.new[2:]:
                    report.wrong.append(f"{self.operations[at]} failed: {found}")
        return report


class Running:
    """A run of a few steps that saves after each, and that somebody made longer, cut anywhere."""

    def __init__(self, wanted: TrainSettings) -> None:
        self.wanted = wanted
        self.alone = self._create()
        with Layer() as layer:
            assert attempt(self.alone) == 0
        self.operations = layer.seen

    def _create(self) -> Run:
        run = runs.create(self.wanted)
        request = {"do": "extend", "tokens": self.wanted.tokens // 2}
        (run.folder / "control" / "1.json").write_bytes(msgspec.json.encode(request))
        return run

    def crashes(self, every: int = 1) -> Report:
        """Die at every place (or at one of `every`), start again, and compare."""
        return self._at_each(every, 0)

    def full(self, every: int = 1) -> Report:
        """Find the disk full at every place: the run says so; with room again it goes on."""
        return self._at_each(every, errno.ENOSPC)

    def _at_each(self, every: int, error: int) -> Report:
        report = Report(len(self.operations))
        for at, prefix in list(states(self.operations))[::every]:
            if error and self.operations[at].name == "remove":  # it takes no room
                continue
            report.states += 1
            run = self._create()
            with Layer(at, prefix, error) as layer:
                try:
                    code = attempt(run)
                    trouble = spoke(run, code) if error else ""
                except Crash:
                    trouble = ""
            trouble = trouble or went_on(run, self.alone)
            if trouble:
                where = layer.seen[at] if at < len(layer.seen) else "nowhere"
                report.wrong.append(f"{at}: {where}, {prefix} done: {trouble}")
            shutil.rmtree(run.folder)
        return report


def attempt(run: Run) -> int:
    """Train `run` in this process, which keeps its priority and its signals; returns the trainer's exit code."""
    try:
        with mock.patch.object(os, "nice"), mock.patch.object(Ear, "listen"):
            return launch.main(str(run.folder))
    except Exception:
        logging.exception("A process would have ended here.")
        return 1


def spoke(run: Run, code: int) -> str:
    """What is wrong with a run that met a full disk: it must have ended with that reason, or not have minded."""
    outcome = run.outcome()
    if code and (outcome is None or outcome.cause != "disk"):
        return f"exit code {code}, result {outcome}"
    if not all(checkpoint.intact(folder) for folder in run.checkpoints):
        return "a checkpoint is not whole"
    rows = run.folder / "metrics.jsonl"
    torn = [line for line in (rows.read_bytes() if rows.exists() else b"").splitlines() if line[-1:] != b"}"]
    return f"{len(torn)} torn rows" if len(torn) > 1 else ""


def went_on(run: Run, alone: Run) -> str:
    """Start the trainer again; what is wrong with the run at its end."""
    if code := attempt(run):
        return f"exit code {code}: {run.outcome()}"
    found = toy.differences(alone, run)
    return found[0] if found else ""


def main() -> int:
    """Print a report; 0 when nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", default="gpt2")
    parser.add_argument("--every", type=int, default=1, help="of the states of a whole run, look at one of so many")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        saving = Saving(toy.settings(Path(home), None, chosen.family))
        running = Running(toy.settings(Path(home), None, chosen.family, tokens=400, checkpoint_seconds=0))
        reports = {
            "a save is cut": saving.crashes(), "what was not durable is lost": saving.losses(),
            "old checkpoints stay": saving.rotation_fails(), "a run is cut": running.crashes(chosen.every),
            "the disk is full": running.full(chosen.every),
        }  # fmt: skip
    print(json.dumps({name: asdict(report) for name, report in reports.items()}, indent=1))
    return 1 if any(report.wrong for report in reports.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
