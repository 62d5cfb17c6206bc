"""Experiments in tests: on toy models with random weights, without an engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from core.catalogue import resolve
from core.errors import Cancelled
from core.experiments.experiment import run
from core.messages import Experiment, Finding, Number
from core.models.load import load
from core.models.model import Model
from tests.core import folders

CPU = torch.device("cpu")
Open = Callable[[str], Model]


def toys(folder: Path, tokenizer: Path) -> Open:
    """`bert`, `gpt2` and `lstm` with random weights and the files of `tokenizer`."""
    made = {
        name: load(folders.entry(folders.model(folder / name, name, tokenizer), name), CPU)
        for name in ("bert", "gpt2", "lstm")
    }
    return made.__getitem__


def bundled(name: str) -> Model:
    """A model that ships with the lab."""
    return load(resolve(name), CPU)


def found(open_model: Open, claim: str, seed: int = 1, **knobs: float | str) -> Finding:
    """The finding of one experiment."""
    request = Experiment(id="1", claim=claim, seed=seed, knobs=knobs)
    return run(request, open_model, CPU, lambda done, total, note: None, lambda part: None)


def stopped(open_model: Open, claim: str, **knobs: float | str) -> bool:
    """Whether an experiment ends at once when its second report finds that nobody wants it any longer."""
    calls = 0

    def report(done: int, total: int, note: str) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise Cancelled

    try:
        run(Experiment(id="1", claim=claim, knobs=knobs), open_model, CPU, report, lambda part: None)
    except Cancelled:
        return calls == 2
    return False


def number(value: float, low: float | None = None, high: float | None = None, n: int = 10) -> Number:
    """A measured number; its interval is the value alone where none is given."""
    return Number(value, "", value if low is None else low, value if high is None else high, n)
