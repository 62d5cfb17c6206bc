"""A whole evaluation: what it answers, how it is left and gone on with, and the baseline beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch

from core import paths
from core.errors import Cancelled, UserError
from core.evaluation import cloze, pairs, text, unigram
from core.evaluation.clock import Clock, words
from core.evaluation.evaluate import evaluate
from core.evaluation.parts import Part, Store
from core.messages import UNIGRAM, Evaluation
from core.models.load import load
from core.models.model import Model
from core.rates import rate
from tests.core import folders
from tests.core.evaluating import by_name, lines, nothing
from tests.core.test_evaluation_pairs import SENTENCES
from tests.core.test_evaluation_text import LONG


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> dict[str, Model]:
    home = tmp_path_factory.mktemp("models")
    made = (folders.model(home / family, family, own_folder) for family in ("bert", "gpt2", "lstm"))
    return {folder.name: load(folders.entry(folder, folder.name), torch.device("cpu")) for folder in made}


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    home = tmp_path_factory.mktemp("sets")
    (home / "held.txt").write_text(LONG)
    records = [{"UID": f"p{n}", "good": good, "bad": bad} for n, (good, bad) in enumerate(SENTENCES)]
    facts = [{"prompt": f"The {word} is [MASK].", "answer": answer, "relation": "is"}
             for word, answer in (("sea", "old"), ("keeper", "naïve"), ("shore", "here"))]  # fmt: skip
    return [
        str(home / "held.txt"),
        str(lines(home / "pairs.jsonl", *records)),
        str(lines(home / "facts.jsonl", *facts)),
    ]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many parts, so that something is finished early."""
    for module, together in ((text, 8), (pairs, 2), (cloze, 2)):
        monkeypatch.setattr(module, "TOGETHER", together)
    monkeypatch.setattr(text, "SINGLE", 24)


def numbers(evaluation: Evaluation) -> Evaluation:
    """An evaluation without its times."""
    outcomes = [msgspec.structs.replace(outcome, seconds=0.0) for outcome in evaluation.outcomes]
    return msgspec.structs.replace(evaluation, outcomes=outcomes, seconds=0.0)


def test_every_model_and_the_baseline_on_every_set(models: dict[str, Model], sets: list[str]) -> None:
    told: list[tuple[int, int, str]] = []
    found = evaluate(models, sets, False, 1, "", lambda *progress: told.append(progress))
    assert found.complete and list(found.models) == list(models)
    assert [(outcome.set, outcome.model) for outcome in found.outcomes] == [
        (about.name, name) for about in found.sets for name in (*models, UNIGRAM)
    ]
    for outcome in found.outcomes:
        for measure in by_name(outcome.measures).values():
            assert measure.value is None or math.isfinite(measure.value)
            assert (measure.rate is not None) == (measure.unit == "share" and measure.value is not None)
    assert any("unigram" in note for note in found.notes) and any("tie" in note for note in found.notes)
    assert next(note for _, total, note in told if total > 1).startswith("about ")  # how long, before anything
    working = [(done, total) for done, total, note in told if "left" in note]
    assert working == sorted(working) and len({total for _, total in working}) == 1
    assert any(note.startswith("gpt2 on pairs.jsonl, about ") for *_, note in told)
    assert numbers(found) == numbers(evaluate(models, sets, False, 1, "", nothing))


def test_the_baseline_has_the_rows_of_both_kinds_of_model(models: dict[str, Model], sets: list[str]) -> None:
    found = evaluate(models, sets, False, 1, "", nothing)
    for about in found.sets:
        mine = {outcome.model: by_name(outcome.measures) for outcome in found.outcomes if outcome.set == about.name}
        assert set(mine[UNIGRAM]) == set(mine["bert"]) | set(mine["gpt2"])
    held = by_name(found.outcomes[3].measures)
    assert held["masked_nats_15"].value == held["nats"].value and found.outcomes[3].method == "token frequencies"


@pytest.mark.parametrize("finished", [1, 4, 9, 16])
def test_it_goes_on_where_it_was_left_with_the_same_numbers(
    models: dict[str, Model], sets: list[str], tmp_path: Path, finished: int
) -> None:
    parts = tmp_path / "kept" / "parts"

    def leave(done: int, total: int, note: str) -> None:
        if len(list(parts.iterdir())) == finished:
            raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(models, sets, False, 1, str(tmp_path / "kept"), leave)
    begun = msgspec.json.decode((tmp_path / "kept" / "evaluation.json").read_bytes(), type=Evaluation)
    assert not begun.complete and len(begun.sets) == 3 and list(begun.models) == list(models)
    marks = {path: path.stat().st_mtime_ns for path in parts.iterdir()}
    resumed = evaluate(models, sets, False, 1, str(tmp_path / "kept"), nothing)
    assert (
        marks.items() < {path: path.stat().st_mtime_ns for path in parts.iterdir()}.items()
    )  # none was computed twice
    assert numbers(resumed) == numbers(evaluate(models, sets, False, 1, "", nothing))
    kept = msgspec.json.decode((tmp_path / "kept" / "evaluation.json").read_bytes(), type=Evaluation)
    assert kept == resumed and kept.complete


def test_what_is_finished_is_not_computed_again(models: dict[str, Model], sets: list[str], tmp_path: Path) -> None:
    first = evaluate(models, sets, False, 1, str(tmp_path), nothing)
    told: list[str] = []
    second = evaluate(models, sets, False, 1, str(tmp_path), lambda done, total, note: told.append(note))
    assert numbers(first) == numbers(second) and not any("left" in note for note in told)
    assert [outcome.seconds for outcome in first.outcomes] == [outcome.seconds for outcome in second.outcomes]
    other = evaluate(models, sets, False, 2, str(tmp_path), nothing)
    assert other.seed == 2 and other.outcomes[0].measures != first.outcomes[0].measures


def test_a_damaged_part_is_computed_again(models: dict[str, Model], sets: list[str], tmp_path: Path) -> None:
    first = evaluate(models, sets, False, 1, str(tmp_path), nothing)
    for number, path in enumerate(sorted((tmp_path / "parts").iterdir())):
        path.write_bytes((b"", b"{", b'{"rows":[["a"]],"seconds":1}', b"\xff")[number % 4])
    assert numbers(evaluate(models, sets, False, 1, str(tmp_path), nothing)) == numbers(first)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be kept"):
        Store(str(tmp_path / "file"))
    store = Store(str(tmp_path / "kept"))
    (tmp_path / "kept" / "parts").rmdir()
    with pytest.raises(UserError, match="cannot be kept"):
        store.put("a", Part([[1.0]], 1.0))


def test_nothing_twice_and_nothing_without_a_name(models: dict[str, Model], sets: list[str], tmp_path: Path) -> None:
    for some, asked in (({}, sets), (models, []), ({UNIGRAM: models["gpt2"]}, sets)):
        with pytest.raises(UserError, match="nothing to evaluate"):
            evaluate(some, asked, False, 1, "", nothing)
    found = evaluate({"gpt2": models["gpt2"]}, [sets[1], sets[1]], False, 1, "", nothing)
    assert len(found.sets) == 1
    (tmp_path / "pairs.jsonl").write_text((Path(sets[1])).read_text())
    with pytest.raises(UserError, match=r"Two sets are called pairs\.jsonl"):
        evaluate(models, [sets[1], str(tmp_path / "pairs.jsonl")], False, 1, "", nothing)


def test_the_shipped_frequencies_are_those_of_the_bundled_tokenizer_or_not_used(
    sets: list[str], models: dict[str, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = unigram._shipped(paths.assets() / "models" / "bert")
    assert shipped, "run python -P -m core.evaluation.unigram with the training texts of the bundled models"
    assert sum(map(math.exp, shipped.logprobs)) == pytest.approx(1, abs=1e-3)
    monkeypatch.setattr(unigram, "_digest", lambda folder: "another")
    found = evaluate({"gpt2": models["gpt2"]}, sets[:1], False, 1, "", nothing)
    assert any("that set itself" in note for note in found.notes)
    tokens = unigram.Tokenizer.load(paths.assets() / "models" / "bert").encode(LONG).ids
    vocabulary = unigram.Tokenizer.load(paths.assets() / "models" / "bert").vocabulary
    nats = -sum(math.log((tokens.count(one) + 1) / (len(tokens) + vocabulary)) for one in tokens) / len(tokens)
    assert by_name(found.outcomes[1].measures)["nats"].value == pytest.approx(nats, abs=1e-4)


def test_intervals_of_wilson() -> None:
    """Against the table of Newcombe 1998 (Statistics in Medicine 17, 857), method 3."""
    for right, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
                                (1, 29, 0.0061, 0.1718)):  # fmt: skip
        found = rate(right, n)
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
        assert found.value == right / n and found.n == n
    assert rate(2.5, 5).value == 0.5


def test_times_in_words() -> None:
    assert [words(seconds) for seconds in (0.2, 40, 59.6, 170, 4200)] == [
        "about 1 s", "about 40 s", "about 1 min", "about 3 min", "about 1 h 10 min"]  # fmt: skip


def test_the_time_left_follows_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("core.evaluation.clock.time.perf_counter", lambda: now[0])
    told: list[str] = []
    clock = Clock(lambda done, total, note: told.append(note), 20.0)

    def work(report: Callable[[int, int], None]) -> int:
        now[0] += 20
        report(1, 1)
        return 7

    assert clock.left() == 20 and clock.run(10.0, "half", work) == 7
    assert told == ["half, about 20 s left"] and clock.left() == pytest.approx(20)  # twice as slow as was estimated
