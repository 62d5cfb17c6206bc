"""C9: [CLS] and [SEP], in vocabularies and in what a net has learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import paths
from core.claims.markers import decide
from core.experiments import markers, vocabularies
from core.experiments.twins import CLS, PAD, SEP, framed
from tests.core.experimenting import Open, bundled, found, number, stopped, toys

TINY = {"sentences": 5, "steps": 2, "labels": 8, "tuning": 1, "repeats": 1}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few sentences for the tiny nets."""
    for name, value in {"PAIRS": 40, "ASKED": 20, "TRIED": 4}.items():
        monkeypatch.setattr(markers, name, value)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> Open:
    return toys(tmp_path_factory.mktemp("markers"), own_folder)


def test_what_the_rule_says() -> None:
    clear, unclear, nothing = number(0.2, 0.1, 0.3), number(0.02, -0.01, 0.05), number(0, -0.005, 0.005)
    fine = {
        "bert_marks": number(2), "gpt2_marks": number(0), "bert_without_both": clear,
        "tiny_without_cls": clear, "tiny_without_sep": clear,
    }  # fmt: skip
    assert decide(fine).verdict == "supported"
    assert decide(fine | {"gpt2_marks": number(1)}).verdict == "refuted"
    assert decide(fine | {"bert_without_both": nothing}).verdict == "refuted"
    assert decide(fine | {"tiny_without_sep": nothing}).verdict == "mixed"
    assert decide(fine | {"tiny_without_sep": nothing, "tiny_without_cls": nothing}).verdict == "refuted"
    assert decide(fine | {"tiny_without_cls": unclear}).verdict == "inconclusive"
    assert decide(fine | {"bert_without_both": unclear}).verdict == "inconclusive"


def test_what_ships_is_what_the_published_vocabularies_say(
    tmp_path: Path, bert_folder: Path, gpt2_folder: Path
) -> None:
    for folder in (bert_folder, gpt2_folder):
        (tmp_path / folder.name).symlink_to(folder)
    vocabularies.write(tmp_path, tmp_path / "made.json")
    shipped = paths.assets() / "results" / vocabularies.FILE
    assert (tmp_path / "made.json").read_text("utf-8") == shipped.read_text("utf-8")


def test_the_marks_are_entries_of_one_vocabulary_only() -> None:
    bert, gpt2 = (vocabularies.shipped().vocabularies[name] for name in vocabularies.KNOWN)
    assert bert.marks == {"[CLS]": 101, "[SEP]": 102} and gpt2.marks == {"<|endoftext|>": 50256}
    assert not {101, 102} & set(bert.ids)
    assert "".join(gpt2.pieces) == vocabularies.TYPED


def test_a_vocabulary_of_this_machine_is_read_instead(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    from core.catalogue import Entry

    entry = Entry(name="someone/gpt2", source="cache", folder=str(own_folder), architecture="", kind="")
    monkeypatch.setattr("core.catalogue.every", lambda: [entry])
    read, live = vocabularies.known()
    assert live == ["someone/gpt2"] and set(read["gpt2"].marks) == {"[CLS]", "[SEP]"}
    assert read["bert-base-uncased"].marks["[CLS]"] == 101


def test_marks_stand_around_each_sentence() -> None:
    rows, lengths = framed([([7, 8], [9]), ([7],)], True, True)
    assert rows.tolist() == [[CLS, 7, 8, SEP, 9, SEP], [CLS, 7, SEP, PAD, PAD, PAD]]
    assert lengths.tolist() == [6, 3]
    assert framed([([7, 8], [9])], False, False)[0].tolist() == [[7, 8, 9]]


def test_one_seed_gives_one_finding(few: None, opened: Open) -> None:
    first, again = (found(opened, "C9", **TINY) for _ in range(2))
    assert (first.measured, first.charts) == (again.measured, again.charts)
    assert first.verdict in ("refuted", "inconclusive")  # two steps teach a tiny net no marks


def test_untrained_weights_have_no_use_for_marks(few: None, opened: Open) -> None:
    measured = found(opened, "C9", control="untrained", **TINY).measured
    assert abs(measured["bert_without_sep"].value) < 0.01  # type: ignore[arg-type]


def test_it_can_be_stopped(few: None, opened: Open) -> None:
    assert stopped(opened, "C9", **TINY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bundled_models(seed: int) -> None:
    assert found(bundled, "C9", seed).verdict in ("supported", "inconclusive")


@pytest.mark.slow
@pytest.mark.parametrize("control", ["untrained", "never-seen"])
def test_the_controls(control: str) -> None:
    assert found(bundled, "C9", control=control, labels=8, repeats=1).verdict == "refuted"
