"""What ships of how a model learned: a few steps of its samples, spread evenly by their logarithm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from core import catalogue, learning, runs
from core.models.load import revision_of
from core.runs import Run
from core.training.keep import checkpoint
from core.training.learning import note
from core.training.trainer import Trainer
from tests.core.toy_runs import settings

ROME = "The capital of Italy is [MASK]."


def run_of(home: Path, tokenizer: Path, rows: list[dict[str, Any]]) -> Run:
    run = runs.create(settings(home, tokenizer, "bert"), "one")
    (run.folder / "samples.jsonl").write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    return run


def said(step: int, **more: Any) -> dict[str, Any]:
    return {"step": step, "text": ROME, "tops": [[" the", 0.5], [" Rome", 0.25]], "attempt": 1, "time": 1.0} | more


def test_the_first_and_the_last_step_and_most_of_the_early_ones() -> None:
    assert learning.spaced([0, 5, 9]) == [0, 5, 9] and learning.spaced([]) == []
    found = learning.spaced(list(range(0, 30_001, 500)))
    assert len(found) == 10 and found[:3] == [0, 500, 1000] and found[-1] == 30_000
    assert all(right - left >= before for left, right, before in zip(found[2:], found[3:], (500,) * 9, strict=False))
    assert sum(step <= 5000 for step in found) >= 5


def test_a_later_attempt_replaces_what_it_says_again(home: Path, own_folder: Path) -> None:
    again = [said(100, attempt=2, answer=" Rome", prob=0.9, rank=1)]
    run = run_of(home, own_folder, [said(0), said(100), said(200), *again])
    found = learning.of(run, "0" * 12, {ROME: " Rome"})
    assert [(one.step, one.answer, one.prob, one.rank) for one in found.samples] == [
        (0, " Rome", 0.25, 2),
        (100, " Rome", 0.9, 1),
    ]
    unknown = learning.of(run, "0" * 12, {ROME: " Milan"}).samples[0]
    assert (unknown.answer, unknown.prob, unknown.rank) == (" Milan", None, None)


def test_it_is_read_as_it_was_written(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder, "bert"), "run"))
    trainer.look()
    trainer.record.close()
    folder = home / "published"
    folder.mkdir()
    checkpoint.write_model(trainer.net, trainer.made.folder, folder, half=True)
    written = note(trainer.run, folder)
    assert learning.beside(folder) == written and len(written.samples) == len(trainer.sentences)
    assert written.revision == revision_of((folder / "model.safetensors",)) and written.run == "run"
    assert learning.beside(home) is None


@pytest.mark.parametrize("entry", list(catalogue.bundled()), ids=lambda entry: entry.name)
def test_what_ships_is_of_the_weights_that_ship(entry: catalogue.Entry) -> None:
    found = learning.beside(Path(entry.folder))
    assert found is not None and found.revision == revision_of((Path(entry.folder) / "model.safetensors",))
    steps = sorted({one.step for one in found.samples})
    assert 8 <= len(steps) <= 12 and steps[0] == 0 and steps[-1] == found.steps
    assert len({one.text for one in found.samples}) >= 5 and all(one.tops for one in found.samples)
