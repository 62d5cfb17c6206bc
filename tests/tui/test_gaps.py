"""Differences and gains, rank buckets, and how a word is painted by each."""

from __future__ import annotations

import msgspec
import pytest

from core.errors import UserError
from tests.tui.compared import alone
from tests.tui.fakes import comparison, score
from tui.results import gaps, ranks
from tui.results.painted import legend, rows
from tui.results.painting import apart, paint
from tui.results.shown import Shown


def test_a_difference_is_the_second_model_minus_the_first() -> None:
    gap = gaps.between(comparison("a b c"), ("bert", "lstm"))
    assert (gap.title, list(gap.values), gap.more) == ("LSTM−BERT", [2.0, 2.0, 2.0], "◂")


def test_the_gain_is_what_the_left_alone_costs_more_and_may_be_negative() -> None:
    full = comparison("a b c", ["bert", "gpt2", "bert2"])
    assert gaps.gains(full, alone(full, 2.0)) == {"bert": [2.0] * 3, "bert2": [2.0] * 3}
    assert gaps.gains(full, alone(full, -1.5))["bert"] == [-1.5] * 3
    gap = gaps.gained("bert", [2.0, None, -0.5])
    assert (gap.title, gap.values, gap.more) == ("BERT gain", [2.0, None, -0.5], "▸")


def test_words_that_another_model_joined_are_added_up() -> None:
    fine = comparison("ab cd ef", ["bert"])
    first, second, last = fine.words
    joined = msgspec.structs.replace(first, text="ab cd", end=second.end, joined=True)
    full = msgspec.structs.replace(fine, words=[joined, last])
    left = alone(fine, 3.0)  # bits 3, 4 and 5, where the joined word had 0 and the last 2
    assert gaps.gains(full, left)["bert"] == [7.0, 3.0]


def test_a_word_without_a_score_on_one_side_has_no_gain() -> None:
    full = comparison("a b", ["bert"])
    none = msgspec.structs.replace(full.words[0], scores={"bert": score("bert", "a", None)})
    assert gaps.gains(msgspec.structs.replace(full, words=[none, full.words[1]]), alone(full))["bert"] == [None, 2.0]
    left = msgspec.structs.replace(alone(full), words=[none, alone(full).words[1]])
    assert gaps.gains(full, left)["bert"] == [None, 2.0]


def test_the_left_side_of_another_text_or_model_does_not_belong() -> None:
    full = comparison("a b")
    assert gaps.belongs(alone(full), full)
    assert not gaps.belongs(None, full) and not gaps.belongs(alone(comparison("a c")), full)
    assert not gaps.belongs(full, full) and not gaps.belongs(alone(full), alone(full))
    method = alone(full).models["bert"]
    changed = msgspec.structs.replace(method, identity=msgspec.structs.replace(method.identity, revision="f" * 12))
    assert not gaps.belongs(msgspec.structs.replace(alone(full), models={"bert": changed}), full)


@pytest.mark.parametrize(("rank", "wanted"), [(1, 0), (10, 0), (11, 1), (100, 1), (101, 2), (1000, 2), (1001, 3)])
def test_ranks_fall_into_the_buckets_of_gltr(rank: int, wanted: int) -> None:
    assert ranks.bucket(rank, ranks.DEFAULT) == wanted
    assert paint(score("bert", "a", 3.0, rank=rank), "rank", ranks.DEFAULT)[0] == ranks.GLYPHS[wanted]


def test_thresholds_are_three_rising_ranks() -> None:
    assert ranks.parse(" 5, 50 500 ") == (5, 50, 500)
    for typed in ("", "10 100", "10 10 100", "0 1 2", "a b c", "100 10 1", "1 2 3 4", "-1 2 3", "1 2 99999999"):
        with pytest.raises(UserError):
            ranks.parse(typed)


def test_a_word_is_painted_with_glyph_and_number_or_is_grey() -> None:
    assert paint(score("bert", "a", 5.0), "bits", ranks.DEFAULT) == ("▄", "5.0", "step-3")
    assert paint(score("bert", "a", 5.0), "rank", ranks.DEFAULT) == ("▃", "32", "rank-1")
    assert paint(score("bert", "a", None, mark="outside"), "rank", ranks.DEFAULT) == ("…", "–", "muted")
    assert paint(None, "bits", ranks.DEFAULT) == ("–", "–", "muted")


@pytest.mark.parametrize(
    ("value", "more", "wanted"),
    [(0.4, "◂", ("·", "+0.4", "step-0")), (2.0, "◂", ("◂", "+2.0", "left-1")), (-2.0, "◂", ("▸", "-2.0", "right-1")),
     (5.0, "▸", ("▶", "+5.0", "right-2")), (-5.0, "▸", ("◀", "-5.0", "left-2")), (None, "▸", ("–", "–", "muted"))],
)  # fmt: skip
def test_a_difference_points_to_one_side(value: float | None, more: str, wanted: tuple[str, str, str]) -> None:
    assert apart(value, more) == wanted


def test_there_is_a_row_a_model_or_one_for_the_difference() -> None:
    one = comparison("a b")
    shown = Shown(one, ("bert", "gpt2"), range(2), gaps.between(one, ("bert", "gpt2")), colour="difference")
    assert [(row.name, row.paint(0).number) for row in rows(shown)] == [("GPT-2−BERT", "+1.0")]
    assert "◀▶" in legend(shown)
    plain = Shown(one, ("bert", "gpt2"), range(2), colour="difference")
    assert [(row.name, row.paint(1).number) for row in rows(plain)] == [("BERT", "1.0"), ("GPT-2", "2.0")]
    by_rank = Shown(one, ("bert",), range(2), colour="rank", limits=(5, 6, 7))
    assert legend(by_rank) == "rank: ▁ ≤5 ▃ ≤6 ▅ ≤7 ▇ >7"
