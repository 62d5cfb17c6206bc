"""What the harnesses train: a toy net with dropout and masks, on a text that is theirs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
from tokenizers import Tokenizer

from core import paths
from core.runs import Run
from core.settings import Family, TrainSettings
from tests.core import toy_runs

replace = msgspec.structs.replace
FILES = ("model.safetensors", "optimizer.safetensors")


def settings(home: Path, tokenizer: Path | None, family: Family, **changes: Any) -> TrainSettings:
    """A run on a text in `home`; without `tokenizer` it is cut by the bundled one."""
    folder = tokenizer or paths.assets() / "models" / "bert"
    entries = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size()
    home.mkdir(parents=True, exist_ok=True)
    text = home / "text.txt"
    if not text.exists():  # a new date would be a new text
        text.write_text(toy_runs.TEXT, "utf-8")
    chosen = toy_runs.settings(home, folder, family, causal_start=0.3 if family == "bert" else 0.0, **changes)
    return replace(chosen, shape=replace(chosen.shape, vocabulary=entries))


def curve(run: Run) -> dict[int, str]:
    """The loss of every step as a hex float; where a step was done again, its last attempt counts."""
    return toy_runs.losses(run)


def weights(run: Run) -> dict[str, str]:
    """SHA-256 of the weights and of the optimizer's state in the last checkpoint."""
    last = run.checkpoints[-1]
    return {name: hashlib.sha256((last / name).read_bytes()).hexdigest() for name in FILES}


def differences(alone: Run, killed: Run) -> list[str]:
    """In what a run that was killed and went on differs from one that was left alone."""
    found, wanted = [], curve(alone)
    every = [(row["step"], row["loss_hex"]) for row in killed.rows()[0] if "loss_hex" in row]
    if curve(killed) != wanted:
        found.append("the loss curve is another")
    elif again := [step for step, loss in every if loss != wanted[step]]:
        found.append(f"step {again[0]} first had another loss")
    if weights(killed) != weights(alone):
        found.append("the last weights are others")
    outcome, expected = killed.outcome(), alone.outcome()
    if outcome is None or expected is None or replace(outcome, seconds=0.0) != replace(expected, seconds=0.0):
        found.append(f"the result is {outcome}, not {expected}")
    others = [path for path in (killed.folder / "checkpoints").iterdir() if path not in killed.checkpoints]
    if left := [path.name for path in (*others, *killed.folder.glob(".*"))]:
        found.append(f"there is {left[0]}")
    return [f"{killed.id}: {what}" for what in found]
