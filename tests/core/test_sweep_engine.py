"""A sweep through the real bench, and partial results on the wire: of many only the latest."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from core import device
from core import messages as m
from core.device import Choice, Verdict
from core.engine.bench import Bench
from core.engine.wire import Wire
from core.passages import every
from tests.core import folders
from tests.sweeps import curves

TEXT = " ".join(passage.text for passage in every()[:20]).replace("\n", " ")


class Teller:
    """Progress, and partial results, as they come."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.parts: list[m.Event] = []

    def __call__(self, done: int, total: int, note: str) -> None:
        self.notes.append(note)

    def show(self, event: m.Event) -> None:
        self.parts.append(event)


def test_the_bench_sweeps(own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "nice", lambda by: by)
    monkeypatch.setattr(device, "choose", lambda: Choice(torch.device("cpu"), torch.float32, "cpu: a test"))
    monkeypatch.setattr(device, "self_test", lambda *_: Verdict(True, 0.0, 1e-4, ""))
    monkeypatch.setattr("core.sweep.pace.OFTEN", 0.0)
    bert = str(folders.model(tmp_path / "bert", "bert", own_folder, lookboth_frame="bare"))
    gpt2 = str(folders.model(tmp_path / "gpt2", "gpt2", own_folder))
    bench, teller = Bench(), Teller()
    bench.prepare()
    request = m.Sweep(id=4, models=[bert, gpt2], text=TEXT, length=20, windows=4, positions=[0, -1])
    answer = bench.work(request, teller)
    assert isinstance(answer, m.Swept) and answer.id == 4
    assert answer.sweep.formats == {bert: "bare", gpt2: "start"} and answer.sweep.positions == [0, 19]
    assert answer.sweep.complete and teller.notes
    assert teller.parts and all(isinstance(part, m.Sweeping) and part.id == 4 for part in teller.parts)
    found = m.decode_event(m.encode(answer))
    assert isinstance(found, m.Swept) and found.sweep.series.keys() == answer.sweep.series.keys()


def lines(end: int, until: type[m.Event]) -> list[Any]:
    """The events that arrive, up to the first of the kind `until`."""
    found: list[Any] = []
    with os.fdopen(end, "rb") as stream:
        for line in stream:
            found.append(m.decode_event(line))
            if isinstance(found[-1], until):
                break
    return found


def test_of_partial_results_the_latest_arrives_and_none_after_the_answer() -> None:
    quiet, _ = os.pipe()
    back, out = os.pipe()
    wire = Wire(quiet, out)
    request = m.Sweep(id=1, models=["bert"], length=12)
    for seed in range(5):
        wire.send(m.Sweeping(id=1, sweep=curves(m.Sweep(id=1, models=["bert"], length=12, seed=seed), complete=False)))
        wire.send(m.Progress(id=1, done=seed, total=5, note=""))
    wire.start(lambda line: None)
    time.sleep(0)
    first = lines(os.dup(back), m.Sweeping)
    assert [event.sweep.seed for event in first if isinstance(event, m.Sweeping)] == [4]
    wire.send(m.Sweeping(id=1, sweep=curves(request, complete=False)))
    wire.send(m.Swept(id=1, sweep=curves(request)))
    wire.send(m.Notice(text="later"))
    rest = lines(back, m.Notice)
    kinds = [type(event) for event in rest]
    assert kinds.count(m.Swept) == 1 and m.Sweeping not in kinds[kinds.index(m.Swept) :]
