"""Cloze facts, against hand calculation and against plain passes of `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers.normalizers import BertNormalizer

from core.evaluation import cloze
from core.evaluation.items import Fact, Facts
from core.messages import SetAbout
from core.models.model import Model
from core.scoring.masked import AHEAD
from tests.core.evaluating import by_name, finish, logprob, silent, twins
from tests.core.test_evaluation_text import table
from tests.core.toys import toy


def asked(*facts: Fact) -> Facts:
    about = SetAbout(name="it", kind="cloze", path="/it", sha256="0" * 64, items=len(facts), taken=len(facts))
    return Facts(about, facts)


def test_a_causal_model_by_hand() -> None:
    """The toy's row after "a" rises with the token: e is its 1st choice, ##d its 2nd, c its 3rd, b its 4th."""
    facts = asked(
        Fact("a ", "c", "", "x", ("c", "b")),
        Fact("a ", "b", "", "x", ("b", "c", "e")),
        Fact("a ", "cd", "", "y", ("cd",)),
    )
    found = finish(cloze.plan(toy("causal", table()), facts))
    measures = by_name(found.measures)
    assert measures["choice_accuracy"].value == 0.5 and measures["choice_accuracy"].n == 2
    assert {name: (rate.value, rate.n) for name, rate in found.groups.items()} == {"x": (0.5, 2)}
    assert measures["left_median_rank_single"].value == 3.5 and measures["left_median_rank_single"].n == 2
    assert measures["left_top1_single"].value == 0 and measures["left_top10_single"].value == 1
    # "cd" is c ##d: c is the 3rd after a, and ##d the 2nd after c; the worst piece counts.
    assert measures["left_median_rank_multi"].value == 3 and measures["left_median_rank_multi"].n == 1
    assert not any(name.startswith("both") for name in measures)


def test_the_first_token_of_a_model_without_a_start_is_not_asked() -> None:
    model = toy("causal", table())
    model.tokenizer.start = None
    measures = by_name(finish(cloze.plan(model, asked(Fact("", "a", " b", "", ("a",))))).measures)
    assert measures["left_top1_single"].n == 0 and measures["left_top1_single"].value is None
    assert "choice_accuracy" not in measures


def test_an_answer_that_the_tokenizer_drops_is_told() -> None:
    model = toy("masked", table())
    model.tokenizer._inner.normalizer = BertNormalizer(lowercase=False)  # which drops control characters
    found = finish(
        cloze.plan(model, asked(Fact("a ", "\x07", " b", "x", ("\x07", "c")), Fact("a ", "z", "", "x", ("z",))))
    )
    assert [name for note in found.notes for name in ("drops", "unknown") if name in note] == ["drops", "unknown"]
    assert by_name(found.measures)["both_top1_single"].n == 1


def test_equal_choices_share_the_credit() -> None:
    assert cloze._credit([-1.0, -1.0, -2.0]) == 0.5 and cloze._credit([-1.0, -0.5]) == 0
    assert cloze._credit([-1.0, -1.00001]) == 0.5 and cloze._credit([-1.0]) == -1


FACTS = (
    Fact("The capital of the island is ", "Gaborone", ", she says.", "capital", ("Gaborone", "the sea", "Rome")),
    Fact("A person from the sea is ", "old", ".", "kind", ("old", "naïve", "Gaborone")),
    Fact("", "She", " walks along.", "who", ("She", "They")),
    Fact("They look at ", "lighthouses", "", "what", ("lighthouses", "it")),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> dict[str, tuple[Model, Any]]:
    home = tmp_path_factory.mktemp("twins")
    return {family: twins(home, family, own_folder) for family in ("bert", "gpt2")}


def pieces_of(model: Model, fact: Fact, word: str) -> tuple[list[int], range]:
    """The ids of a sentence and which of them are the word's, found by the characters left and right of it."""
    ids = model.tokenizer.encode(fact.left + word + fact.right).ids
    before = len(model.tokenizer.encode(fact.left.rstrip()).ids)
    return ids, range(before, len(ids) - len(model.tokenizer.encode(fact.right).ids))


def rank(theirs: Any, ids: list[int], place: int, token: int) -> int:
    with torch.inference_mode():
        logits = theirs(torch.tensor([ids])).logits[0, place]
    return int((logits > logits[token]).sum()) + 1


def test_a_masked_model_equals_a_plain_loop_over_transformers(pair: dict[str, tuple[Model, Any]]) -> None:
    model, theirs = pair["bert"]
    tokenizer = model.tokenizer
    start, end, mask = (int(token or 0) for token in (tokenizer.start, tokenizer.end, tokenizer.mask))
    rows = cloze.plan(model, asked(*FACTS)).chunks[0].run(silent)
    for fact, row in zip(FACTS, rows, strict=True):
        scores, left, both = [], [], []
        for word in fact.choices:
            ids, pieces = pieces_of(model, fact, word)
            total = 0.0
            for index in pieces:
                whole = [start, *ids[:index], *[mask] * (pieces.stop - index), *ids[pieces.stop :], end]
                cut = [start, *ids[:index], *[mask] * (pieces.stop - index + AHEAD), end]
                total += logprob(theirs, whole, index + 1, ids[index])
                if word == fact.answer:
                    both.append(rank(theirs, whole, index + 1, ids[index]))
                    left.append(rank(theirs, cut, index + 1, ids[index]))
            scores.append(total)
        assert row[:3] == [len(both), max(left), max(both)]
        assert row[3] == float(scores[0] == max(scores)) and row[4] == len(fact.choices)


def test_a_causal_model_equals_a_plain_loop_over_transformers(pair: dict[str, tuple[Model, Any]]) -> None:
    model, theirs = pair["gpt2"]
    start = int(model.tokenizer.start or 0)
    rows = cloze.plan(model, asked(*FACTS)).chunks[0].run(silent)
    for fact, row in zip(FACTS, rows, strict=True):
        scores = []
        for word in fact.choices:
            ids = model.tokenizer.encode(fact.left + word + fact.right).ids
            scores.append(sum(logprob(theirs, [start, *ids], at, token) for at, token in enumerate(ids)))
        ids, pieces = pieces_of(model, fact, fact.answer)
        ranks = [rank(theirs, [start, *ids], index, ids[index]) for index in pieces]
        assert row[:4] == [len(pieces), max(ranks), 0, float(scores[0] == max(scores))]


def test_progress_goes_up_to_the_end_in_one_count(pair: dict[str, tuple[Model, Any]]) -> None:
    for model, _ in pair.values():
        told: list[tuple[int, int]] = []
        cloze.plan(model, asked(*FACTS)).chunks[0].run(lambda done, total, told=told: told.append((done, total)))
        assert len({total for _, total in told}) == 1 and told[-1][0] == told[-1][1]
        assert [done for done, _ in told] == sorted(done for done, _ in told)
