"""Runs on toy nets: a small text, settings, and what the tests of training share."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from core.runs import Run
from core.settings import Family, Shape, TrainSettings
from core.training import launch
from core.training.trainer import Trainer

TEXT = "\n\n".join(
    f"The {animal} sat on the {place}. The {animal} was {mood} all day, and the {place} was warm.\nIt stayed."
    for animal in ("cat", "dog", "hen", "fox", "owl")
    for place in ("mat", "wall", "roof", "bench", "stone")
    for mood in ("happy", "quiet", "tired", "hungry")
)


def settings(home: Path, tokenizer: Path, family: Family = "gpt2", **changes: Any) -> TrainSettings:
    shape = Shape(vocabulary=600, layers=1, width=16, heads=0 if family == "lstm" else 2, inner=32, positions=32)
    base = TrainSettings(
        family=family, shape=shape, texts=[str(home / "text.txt")], tokenizer=str(tokenizer), tokens=10_000, rows=4,
        length=32, lr=1e-2, warmup=5, dropout=0.1, threads=1, evaluate_every=50, checkpoint_seconds=10_000,
    )  # fmt: skip
    return msgspec.structs.replace(base, **changes)


def losses(run: Run) -> dict[int, str]:
    return {row["step"]: row["loss_hex"] for row in run.rows()[0] if "loss_hex" in row}


def events(run: Run) -> list[str]:
    """What happened, in order: the kinds of the event rows."""
    return [row["event"] for row in run.rows()[0] if "event" in row]


def resumed(run: Run) -> Trainer:
    """A trainer on `run` as a new process would have it."""
    trainer = Trainer(run)
    trainer.resume()
    return trainer


def made(trainer: Trainer, steps: int) -> list[str]:
    """Make so many steps; the losses of them."""
    _, before = trainer.run.rows()
    for _ in range(steps):
        trainer.step()
    return [row["loss_hex"] for row in trainer.run.rows(offset=before)[0] if "loss_hex" in row]


def nats(trainer: Trainer) -> float:
    """The held-out loss now."""
    trainer.seen_at = -1
    trainer.look()
    return trainer.seen["nats"]


class Forked:
    """A trainer in a process of its own, `environment` added, without the seconds that importing torch takes."""

    def __init__(self, run: Run, largest_file: int = 0, **environment: str) -> None:
        self._process = multiprocessing.get_context("fork").Process(
            target=self._work, args=(run, largest_file, environment)
        )
        self._process.start()
        self.pid = self._process.pid or 0

    @staticmethod
    def _work(run: Run, largest_file: int, environment: dict[str, str]) -> None:
        os.environ |= environment
        console = os.open(run.folder / "console.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(console, 1)
        os.dup2(console, 2)
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        os._exit(launch.main(str(run.folder)))

    def wait(self, seconds: float = 60) -> int | None:
        """The exit code; None when it does not end in time."""
        self._process.join(seconds)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def process(run: Run, home: Path) -> subprocess.Popen[bytes]:
    """A trainer of `run` as a front end starts it."""
    command = [sys.executable, "-P", "-m", "core", "train", str(run.folder)]
    root = str(Path(__file__).resolve().parents[2])
    known = os.environ | {"LOOKBOTH_HOME": str(home), "PYTHONPATH": root}
    with open(run.folder / "console.log", "ab") as console:
        return subprocess.Popen(command, env=known, stdout=console, stderr=console)


def damage(folder: Path, kind: str) -> None:
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    if kind == "cut":
        weights.write_bytes(content[: len(content) // 2])
    elif kind == "bit":
        content[-5] ^= 1
        weights.write_bytes(content)
    elif kind == "zeros":
        content[-512:] = bytes(512)
        weights.write_bytes(content)
    elif kind == "manifest":
        (folder / "MANIFEST.json").write_text("{}")
    else:
        (folder / kind).unlink()


def wait_for(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
