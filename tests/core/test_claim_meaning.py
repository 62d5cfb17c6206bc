"""C5: the vector of a word, and what moves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.claims.meaning import NAMES, decide
from core.experiments.senses import BEGINNING, WORDS
from core.messages import Number
from tests.core.experimenting import Open, bundled, found, number, stopped, toys

TINY = {"steps": 2, "words": 2}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> Open:
    return toys(tmp_path_factory.mktemp("meaning"), own_folder)


def _measured(**changes: Number) -> dict[str, Number]:
    """BERT follows meaning, nobody else does anything."""
    nets = ("bert", "gpt2", *NAMES)
    still = {
        f"{net}_{what}": number(0) for net in nets for what in ("before_gap", "after_gap", "after_move", "after_worst")
    }
    return still | {"bert_before_gap": number(0.02, 0.01, 0.03)} | changes


def test_what_the_rule_says() -> None:
    clear, unclear = number(0.02, 0.01, 0.03), number(0.003, -0.001, 0.007)
    assert decide(_measured()).verdict == "supported"
    assert decide(_measured(lstm_before_gap=clear)).verdict == "refuted"
    assert decide(_measured(bilstm_after_gap=clear)).verdict == "refuted"
    assert decide(_measured(lstm_before_gap=unclear)).verdict == "inconclusive"
    assert decide(_measured(bilstm_after_move=clear)).verdict == "inconclusive"
    assert decide(_measured(bert_before_gap=unclear)).verdict == "inconclusive"


def test_the_sentences_hold_their_word_once() -> None:
    for word in WORDS:
        for sense in word.senses:
            lines = [f"{left} {word.word}" for left in sense.before]
            lines += [f"{BEGINNING} {word.word} {right}" for right in sense.after]
            assert all(line.split().count(word.word) == 1 for line in lines)


def test_a_word_that_was_read_moves_only_where_the_net_reads_on(opened: Open) -> None:
    finding = found(opened, "C5", **TINY)
    measured = finding.measured
    for net in ("gpt2", "lstm", "static"):
        assert measured[f"{net}_after_worst"].value < 1e-5  # type: ignore[operator]
    for net in ("bert", "bilstm"):
        assert measured[f"{net}_after_move"].low > 1e-4  # type: ignore[operator]
    for net in ("bert", "gpt2", "lstm", "bilstm"):
        assert measured[f"{net}_before_move"].low > 1e-4  # type: ignore[operator]
    assert measured["static_before_move"].value == measured["static_before_gap"].value == 0
    unfolding = finding.charts[0]
    assert all(line.y[0] == 1 and line.low and line.high for line in unfolding.lines)


def test_one_seed_gives_one_finding(opened: Open) -> None:
    first, again = (found(opened, "C5", **TINY) for _ in range(2))
    assert (first.measured, first.charts) == (again.measured, again.charts)


def test_with_a_table_in_their_place_the_others_do_not_move(opened: Open) -> None:
    measured = found(opened, "C5", words=2, steps=0, control="static").measured
    assert all(measured[f"{net}_{what}"].value == 0 for net in ("lstm", "gpt2", "bilstm")
               for what in ("before_move", "after_move", "before_gap", "after_gap"))  # fmt: skip


def test_it_can_be_stopped(opened: Open) -> None:
    assert stopped(opened, "C5", steps=5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bundled_models_and_the_controls(seed: int) -> None:
    assert found(bundled, "C5", seed).verdict == "refuted"
    assert found(bundled, "C5", seed, control="untrained").verdict == "inconclusive"
    assert found(bundled, "C5", seed, control="static", steps=0).verdict == "supported"
