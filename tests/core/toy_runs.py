"""Runs on toy nets: a small text, settings, and what the tests of training share."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec

from core.runs import Run
from core.settings import Family, Shape, TrainSettings

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
