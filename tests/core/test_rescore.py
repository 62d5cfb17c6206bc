"""Candidates in one place, under every model: equal to scoring each whole text by hand, and shares that add up."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from core.errors import UserError
from core.messages import Rescoring
from core.models.model import Model
from core.rescore import rescore
from tests.core.toys import toy

TABLE = torch.log_softmax(torch.randn(10, 10, generator=torch.Generator().manual_seed(3)), dim=-1)
CAUSAL, MASKED = toy("causal", TABLE), toy("masked", TABLE)
A, B, C, D, E = 5, 6, 7, 8, 9


def run(models: dict[str, Model], text: str, start: int, end: int, words: list[str], **more: Any) -> Rescoring:
    return rescore(models, text, start, end, words, more.get("progress", lambda done, total, note: None))


def test_a_causal_model_uses_what_stands_to_the_right() -> None:
    found = run({"gpt2": CAUSAL}, "a b e", 2, 3, ["b", "c"]).scores["gpt2"]
    for one, word in zip(found, (B, C), strict=True):
        by_hand = float(TABLE[2, A] + TABLE[A, word] + TABLE[word, E])  # 2: the start token
        assert one.logprob == pytest.approx(by_hand, abs=1e-5)


def test_a_masked_model_hides_every_token_in_turn() -> None:
    found = run({"bert": MASKED}, "a b e", 2, 3, ["b", "c"]).scores["bert"]

    def log_p(left: int, right: int, token: int) -> float:
        return float(torch.log_softmax(TABLE[left] + TABLE[right], dim=-1)[token])

    for one, word in zip(found, (B, C), strict=True):
        by_hand = log_p(2, word, A) + log_p(A, E, word) + log_p(word, 3, E)
        assert one.logprob == pytest.approx(by_hand, abs=1e-5)


def test_pieces_of_a_candidate_hide_together() -> None:
    found = run({"bert": MASKED}, "a b e", 2, 3, ["cd", "b"]).scores["bert"][0]

    def log_p(left: int, right: int, token: int) -> float:
        return float(torch.log_softmax(TABLE[left] + TABLE[right], dim=-1)[token])

    mask = 4
    by_hand = log_p(2, C, A) + log_p(A, mask, C) + log_p(C, E, D) + log_p(D, 3, E)
    assert found.logprob == pytest.approx(by_hand, abs=1e-5)


def test_shares_are_those_of_the_log_probabilities_and_add_up() -> None:
    found = run({"gpt2": CAUSAL, "bert": MASKED}, "a b e", 2, 3, ["a", "b", "c", "e"])
    assert found.candidates == ["a", "b", "c", "e"]
    for column in found.scores.values():
        assert math.fsum(one.share or 0 for one in column) == pytest.approx(1.0)
        first, second = column[0], column[1]
        assert first.share and second.share and first.logprob is not None and second.logprob is not None
        assert math.log(first.share / second.share) == pytest.approx(first.logprob - second.logprob, abs=1e-9)


def test_a_word_that_the_tokenizer_does_not_know_has_no_score_and_takes_no_share() -> None:
    known, unknown, other = run({"gpt2": CAUSAL}, "a b e", 2, 3, ["b", "zebra", "c"]).scores["gpt2"]
    assert (unknown.logprob, unknown.share, unknown.mark) == (None, None, "unknown")
    assert known.share and other.share and known.share + other.share == pytest.approx(1.0)


def test_the_method_is_said() -> None:
    found = run({"gpt2": CAUSAL, "bert": MASKED}, "a b", 0, 1, [" a ", "b", "a"])
    assert found.candidates == ["a", "b"]
    assert found.models["bert"].method == "within_word_l2r" and found.models["gpt2"].first_token == "bos"


@pytest.mark.parametrize(
    ("text", "start", "end", "words", "said"),
    [
        ("a b", 0, 1, ["a", " a "], "1 candidates"),
        ("a b", 0, 1, [f"w{n}" for n in range(51)], "51 candidates"),
        ("a b", 2, 2, ["a", "b"], "no place"),
        ("a b", 2, 9, ["a", "b"], "no place"),
        ("a " * 20, 0, 1, ["a", "b"], "too long"),
    ],
)
def test_what_cannot_be_is_refused(text: str, start: int, end: int, words: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        run({"gpt2": CAUSAL, "bert": MASKED}, text, start, end, words)


def test_progress_reaches_the_end() -> None:
    seen: list[tuple[int, int, str]] = []
    run({"gpt2": CAUSAL, "bert": MASKED}, "a b e", 2, 3, ["b", "c"], progress=lambda *told: seen.append(told))
    assert seen[-1][0] == seen[-1][1] == 12 and seen[-1][2] == "re-scoring with bert"
