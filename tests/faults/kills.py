"""SIGKILL a real trainer again and again, and compare what it ends with to a run that was left alone.

    python -m tests.faults.kills --kills 200 [--families bert,gpt2,lstm] [--seed 1]

Half of the kills come at random moments, half while a checkpoint is being written (a folder `.writing-...` has
appeared). After each, the trainer is started again in the same way: nothing else is done for the run. Prints one JSON
report a family; the exit code is 0 only if every one of them is good.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec

from core import runs
from core.runs import Progress, Run
from core.settings import FAMILIES, Family, TrainSettings
from core.training.keep.checkpoint import intact
from tests.faults import toy
from tests.faults.zygote import Child, Fresh, Zygote

PATIENCE = 120.0
"""Seconds after which a trainer that says nothing is lost."""
POLL = 0.0005
"""Seconds between two looks for a save that has begun; one takes a hundred times as long."""
FRESH_EVERY = 20
"""Every so many starts are the real command; the others are forked from a process that has imported torch."""


@dataclass
class Report:
    """What came of the kills of one family."""

    family: str
    kills: int = 0
    inside_a_save: int = 0
    while_rotating: int = 0
    runs: int = 0
    starts: int = 0
    fresh_starts: int = 0
    lost: list[str] = field(default_factory=list)
    """Runs that did not go on by themselves."""
    wrong: list[str] = field(default_factory=list)
    """Whatever else differs from a run that was left alone."""
    most_steps_lost: int = 0
    most_seconds_lost: float = 0.0
    """Of work, by one kill. A save interval is what a run may lose."""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """No run lost, nothing wrong, and a quarter of the kills inside a save."""
        return not self.lost and not self.wrong and 4 * self.inside_a_save >= self.kills


class Harness:
    """One family's runs: one left alone, then as many as it takes for all kills. The first trouble ends it."""

    def __init__(
        self, home: Path, wanted: TrainSettings, kills: int, seed: int, intervals: Sequence[int], broken: str
    ) -> None:
        self.home, self.wanted, self.kills, self.intervals = home, wanted, kills, intervals
        self.random = random.Random(f"{seed} {wanted.family}")
        self.report = Report(wanted.family)
        self.zygote = Zygote(home, broken)
        self.save_seconds, self.start_seconds, self.step_seconds = 0.01, 1.0, 0.02

    def run(self) -> Report:
        """Do all kills, and compare."""
        begun = time.monotonic()
        try:
            alone = self._create(checkpoint_seconds=0)
            self._leave_alone(alone)
            while self.report.kills < self.kills and not self.report.lost and not self.report.wrong:
                killed = self._create(self.intervals[self.report.runs % len(self.intervals)])
                self.report.runs += 1
                self._torment(killed)
                if not self.report.lost and not self.report.wrong:
                    self.report.wrong += toy.differences(alone, killed)
        finally:
            self.zygote.close()
        self.report.seconds = round(time.monotonic() - begun, 1)
        return self.report

    def _create(self, checkpoint_seconds: int) -> Run:
        return runs.create(msgspec.structs.replace(self.wanted, checkpoint_seconds=checkpoint_seconds))

    def _start(self, run: Run, fresh: bool) -> Child:
        return Fresh(run.folder, self.home) if fresh else self.zygote.start(run.folder)

    def _leave_alone(self, run: Run) -> None:
        """The run that is compared with; it also shows how long starting, a step and a save take."""
        begun, child = time.monotonic(), self._start(run, fresh=False)
        saving: list[float] = []
        first, since, code = 0.0, 0.0, None
        while (code := child.ended(POLL)) is None:
            busy = bool(writing(run))
            if busy and not since:
                since = time.monotonic()
                first = first or since
            elif since and not busy:
                saving.append(time.monotonic() - since)
                since = 0.0
        if code:
            raise RuntimeError(f"Even the run that was left alone failed: {reason(run)}")
        self.start_seconds = first - begun
        self.save_seconds = sorted(saving)[len(saving) // 2]
        self.step_seconds = (time.monotonic() - first) / len(toy.curve(run))

    def _torment(self, run: Run) -> None:
        """Start, kill, start again, until the run ends by itself or is lost."""
        while not self.report.wrong:
            self.report.starts += 1
            fresh = self.report.starts % FRESH_EVERY == 0
            self.report.fresh_starts += fresh
            before = progress(run)
            child = self._start(run, fresh)
            code = self._kill(run, child, fresh) if self.report.kills < self.kills else child.ended(PATIENCE)
            if code is None:
                os.kill(child.pid, signal.SIGKILL)
                self.report.lost.append(f"{run.id}: nothing for {PATIENCE:.0f} s")
                return
            if code == -signal.SIGKILL:
                self._look(run, before)
                continue
            if code:
                self.report.lost.append(f"{run.id}: exit code {code}: {reason(run)}")
            return

    def _kill(self, run: Run, child: Child, fresh: bool) -> int | None:
        """Kill it at a random moment, or inside a save. Returns the exit code: it may have been quicker."""
        there = writing(run)
        inside = self.random.random() < (0.9 if 3 * self.report.inside_a_save < self.report.kills else 0.4)
        saves, end = self.random.randrange(8), time.monotonic() + PATIENCE
        if inside:
            seen = there
            while time.monotonic() < end and (code := child.ended(POLL)) is None:
                now = writing(run)
                if now - seen and not (saves := saves - 1) > 0:
                    break
                seen |= now
            if code is not None:
                return code
            delay = self.random.random() * self.save_seconds
        else:
            start = self.start_seconds + (2.5 if fresh else 0.0)
            delay = self.random.random() * (start + 5 * self.step_seconds + run.file().settings.checkpoint_seconds)
        until = time.monotonic() + delay
        while time.monotonic() < until:  # a sleep would be too coarse within a save
            if delay > 0.1:
                time.sleep(0.001)
        if (code := child.ended(0.0)) is None:
            os.kill(child.pid, signal.SIGKILL)
            code = child.ended(PATIENCE)
        if code == -signal.SIGKILL:
            self.report.kills += 1
            self.report.inside_a_save += bool(writing(run) - there)
        return code

    def _look(self, run: Run, before: Progress) -> None:
        """What a kill left: whole checkpoints, none older than before, and little to be done again."""
        after, folder = progress(run), run.folder / "checkpoints"
        self.report.while_rotating += any(folder.glob(".deleting-*"))
        if after.step < before.step:
            self.report.wrong.append(f"{run.id}: from step {before.step} back to {after.step}")
        self.report.wrong += [f"{run.id}: {path.name} is not whole" for path in run.checkpoints if not intact(path)]
        rows = [row for row in run.rows()[0] if "loss_hex" in row]
        if not rows or (steps := rows[-1]["step"] - after.step) <= 0:
            return
        seconds, interval = rows[-1]["seconds"] - after.seconds, run.file().settings.checkpoint_seconds
        self.report.most_steps_lost = max(self.report.most_steps_lost, steps)
        self.report.most_seconds_lost = max(self.report.most_seconds_lost, round(seconds, 3))
        # A save falls due at the end of a step: that step is lost as well.
        if steps > 1 and rows[-2]["seconds"] - after.seconds > interval:
            self.report.wrong.append(f"{run.id}: {steps} steps, {seconds:.2f} s lost; saved every {interval} s")


def writing(run: Run) -> set[str]:
    """Folders of checkpoints that are being written, or were when the trainer was killed."""
    return {path.name for path in (run.folder / "checkpoints").glob(".writing-*")}


def progress(run: Run) -> Progress:
    """How far the newest checkpoint is."""
    return run.progress() or Progress()


def reason(run: Run) -> str:
    """What the trainer said last."""
    outcome = run.outcome()
    return (outcome and outcome.error) or (run.folder / "console.log").read_text()[-500:]


def harness(
    home: Path, family: Family, kills: int, seed: int = 1, *, tokenizer: Path | None = None, tokens: int = 20_000,
    intervals: Sequence[int] = (1, 0), broken: str = "",
) -> Report:  # fmt: skip
    """Kill trainers of `family` in all `kills` times.

    `intervals`: seconds between two saves, of one run after the other; with 0 each step is saved, with more there are
    steps to be done again. `broken` names a function of tests.faults.broken.
    """
    wanted = toy.settings(home, tokenizer, family, tokens=tokens, seed=seed, evaluate_every=20)
    return Harness(home, wanted, kills, seed, intervals, broken).run()


def main() -> int:
    """Print a report for every family; 0 when all are good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="in all, over the families")
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broken", default="", help="a function of tests.faults.broken that spoils the trainer")
    chosen = parser.parse_args()
    families, good = chosen.families.split(","), True
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        for number, family in enumerate(families):
            kills = chosen.kills * (number + 1) // len(families) - chosen.kills * number // len(families)
            report = harness(Path(home), family, kills, chosen.seed, broken=chosen.broken)
            print(json.dumps(asdict(report) | {"good": report.good}, indent=1), flush=True)
            good = good and report.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
