"""The full-size trio, stage by stage, on whatever machine this is: minutes on a data-centre GPU, days on a laptop.

python -P -m core.studies.recipe STAGE FOLDER [--minutes M] [--preset SIZE] [--vocabulary N] [--seed N] [--sets SET …]

  check     a tokenizer trained on the text, the shapes counted, the self-test, the speed of each model, the budget
  trials    the same three learning rates for each model, on a small share of the budget
  train     the three side by side, within --minutes of the machine
  evaluate  all of them on the sets of the lab
  publish   fp16 weights and a card for each, and what they are held to
  all       one after another

Everything stands in FOLDER: a stage that was cut off is begun again by the same command and goes on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from core import catalogue, paths, runs, sets, shapes
from core.device import choose, self_test
from core.errors import UserError
from core.evaluation.evaluate import evaluate
from core.models.load import load
from core.models.model import Model
from core.plan import Choice
from core.runs import Run, write_atomically
from core.settings import FAMILIES, Family, TrainSettings
from core.studies.texts import HELD_OUT, TRAINED, files
from core.text import vocabulary
from core.text.corpus import documents
from core.training.card import of_trio
from core.training.publish import publish
from core.trio import agree, budget
from core.trio.members import off, settle

STAGES = ("check", "trials", "train", "evaluate", "publish")
FACTORS = (0.5, 1.0, 2.0)
"""Of the preset's learning rate."""
SHARE = 0.04
"""Of the budget, for each trial."""
LARGEST = 16 * 2**20
"""Bytes of a model that ships, in half precision."""
GATES: dict[Family, float] = {"gpt2": 3.6, "lstm": 3.9, "bert": 2.8}
"""Nats a token on wiki.valid that the 8M models must get below; BERT's at 15 % masks."""
GAP = 0.3
"""Nats that the held-out text may be worse than the training text."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`plan.json`: what the check found, and what follows from it."""

    preset: str
    seed: int
    tokens: int
    """Input tokens of each model."""
    parameters: dict[str, int]
    speeds: dict[str, float]
    """Tokens a second of each model, alone on the machine."""
    device: str


class Study:
    """The recipe in one folder."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.options = folder, options
        os.environ["LOOKBOTH_RUNS"] = str(folder / "runs")
        paths.private(folder / "runs")

    # --- stages ----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raises UserError for shapes that are too large or not matched, and for a device that computes wrongly."""
        tokenizer = self.folder / "tokenizer"
        if not (tokenizer / "tokenizer.json").is_file():
            texts = [Path(name) for name in files(TRAINED)]
            entries = vocabulary.train(documents(texts), self.options.vocabulary, tokenizer)
            say(f"A tokenizer of {entries:,} entries was trained.")
        settled = self._settled(self.options.preset, self.options.seed, tokens=0)
        counts: dict[str, int] = {family: shapes.parameters(family, made.shape) for family, made in settled.items()}
        for family, count in counts.items():
            say(f"{family}: {count:,} parameters, {2 * count / 2**20:.2f} MiB in half precision.")
            if off(count, counts["gpt2"]) > shapes.CLOSE or 2 * count >= LARGEST:
                raise UserError(f"The {family} does not fit.", why="It must be within 2 % of the gpt2 and 16 MiB.")
        device = choose().device
        verdict = self_test(device, lambda name: load(catalogue.resolve(name), device))
        say(f"{device}: {verdict.note}")
        if not verdict.passed:
            raise UserError(f"The device {device} cannot be trusted.", why=verdict.note)
        paces = agree.measured(settled, lambda: None)
        tokens = settled["gpt2"].tokens
        if minutes := self.options.minutes:  # side by side they take what they would take one after another
            tokens = budget.affordable(60 * minutes, settled, paces, seeds=1, opening=0.0)
        speeds: dict[str, float] = {name: round(pace.tokens_per_second) for name, pace in paces.items()}
        say(f"Tokens a second: {speeds}. Each model reads {tokens:,} tokens.")
        if not tokens:
            raise UserError(f"{self.options.minutes:g} minutes are too few.", hint="Give it more.")
        plan = Plan(
            preset=self.options.preset, seed=self.options.seed, tokens=tokens, parameters=counts,
            speeds=speeds, device=str(device),
        )  # fmt: skip
        write_atomically(self.folder / "plan.json", msgspec.json.format(msgspec.json.encode(plan)) + b"\n")

    def trials(self) -> None:
        """Train each model at each rate; the best one is used from then on."""
        for factor in FACTORS:
            self._train(self._trials(factor))
        for family, rates in self._rates().items():
            told = ", ".join(f"{rate:g}: {nats:.3f}" for rate, nats in rates.items())
            say(f"{family}, nats on the held-out text by learning rate: {told}.")

    def train(self) -> None:
        """The three at the best of their rates, or at the preset's where nothing was tried."""
        rates = {family: min(tried, key=tried.__getitem__) for family, tried in self._rates().items() if tried}
        settled = self._planned(self._plan().tokens)
        self._train({
            f"full-{family}": msgspec.structs.replace(made, lr=rates.get(family, made.lr))
            for family, made in settled.items()
        })  # fmt: skip

    def evaluate(self) -> None:
        """The whole table, kept part by part."""
        device = choose().device
        models: dict[str, Model] = {family: load(catalogue.resolve(f"full-{family}"), device) for family in FAMILIES}
        found = evaluate(models, self.options.sets, False, 1, str(self.folder / "evaluation"), lambda *_: None)
        for one in found.outcomes:
            numbers = ", ".join(f"{measure.name} {measure.value:.4g}" for measure in one.measures if measure.value)
            say(f"{one.model} on {one.set} ({one.method}): {numbers}")

    def publish(self) -> None:
        """Write the three as they would ship, and say which gates they pass."""
        for family, rates in self._rates().items():
            run = Run(self.folder / "runs" / f"full-{family}")
            tried = ", ".join(f"{rate:g} ({nats:.3f} nats)" for rate, nats in rates.items())
            trials = f"Learning rates tried on {SHARE:.0%} of the budget each, one seed: {tried or 'none'}."
            story = of_trio(family, run.file().settings, self._plan().preset, trials)
            found = publish(run, self.folder / "published" / family, story)
            gap = found["nats"] - found["training"]
            say(f"{family}: {found['nats']:.3f} nats on the held-out text; the 8M model must be below {GATES[family]}.")
            say(f"{family}: {gap:.3f} nats worse than on the training text; at most {GAP} are allowed.")

    # --- what they share -------------------------------------------------------------------------------------

    def _plan(self) -> Plan:
        if (plan := runs.read(self.folder / "plan.json", Plan)) is None:
            raise UserError(f"There is no plan in {self.folder}.", hint="Run the stage `check` first.")
        return plan

    def _settled(self, preset: str, seed: int, tokens: int) -> dict[Family, TrainSettings]:
        choice = Choice(
            family="gpt2", texts=files(TRAINED), held_out=files(HELD_OUT), preset=preset, tokens=tokens,
            tokenizer=str(self.folder / "tokenizer"), threads=self.options.threads,
        )  # fmt: skip
        return settle(choice, seed)

    def _planned(self, tokens: int) -> dict[Family, TrainSettings]:
        plan = self._plan()
        return self._settled(plan.preset, plan.seed, tokens)

    def _trials(self, factor: float) -> dict[str, TrainSettings]:
        whole = self._plan().tokens
        step = next(made.rows * made.length for made in self._planned(whole).values())
        settled = self._planned(max(step, round(SHARE * whole)))
        return {
            f"trial-{family}-{factor:g}": msgspec.structs.replace(made, lr=factor * made.lr)
            for family, made in settled.items()
        }

    def _rates(self) -> dict[Family, dict[float, float]]:
        """The held-out nats of each rate that was tried to its end."""
        found: dict[Family, dict[float, float]] = {family: {} for family in FAMILIES}
        for factor in FACTORS:
            for family in FAMILIES:
                run = Run(self.folder / "runs" / f"trial-{family}-{factor:g}")
                if (outcome := run.outcome()) and outcome.status == "finished":
                    found[family][run.file().settings.lr] = outcome.held_out["nats"]
        return found

    def _train(self, wanted: Mapping[str, TrainSettings]) -> None:
        """Train runs side by side to their ends, those that finished left out. Raises UserError when one does not."""
        going: dict[str, subprocess.Popen[bytes]] = {}
        for name, settings in wanted.items():
            folder = self.folder / "runs" / name
            run = Run(folder) if (folder / "run.json").is_file() else runs.create(settings, name)
            if (outcome := run.outcome()) is None or outcome.status != "finished":
                with open(folder / "console.log", "ab") as console:
                    command = [sys.executable, "-P", "-m", "core", "train", str(folder)]
                    going[name] = subprocess.Popen(command, stdout=console, stderr=console)
        codes = {name: process.wait() for name, process in going.items()}
        for name in going:
            outcome = Run(self.folder / "runs" / name).outcome()
            if codes[name] or outcome is None or outcome.status != "finished":
                raise UserError(f"{name} did not finish.", why=outcome.error if outcome else "It left no word.")
            say(f"{name}: {outcome.tokens:,} tokens in {outcome.seconds / 60:.1f} minutes, {outcome.held_out}")


def say(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(given: Sequence[str] | None = None) -> None:
    """Do one stage, or all. Raises UserError for whatever cannot go on."""
    parser = argparse.ArgumentParser(prog="python -P -m core.studies.recipe")
    parser.add_argument("stage", choices=(*STAGES, "all"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=0.0, help="for the three together; else the preset's tokens")
    parser.add_argument("--preset", default="base")
    parser.add_argument("--vocabulary", type=int, default=6144)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--sets", nargs="+", default=list(sets.KNOWN))
    options = parser.parse_args(given)
    study = Study(options.folder.expanduser().resolve(), options)
    for stage in STAGES if options.stage == "all" else (options.stage,):
        say(f"— {stage}")
        getattr(study, stage)()


if __name__ == "__main__":
    try:
        main()
    except UserError as problem:
        sys.exit(str(problem))
