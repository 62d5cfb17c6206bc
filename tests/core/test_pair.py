"""Minimal pairs: sums by hand, a shared beginning that says exactly nothing, and the word where the sign is settled."""

from __future__ import annotations

import math

import pytest
import torch

from core.errors import UserError
from core.messages import Pairing, Step
from core.models.model import Model
from core.pair import pair
from tests.core.toys import toy

TABLE = torch.log_softmax(torch.randn(10, 10, generator=torch.Generator().manual_seed(3)), dim=-1)
CAUSAL, MASKED = toy("causal", TABLE), toy("masked", TABLE)
START, END, MASK, A, B, C, D, E = 2, 3, 4, 5, 6, 7, 8, 9


def run(good: str, bad: str, **models: Model) -> Pairing:
    return pair(models or {"gpt2": CAUSAL, "bert": MASKED}, good, bad, lambda done, total, note: None)


def said(step: Step) -> tuple[str, str]:
    return step.good.text, step.bad.text


def chain(*ids: int) -> float:
    """log p of tokens, each given the one before."""
    return sum(float(TABLE[left, right]) for left, right in zip((START, *ids), ids, strict=False))


def between(left: int, right: int, token: int) -> float:
    return float(torch.log_softmax(TABLE[left] + TABLE[right], dim=-1)[token])


def test_a_causal_model_sums_its_words_and_a_shared_beginning_is_exactly_nothing() -> None:
    found = run("a b c e", "a b a e", gpt2=CAUSAL)
    one = found.preferences["gpt2"]
    assert one.good == pytest.approx(chain(A, B, C, E), abs=1e-5)
    assert one.bad == pytest.approx(chain(A, B, A, E), abs=1e-5)
    assert one.bits == pytest.approx((one.good - one.bad) / math.log(2), abs=1e-9)
    assert [said(step) for step in found.steps] == [("a", "a"), ("b", "b"), ("c", "a"), ("e", "e")]
    assert [step.sums["gpt2"] for step in found.steps[:2]] == [0.0, 0.0]
    assert [step.same for step in found.steps] == [True, True, False, True]


def test_a_masked_model_hides_every_piece_with_the_later_ones_of_its_word() -> None:
    found = run("a cd", "a e", bert=MASKED).preferences["bert"]
    good = between(START, C, A) + between(A, MASK, C) + between(C, END, D)
    assert found.good == pytest.approx(good, abs=1e-5)
    assert found.bad == pytest.approx(between(START, E, A) + between(A, END, E), abs=1e-5)


def test_steps_add_up_to_the_whole_for_every_model() -> None:
    found = run("a b cd a e", "a e b b cd a")
    for name, one in found.preferences.items():
        apart = math.fsum(step.bad_bits[name] - step.good_bits[name] for step in found.steps)
        assert one.bits == pytest.approx(apart, abs=1e-9) == pytest.approx((one.good - one.bad) / math.log(2), abs=1e-9)
        assert found.steps[-1].sums[name] == one.bits
    assert "".join(step.good.text for step in found.steps) == "abcdae"
    assert "".join(step.bad.text for step in found.steps).replace(" ", "") == "aebbcda"


def test_words_that_only_one_sentence_has_stand_against_nothing() -> None:
    found = run("a b", "a b c e")
    assert [said(step) for step in found.steps] == [("a", "a"), ("b", "b"), ("", "c e")]
    assert found.steps[2].good_bits == {"gpt2": 0.0, "bert": 0.0} and found.steps[2].good.start == 3
    assert found.preferences["gpt2"].prefers == "good" and found.preferences["gpt2"].decided == 2


def decided(found: Pairing, name: str) -> int:
    """By the words of the docstring, told anew: the first step from which on all sums are on the side of the last."""
    sums = [step.sums[name] for step in found.steps]
    return next(at for at in range(len(sums)) if all(later * sums[-1] > 0 for later in sums[at:]))


def test_it_is_decided_where_the_sum_last_takes_its_side() -> None:
    turned = set()
    for good in ("a b c e", "e c b a", "c c e a"):
        for bad in ("b e a a", "a c e b", "e e c b"):
            found = run(good, bad)
            for name, one in found.preferences.items():
                assert one.decided == decided(found, name)
                assert one.prefers == ("good" if one.good > one.bad else "bad")
                turned.add(one.decided)
    assert len(turned) > 2, "some are decided late"


def test_the_same_sentence_twice_is_a_tie_that_nothing_decides() -> None:
    for one in run("a b", "a b").preferences.values():
        assert (one.prefers, one.decided, one.bits) == ("tie", None, 0.0)


def test_models_and_what_they_cannot_read_are_told() -> None:
    found = run("a zebra", "a b")
    assert found.models["bert"].method == "within_word_l2r" and found.models["gpt2"].first_token == "bos"
    assert "gpt2 reads 1 token(s) as unknown, so it cannot tell such words apart." in found.notes


@pytest.mark.parametrize(("good", "bad", "why"), [("", "a", "no word"), ("a " * 20, "a b", "too long")])
def test_what_cannot_be_is_refused(good: str, bad: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        run(good, bad)


def test_progress_reaches_the_end() -> None:
    told: list[tuple[int, int, str]] = []
    pair({"gpt2": CAUSAL, "bert": MASKED}, "a b e", "a c", lambda *one: told.append(one))
    assert told[-1] == (10, 10, "judging with bert")
