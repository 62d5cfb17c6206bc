"""Run folders as a trainer leaves them, without a trainer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import msgspec

from core import runs
from core.runs import Outcome, Owner, Run
from core.settings import Shape, TrainSettings

UNIGRAM = 6.61


def settings(family: str = "gpt2", tokens: int = 1_024_000) -> TrainSettings:
    form = Shape(vocabulary=600, layers=2, width=64, heads=2, inner=256, positions=64)
    return TrainSettings(
        family=family, shape=form, texts=["/texts/diary.txt"], tokenizer="/tokenizer", tokens=tokens, rows=16,
        length=64, lr=1e-3, warmup=10, causal_start=0.3 if family == "bert" else 0.0,
    )  # type: ignore[arg-type]  # fmt: skip


def make(name: str, family: str = "gpt2", owner: Owner | None = None, age: float = 600, **changes: Any) -> Run:
    """A run called `name` that began `age` seconds ago."""
    run = runs.create(settings(family), name)
    whole = {"owner": owner, "created": time.time() - age, "steps": 1000, "parameters": 402_112, "device": "cpu"}
    file = msgspec.structs.replace(run.file(), unigram_nats=UNIGRAM, **(whole | changes))
    (run.folder / "run.json").write_bytes(msgspec.json.encode(file))
    return run


def row(step: int, loss: float, phase: str = "causal") -> dict[str, Any]:
    """One row of metrics as the trainer writes it."""
    return {
        "step": step, "tokens": step * 1024, "seconds": step / 10, "phase": phase, "loss": loss, "lr": 1e-3,
        "grad_norm": 0.8, "tokens_per_second": 10_240.0,
    }  # fmt: skip


def held_out(step: int, nats: float) -> dict[str, Any]:
    return {"step": step, "tokens": step * 1024, "held_out": {"nats": nats, "top1": 0.25}}


def write(run: Run, rows: Iterable[object]) -> None:
    """Append `rows` to the metrics."""
    with open(run.folder / "metrics.jsonl", "a", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in rows)


def end(run: Run, status: str, error: str = "") -> None:
    outcome = Outcome(status=status, step=1, tokens=1, seconds=1.0, error=error)  # type: ignore[arg-type]
    (run.folder / "result.json").write_bytes(msgspec.json.encode(outcome))


def save(run: Run, *steps: int) -> None:
    """Leave checkpoints without contents."""
    for step in steps:
        (run.folder / "checkpoints" / f"step-{step:08d}").mkdir()
