"""Candidates that a person types or asks for: split, unknown, written in two ways, odd, or too many."""

from __future__ import annotations

import math

import pytest
import torch

from core.messages import Rescoring
from core.models.model import Model
from core.predict import candidates, predict
from core.rescore import rescore
from tests.core.test_score import uneven
from tests.core.toys import toy


def among(words: list[str], text: str = "a b e", start: int = 2, end: int = 3) -> Rescoring:
    models: dict[str, Model] = {"gpt2": toy("causal", uneven()), "bert": toy("masked", uneven())}
    return rescore(models, text, start, end, words, lambda done, total, note: None)


def test_a_candidate_of_several_pieces_is_scored_whole_not_by_its_first() -> None:
    found = among(["cd", "c"])
    for column in found.scores.values():
        assert column[0].logprob is not None and column[1].logprob is not None
        assert column[0].logprob != pytest.approx(column[1].logprob, abs=1e-3)


def test_what_only_the_case_or_white_space_tells_apart_is_kept_as_it_was_typed() -> None:
    assert among([" b ", "b", "B", "b\t", "", "  "]).candidates == ["b", "B"]


@pytest.mark.parametrize("odd", ["C++", "(a", "a.b", "[x]", "*y?", "$1", "\\", "^", "a|b"])
def test_no_candidate_is_taken_for_a_pattern(odd: str) -> None:
    found = among([odd, "b"])
    assert found.candidates == [odd, "b"] and {column[1].mark for column in found.scores.values()} == {""}


def test_more_candidates_than_the_vocabulary_has_are_all_of_it() -> None:
    (slot,) = predict(toy("masked", uneven()), "a [MASK] e", 1000).slots
    assert sorted(one.token_id for one in slot.top) == list(range(10))
    assert sum(one.prob for one in slot.top) == pytest.approx(1, abs=1e-5)


def test_a_candidate_has_its_probability_and_the_natural_logarithm_of_it() -> None:
    logprobs = torch.log_softmax(torch.tensor([3.0, 1.0, 2.0, *[0.0] * 7]), dim=-1)
    found = candidates(logprobs, toy("masked", uneven()).tokenizer, 3)
    assert [one.token_id for one in found] == [0, 2, 1]
    assert all(math.log(one.prob) == pytest.approx(one.logprob, abs=1e-6) for one in found)
