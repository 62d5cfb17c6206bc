"""The engine's real work in this process: tiny models, the shelf that keeps them, and devices that are refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from core import catalogue, device
from core import messages as m
from core.device import Choice, Verdict
from core.engine import bench as benches
from core.engine import shelf
from core.engine.bench import Bench
from core.engine.shelf import Shelf
from core.errors import Cancelled, UserError
from core.settings import Shape, TrainSettings
from core.training import probe
from tests.core import folders

CPU = Choice(torch.device("cpu"), torch.float32, "cpu: a test")


def nothing(done: int, total: int, note: str) -> None:
    """Progress that nobody watches."""


class Shown:
    """Progress that nobody watches, and what was shown on the way."""

    def __init__(self) -> None:
        self.events: list[m.Event] = []

    def __call__(self, done: int, total: int, note: str) -> None:
        pass

    def show(self, event: m.Event) -> None:
        self.events.append(event)


@pytest.fixture(scope="module")
def models(own_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of a tiny BERT and a tiny GPT-2."""
    home = tmp_path_factory.mktemp("models")
    return {family: str(folders.model(home / family, family, own_folder)) for family in ("bert", "gpt2")}


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[Bench, list[m.Event]]]]:
    """Makes a bench on a CPU, prepared, with a self-test of a chosen outcome, and without becoming nice."""
    monkeypatch.setattr(os, "nice", lambda by: by)

    def made(choice: Choice = CPU, passed: bool = True) -> tuple[Bench, list[m.Event]]:
        monkeypatch.setattr(device, "choose", lambda: choice)
        monkeypatch.setattr(device, "self_test", lambda *_: Verdict(passed, 0.5, 1e-4, "a note"))
        bench = Bench()
        return bench, bench.prepare()

    yield made


def test_it_answers_every_request(make: Any, models: dict[str, str]) -> None:
    bench, told = make()
    (ready,) = told
    assert isinstance(ready, m.Ready) and (ready.device, ready.dtype) == ("cpu", "float32")
    loaded = bench.work(m.Load(id=1, model=models["bert"]), nothing)
    assert isinstance(loaded, m.Loaded) and loaded.id == 1 and loaded.model.kind == "masked"
    text = "the old [MASK] stands"
    predicted = bench.work(m.Predict(id=2, model=models["bert"], text=text, top=3), nothing)
    assert isinstance(predicted, m.Predicted) and predicted.id == 2 and len(predicted.prediction.slots[0].top) == 3
    both = list(models.values())
    compared = bench.work(m.Compare(id=3, models=both, text="the old house"), nothing)
    assert isinstance(compared, m.Compared) and list(compared.comparison.models) == both
    pages = Shown()
    paged = bench.work(m.Compare(id=3, models=both, text="the old house " * 200, top=1, paged=True), pages)
    assert isinstance(paged, m.Compared) and paged.comparison.words == []
    assert [len(m.Pages([bytes(page.words)])) for page in pages.events if isinstance(page, m.Page)] == [500, 100]
    asked = m.Rescore(id=5, models=both, text="the old house", start=4, end=7, candidates=["old", "new"])
    rescored = bench.work(asked, nothing)
    assert isinstance(rescored, m.Rescored) and list(rescored.rescoring.scores) == both
    checked = bench.work(m.Check(id=4), nothing)
    assert isinstance(checked, m.Checked) and checked.passed and checked.worst == 0.5
    for event in (*told, loaded, predicted, compared, rescored, checked):
        assert m.decode_event(m.encode(event)) == event


def test_it_evaluates(make: Any, models: dict[str, str], tmp_path: Path) -> None:
    bench, _ = make()
    (tmp_path / "pairs.jsonl").write_text('{"good": "The keys are here.", "bad": "The keys is here."}\n')
    asked = m.Evaluate(
        id=6, models=[*models.values()], sets=[str(tmp_path / "pairs.jsonl")], folder=str(tmp_path / "kept")
    )
    told: list[str] = []
    answer = bench.work(asked, lambda done, total, note: told.append(note))
    assert isinstance(answer, m.Evaluated) and answer.id == 6 and answer.evaluation.complete
    assert [outcome.model for outcome in answer.evaluation.outcomes] == [*models.values(), m.UNIGRAM]
    assert (tmp_path / "kept" / "evaluation.json").is_file() and any(note.endswith("left") for note in told)
    assert m.decode_event(m.encode(answer)) == answer


SETTINGS = TrainSettings(
    family="bert", shape=Shape(vocabulary=300, layers=1, width=16, heads=2, inner=32, positions=32), texts=["/none"],
    tokenizer="/none", tokens=0, minutes=5.0, rows=4, length=32, lr=1e-3, warmup=10, causal_start=0.3,
)  # fmt: skip
"""A run whose text does not exist: none of it is read to measure."""


def test_a_run_is_measured_before_it_starts(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "measure", partial(probe.measure, seconds=0.05))
    bench, _ = make()
    told: list[str] = []
    answer = bench.work(m.Probe(id=5, settings=SETTINGS), lambda done, total, note: told.append(note))
    assert isinstance(answer, m.Probed) and (answer.id, answer.device) == (5, "cpu")
    assert answer.tokens_per_second > 0 and answer.memory > 0
    assert set(told) == {"measuring a few steps"}
    assert m.decode_event(m.encode(answer)) == answer


def test_a_measurement_that_nobody_wants_any_more_ends_between_two_steps(make: Any) -> None:
    bench, _ = make()
    calls: list[int] = []

    def third(done: int, total: int, note: str) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        bench.work(m.Probe(id=5, settings=SETTINGS), third)
    assert len(calls) == 3


def test_a_cancelled_request_opens_no_model(make: Any, models: dict[str, str]) -> None:
    bench, _ = make()

    def cancelled(done: int, total: int, note: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        bench.work(m.Load(id=1, model=models["bert"]), cancelled)
    assert not bench._shelf._models


def test_a_cpu_that_lies_is_refused_from_then_on(make: Any, models: dict[str, str]) -> None:
    bench, told = make(passed=False)
    assert len(told) == 1  # the test waits until after the first answer
    request = m.Load(id=1, model=models["bert"])
    bench.work(request, nothing)
    (notice,) = bench.leisure()
    assert isinstance(notice, m.Notice) and notice.level == "error" and "failed" in notice.text
    with pytest.raises(UserError, match="self-test"):
        bench.work(request, nothing)
    assert bench.leisure() == []


def test_a_cpu_that_is_right_is_said_to_be(make: Any) -> None:
    bench, _ = make()
    assert bench.leisure() == [m.Notice(text="Self-test of cpu: no wrong number found. a note")]


def test_another_device_that_lies_gives_way_to_the_cpu_before_the_first_answer(
    make: Any, models: dict[str, str]
) -> None:
    bench, (ready, notice) = make(Choice(torch.device("meta"), torch.float32, "meta: a test"), passed=False)
    assert ready.device == "cpu" and "meta failed its self-test" in ready.reason
    assert notice.level == "error" and "meta" in notice.text
    loaded = bench.work(m.Load(id=1, model=models["bert"]), nothing)
    assert isinstance(loaded, m.Loaded) and loaded.model.device == "cpu"


def test_without_any_device_every_request_says_why(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKBOTH_DEVICE", "abacus")
    original = device.choose
    make()
    monkeypatch.setattr(device, "choose", original)
    bench = Bench()
    ready, notice = bench.prepare()
    assert isinstance(ready, m.Ready) and isinstance(notice, m.Notice) and "abacus" in notice.text
    with pytest.raises(UserError, match="abacus"):
        bench.work(m.Check(id=1), nothing)


def test_it_becomes_nice_on_a_cpu(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "nice", asked.append)
    make()
    assert asked == [benches.NICENESS]


class Shelved:
    """A shelf whose models are numbers of parameters, and how often each was loaded."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.loaded: list[str] = []
        self.sizes = sizes
        self.shelf = Shelf(self._load)  # type: ignore[arg-type]

    def _load(self, entry: catalogue.Entry) -> Any:
        name = Path(entry.name).name
        self.loaded.append(name)
        return SimpleNamespace(identity=SimpleNamespace(parameters=self.sizes.get(name, 1)))


def folder(path: Path) -> str:
    path.mkdir()
    (path / "config.json").write_text("{}")
    return str(path)


def test_the_models_asked_for_last_are_kept(tmp_path: Path) -> None:
    shelved = Shelved({})
    names = [folder(tmp_path / f"m{number}") for number in range(shelf.KEPT + 1)]
    for name in (*names[:-1], names[0], names[-1], names[0], names[1]):
        shelved.shelf.get(name)
    assert shelved.loaded == [*(f"m{number}" for number in range(shelf.KEPT + 1)), "m1"]


def test_large_models_push_others_out_but_one_always_stays(tmp_path: Path) -> None:
    shelved = Shelved({"large": shelf.BYTES, "small": 1})
    large, small = folder(tmp_path / "large"), folder(tmp_path / "small")
    for name in (small, large, large, small, small):
        shelved.shelf.get(name)
    assert shelved.loaded == ["small", "large", "small"]


def test_a_folder_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    shelved = Shelved({})
    name = folder(tmp_path / "model")
    shelved.shelf.get(name)
    os.utime(tmp_path / "model" / "config.json", ns=(1, 2**61))
    shelved.shelf.get(name)
    assert shelved.loaded == ["model", "model"]
