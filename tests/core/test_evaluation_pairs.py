"""Minimal pairs, against hand calculation and against plain passes of `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers.normalizers import BertNormalizer

from core.evaluation import pairs
from core.evaluation.items import Pair, Pairs
from core.messages import SetAbout
from core.models.model import Model
from core.text.align import align
from tests.core.evaluating import by_name, finish, logprob, silent, twins
from tests.core.test_evaluation_text import table
from tests.core.toys import toy

SENTENCES = [
    ("The keys to the cabinet are on the table.", "The keys to the cabinet is on the table."),
    ("She doesn't unhappily remember lighthouses.", "She don't unhappily remember lighthouses."),
    ("Who did he see?", "Who did he see the naïve souvenir-keepers, 3.14 of them?"),
]


def asked(*items: tuple[str, str, str]) -> Pairs:
    about = SetAbout(name="it", kind="pairs", path="/it", sha256="0" * 64, items=len(items), taken=len(items))
    return Pairs(about, tuple(Pair(*item) for item in items))


def test_accuracy_by_hand_with_ties_and_paradigms() -> None:
    """The toy prefers later letters: "a b" loses against "a c"; the same sentence twice is a tie."""
    found = finish(
        pairs.plan(
            toy("causal", table()),
            asked(("a c", "a b", "one"), ("a b", "a c", "one"), ("a b", "a b", "two"), ("a  b", "a b", "two")),
        )
    )
    measures = by_name(found.measures)
    assert measures["accuracy"].value == 0.5 and measures["accuracy"].n == 4 and measures["ties"].value == 2
    assert {name: (rate.value, rate.n) for name, rate in found.groups.items()} == {"one": (0.5, 2), "two": (0.5, 2)}
    rate = measures["accuracy"].rate
    assert rate is not None and (rate.low, rate.high) == (
        pytest.approx(0.1500, abs=1e-4),
        pytest.approx(0.8500, abs=1e-4),
    )


def test_a_single_pair_without_a_paradigm() -> None:
    found = finish(pairs.plan(toy("masked", table()), asked(("a c", "a b", ""))))
    assert by_name(found.measures)["accuracy"].n == 1 and found.groups == {} and found.notes == []


@pytest.mark.parametrize("kind", ["causal", "masked"])
def test_a_sentence_that_the_tokenizer_drops_makes_a_tie_and_a_note(kind: Any) -> None:
    model = toy(kind, table())
    model.tokenizer._inner.normalizer = BertNormalizer(lowercase=False)  # which drops control characters
    found = finish(pairs.plan(model, asked(("a b", "\x07", "x"), ("\x07", "a", "x"), ("a c", "a b zebra", "x"))))
    measures = by_name(found.measures)
    assert measures["ties"].value == 2
    dropped, unknown = found.notes
    assert "2 pair(s)" in dropped and "1 token(s)" in unknown


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> dict[str, tuple[Model, Any]]:
    home = tmp_path_factory.mktemp("twins")
    return {family: twins(home, family, own_folder) for family in ("bert", "gpt2")}


def test_log_likelihood_equals_a_plain_loop_over_transformers(pair: dict[str, tuple[Model, Any]]) -> None:
    model, theirs = pair["gpt2"]
    job = pairs.plan(model, asked(*((good, bad, "") for good, bad in SENTENCES)))
    assert job.method == "log-likelihood"
    for texts, row in zip(SENTENCES, job.chunks[0].run(silent), strict=True):
        for sentence, score in zip(texts, row, strict=False):
            ids = model.tokenizer.encode(sentence).ids
            with torch.inference_mode():
                said = theirs(torch.tensor([[model.tokenizer.start, *ids]])).logits[0].log_softmax(-1)
            assert score == pytest.approx(sum(float(said[at, token]) for at, token in enumerate(ids)), abs=1e-4)


def test_pll_word_l2r_equals_a_plain_loop_over_transformers(pair: dict[str, tuple[Model, Any]]) -> None:
    model, theirs = pair["bert"]
    tokenizer = model.tokenizer
    job = pairs.plan(model, asked(*((good, bad, "") for good, bad in SENTENCES)))
    assert job.method == "PLL-word-l2r"
    for texts, row in zip(SENTENCES, job.chunks[0].run(silent), strict=True):
        for sentence, score in zip(texts, row, strict=False):
            tokens = tokenizer.encode(sentence)
            total = 0.0
            for word in align(sentence, {"": tokens}):
                for index in word.tokens[""]:
                    ids = [tokenizer.start, *tokens.ids, tokenizer.end]
                    for later in range(index, word.tokens[""].stop):
                        ids[later + 1] = tokenizer.mask
                    total += logprob(theirs, ids, index + 1, tokens.ids[index])  # type: ignore[arg-type]
            assert score == pytest.approx(total, abs=1e-4)


def test_parts_have_the_numbers_of_the_whole_and_names_of_their_own(
    pair: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = asked(*((good, bad, "x") for good, bad in SENTENCES))
    for model, _ in pair.values():
        (chunk,) = pairs.plan(model, some).chunks
        with monkeypatch.context() as small:
            small.setattr(pairs, "TOGETHER", 1)
            parts = pairs.plan(model, some).chunks
        assert len({part.key() for part in parts}) == 3
        for one, other in zip(chunk.run(silent), [row for part in parts for row in part.run(silent)], strict=True):
            assert one == pytest.approx(other, abs=1e-4)
