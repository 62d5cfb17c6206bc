"""What the lab shows before its engine is awake: one sentence and its results, computed beforehand.

    python -P -m core.first

writes `assets/results/first-compare.json` from the bundled models, in float32 on this CPU.
"""

from __future__ import annotations

import sys

import msgspec
import torch

from core import catalogue, paths
from core.compare import compare
from core.messages import Comparison
from core.models.load import load
from core.runs import write_atomically

SENTENCE = "The keys to the cabinet were on the table near the old door."


def compute() -> Comparison:
    """The sentence through the bundled trio, as the window shows it."""
    models = {entry.name: load(entry, torch.device("cpu")) for entry in catalogue.bundled()}
    return compare(models, SENTENCE, 10, "within_word_l2r", "bos", lambda done, total, note: None)


def main() -> None:
    path = paths.assets() / "results" / "first-compare.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(compute()), indent=1) + b"\n")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
