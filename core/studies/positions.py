"""Three kinds of tiny masked models that differ in one thing, what their windows were: are the ends of a window hard?

python -P -m core.studies.positions RUNS [STEPS]
python -P -m core.studies.positions RUNS publish MODELS

The first makes six runs in the folder RUNS, two seeds of each frame (see `core.settings.TrainSettings.frame`), and
trains one after another. Stopped or killed, the same command goes on. All have the same tokenizer, text, shape and
number of updates, so that a model's weakness at the ends of a window is that of its training, or of what is not there
to read. The second writes those of the first seed as they ship.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core import paths, runs
from core.catalogue import STUDIED
from core.plan import Choice, settle
from core.runs import Run
from core.settings import FRAMES, Frame, TrainSettings
from core.studies.texts import HELD_OUT, TRAINED, files
from core.training.card import Story
from core.training.publish import publish as published

ABOUT = """\
A tiny English masked language model, one of three that differ in one thing: what a training window was. They are
there for one question: how much of what such a model misses at the ends of a text is for want of words to read, and
how much because it was never asked there in training? The three have the same tokenizer, text, shape and number of
updates."""
SEEDS = (1, 2)
STEPS = 6000
"""Updates of 8 windows in a leg: about 5.5 million tokens of crops."""
LEGS = 2
"""After the first, which leaves the plateau only towards its end, each model is given as much again to read."""


def settings(frame: Frame, seed: int, steps: int = STEPS) -> TrainSettings:
    """A model of 1.2 million parameters. The causal start is there because most seeds never leave the plateau without.

    Raises UserError where the corpora are not on this machine.
    """
    choice = Choice(
        family="bert", texts=files(TRAINED), held_out=files(HELD_OUT), preset="small", layers=4, width=128, heads=4,
        inner=384, length=128, steps=steps, seed=seed, frame=frame, threads=1,
    )  # fmt: skip
    return settle(choice)


def made(steps: int = STEPS) -> list[Run]:
    """The six runs in the folder of runs, seed by seed; one that is not there yet is made."""
    found = []
    for seed in SEEDS:
        for frame in FRAMES:
            folder = paths.runs() / f"p3-{frame}-{seed}"
            there = (folder / "run.json").is_file()
            found.append(Run(folder) if there else runs.create(settings(frame, seed, steps), folder.name))
    return found


def publish(models: Path) -> None:
    """Write the runs of the first seed to the folder `models`, named as the lab knows them.

    Raises UserError where one has no checkpoint.
    """
    for frame, name in zip(FRAMES, STUDIED, strict=True):
        runs_of = [Run(paths.runs() / f"p3-{frame}-{seed}") for seed in SEEDS]
        ended = [(seed, run.outcome()) for seed, run in zip(SEEDS, runs_of, strict=True)]
        nats = ", ".join(f"seed {seed} {one.held_out['nats']:.3f}" for seed, one in ended if one and one.held_out)
        tried = (
            f"In {LEGS} legs of {STEPS:,} steps: the second begins with a new warm-up, on the cosine of all of them.\n"
            f"No other rate was tried. At the end of training, on held-out windows made in the same way: {nats} nats.\n"
            "Windows of another kind give other numbers, so these cannot be compared between the three."
        )
        command = "python -P -m core.studies.positions RUNS"
        found = published(runs_of[0], models / name, Story(ABOUT, tried, [command, f"{command} publish assets/models"]))
        sys.stdout.write(f"{name}: {found}\n")


def main(folder: str, steps: int = STEPS) -> int:
    """Train what is not finished, in legs of `steps`; the exit code of the first trainer that does not end well."""
    os.environ["LOOKBOTH_RUNS"] = str(Path(folder).expanduser().resolve())
    for run in made(steps):
        for leg in range(1, LEGS + 1):
            if code := _train(run, leg * steps, steps):
                sys.stderr.write(f"{run.id} did not finish: see {run.folder / 'console.log'}.\n")
                return code
    return 0


def _train(run: Run, steps: int, leg: int) -> int:
    """Bring a run to `steps`, of which `leg` may have to be added; the exit code of its trainer, 0 if there is none."""
    before = run.outcome()
    if before and before.status == "finished":
        if before.step >= steps:
            return 0
        if not list((run.folder / "control").glob("*.json")):  # else it was asked already, and cut off
            run.leave("extend", 0, leg)
    with open(run.folder / "console.log", "ab") as console:
        command = [sys.executable, "-P", "-m", "core", "train", str(run.folder)]
        code = subprocess.run(command, stdout=console, stderr=console, check=False).returncode
    after = run.outcome()
    return 0 if after and after.status == "finished" and not code else code or 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, "publish", models]:
            os.environ["LOOKBOTH_RUNS"] = str(Path(folder).expanduser().resolve())
            publish(Path(models))
        case [folder, *steps] if len(steps) < 2:
            sys.exit(main(folder, *map(int, steps)))
        case _:
            sys.exit("usage: python -P -m core.studies.positions RUNS [STEPS | publish MODELS]")
