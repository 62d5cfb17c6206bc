"""What masks can be misread as: several at once as one answer, and a word in view as a word that was predicted."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
import tokenizers
import torch

from core import passages
from core.catalogue import resolve
from core.compare import compare
from core.messages import Compared, Rescored, Rescoring, decode_event, encode
from core.models.load import load
from core.models.model import Model
from core.predict import SEVERAL, predict
from core.rescore import rescore
from core.text.roles import Roles
from core.text.tokens import Tokenizer
from tests.core.test_score import uneven
from tests.core.toys import toy, toy_tokenizer


def quiet(done: int, total: int, note: str) -> None:
    pass


@pytest.fixture(scope="module")
def bert() -> Model:
    """The bundled BERT."""
    return load(resolve("bert"), torch.device("cpu"))


def test_several_masks_are_answered_one_by_one_and_it_is_said() -> None:
    """D2, D8: the product of what stands at each mask is not the probability of the words together."""
    model = toy("masked", uneven())
    found = predict(model, "a [MASK] [MASK] e", 10)
    assert len(found.slots) == 2 and SEVERAL in found.notes
    assert SEVERAL not in predict(model, "a [MASK] e", 10).notes
    assert SEVERAL not in predict(toy("causal", uneven()), "a [MASK] [MASK] e", 10).notes


def test_and_the_product_is_another_number_than_the_chain(bert: Model) -> None:
    """D8: with one mask filled in, the other's distribution changes; so the product cannot be the joint."""
    both = predict(bert, "The [MASK] [MASK] on the table.", 5).slots
    filled = predict(bert, f"The{both[0].top[0].text} [MASK] on the table.", 600).slots[0].top
    again = {one.token_id: one.logprob for one in filled}
    assert any(abs(again.get(one.token_id, -99.0) - one.logprob) > 0.1 for one in both[1].top)


@torch.inference_mode()
def open_to_view(model: Model, ids: list[int]) -> torch.Tensor:
    """Log-probabilities (N, vocabulary) at every token with nothing hidden."""
    start, end = model.tokenizer.start, model.tokenizer.end
    assert start is not None and end is not None
    places = torch.arange(1, len(ids) + 1)
    rows = torch.zeros(len(ids), dtype=torch.long)
    return model.net.read(torch.tensor([[start, *ids, end]]), None, rows, places).log_softmax(-1)


def test_a_masked_model_that_sees_a_word_is_no_perfect_copier_and_is_never_scored_so(bert: Model) -> None:
    """D10: what stands unmasked is mostly, and not always, said again. Compare's bits are those of hidden words."""
    right, seen, apart = 0, 0, []
    for passage in passages.every()[:6]:
        text = " ".join(passage.text.split()[:30])
        ids = bert.tokenizer.encode(text).ids
        view = open_to_view(bert, ids)
        right += int((view.argmax(-1) == torch.tensor(ids)).sum())
        seen += len(ids)
        scored = compare({"bert": bert}, text, 0, "original", "bos", quiet)
        hidden = sum(word.scores["bert"].surprisal_bits or 0.0 for word in scored.words)
        shown = -float(view.gather(1, torch.tensor(ids)[:, None]).sum()) / math.log(2)
        apart.append(abs(hidden - shown))
    assert 0 < right < seen, "it is no perfect copy"
    assert min(apart) > 1, "nor is the copy what is scored"


@pytest.mark.parametrize("pll", ["original", "within_word_l2r", "whole_word", "left_only", "left_masked"])
def test_nothing_is_read_where_nothing_was_hidden(pll: Any) -> None:
    """A8, D10."""
    model = toy("masked", uneven())
    compare({"it": model}, "a cd b " * 12, 2, pll, "bos", quiet)
    net: Any = model.net
    assert net.asked and all(ids[column] == 4 for ids, column in net.asked)


def uncased(candidates: list[str], text: str = "a b e") -> Rescoring:
    """Re-scored by a model that reads B as b, and by one that knows no B."""
    inner = toy_tokenizer()._inner
    inner.normalizer = tokenizers.normalizers.Lowercase()
    models = {
        "low": replace(toy("masked", uneven()), tokenizer=Tokenizer(inner, Roles(2, 3, 4, 1, 0))),
        "cased": toy("causal", uneven()),
    }
    return rescore(models, text, 2, 3, candidates, quiet)


def test_candidates_that_are_one_to_a_model_have_one_share_in_equal_parts_and_it_is_said() -> None:
    """D6: counted twice, what an uncased model cannot tell apart would take share from everything else."""
    twice, once = uncased(["b", "B", "c"]), uncased(["b", "c"])
    first, second, other = twice.scores["low"]
    alone, beside = once.scores["low"]
    assert first == second and first.logprob == alone.logprob
    assert first.share is not None and second.share is not None
    assert first.share + second.share == pytest.approx(alone.share) and other.share == pytest.approx(beside.share)
    assert twice.notes == ["low reads b, B as the same tokens: each has an equal part of one share."]
    assert once.notes == [] and [one.mark for one in twice.scores["cased"]] == ["", "unknown", ""]


def test_words_that_a_model_does_not_know_are_not_said_to_share() -> None:
    assert uncased(["zebra", "yak", "b"]).notes == []


def test_the_alike_travel_with_their_notes() -> None:
    found = uncased(["b", "B", "c"])
    assert all(math.fsum(one.share or 0.0 for one in column) == pytest.approx(1) for column in found.scores.values())
    again = decode_event(encode(Rescored(id=1, rescoring=found)))
    assert isinstance(again, Rescored) and again.rescoring.notes == found.notes


def test_an_answer_says_how_each_number_was_made() -> None:
    """A2, D8: a sum of a masked model is a pseudo-log-likelihood by name, whatever the method."""
    models = {"masked": toy("masked", uneven()), "causal": toy("causal", uneven())}
    for pll, first in itertools.product(("original", "left_only"), ("bos", "skip")):
        found = compare(models, "a b", 2, pll, first, quiet)  # type: ignore[arg-type]
        assert (found.models["masked"].method, found.models["masked"].first_token) == (pll, "none")
        assert (found.models["causal"].method, found.models["causal"].first_token) == ("surprisal", first)
        assert b'"surprisal_bits":0.0' not in encode(Compared(id=1, comparison=found))
