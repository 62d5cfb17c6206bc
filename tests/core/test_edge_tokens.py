"""Tokens of an unusual tokenizer: a word was added to it, or it puts a start token before every text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import processors

from core.compare import compare
from core.messages import Comparison
from core.models.model import Model
from core.predict import predict
from core.scoring import causal, masked
from core.scoring.masked import Pieces
from core.scoring.tokens import bits
from core.text.align import align
from core.text.roles import Roles
from core.text.tokens import Tokenizer, Tokens
from core.text.words import cut
from tests.core.test_align import check
from tests.core.test_score import uneven
from tests.core.toys import toy, toy_tokenizer

ADDED = ("Berlin", "cat", "naïve", "...")
TEXTS = (
    "I love Berlin, Berliner and concatenated cats",
    "Berlin",
    " Berlin naïve  catcat\n",
    "(Berlin) well... so....... cat",
    "💩Berlin💩 the naïvety of cats",
)


@pytest.fixture(scope="module", params=["bert", "gpt2"])
def grown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, bert_folder: Path, gpt2_folder: Path
) -> tuple[Tokenizer, Any]:
    """A real tokenizer, saved with words added to it, as the lab opens it and as `transformers` does."""
    from transformers import BertTokenizerFast, GPT2TokenizerFast

    made: dict[str, tuple[Any, Path]] = {
        "bert": (BertTokenizerFast, bert_folder), "gpt2": (GPT2TokenizerFast, gpt2_folder),
    }  # fmt: skip
    kind, source = made[request.param]
    theirs: Any = kind.from_pretrained(source)
    theirs.add_tokens(list(ADDED))
    folder = tmp_path_factory.mktemp("grown")
    theirs.save_pretrained(folder)
    return Tokenizer.load(folder), theirs


@pytest.mark.parametrize("text", TEXTS)
def test_added_words_cut_their_neighbours_as_in_transformers_and_spans_stay_true(
    grown: tuple[Tokenizer, Any], gpt2_tokenizer: Tokenizer, text: str
) -> None:
    """B7: `add_tokens` changes how the words beside it are split, and once shifted the offsets by one."""
    ours, theirs = grown
    tokens = ours.encode(text)
    assert tokens.ids == theirs(text, add_special_tokens=False).input_ids
    for token, (start, end) in zip(tokens.ids, tokens.spans, strict=True):
        if ours.show(token) in ADDED:
            assert text[start:end].casefold() == ours.show(token).casefold()
    assert any(ours.show(token) in ADDED for token in tokens.ids)
    for encodings in ({"it": tokens}, {"it": tokens, "plain": gpt2_tokenizer.encode(text)}):
        check(text, encodings)


def test_an_added_word_changes_the_pieces_and_not_the_words(grown: tuple[Tokenizer, Any]) -> None:
    ours, _ = grown
    text = "a concatenated cat"
    tokens = ours.encode(text)
    groups = align(text, {"it": tokens})
    assert [text[group.start : group.end] for group in groups] == ["a", "concatenated", "cat"]
    assert len(groups[1].tokens["it"]) >= 3
    # An added token is looked for within words, so that it stands in the middle of one.
    assert "cat" in [ours.show(tokens.ids[at]).strip() for at in groups[1].tokens["it"]]


def framed(folder: Path, to: Path, start: str) -> Tokenizer:
    """The tokenizer of `folder`, saved with a post-processor that puts `start` before every text."""
    shutil.copytree(folder, to)
    inner = tokenizers.Tokenizer.from_file(str(to / "tokenizer.json"))
    number = inner.token_to_id(start)
    inner.post_processor = processors.TemplateProcessing(f"{start} {start} $A", None, [(start, number)])
    inner.save(str(to / "tokenizer.json"))
    return Tokenizer.load(to)


@pytest.mark.parametrize("text", ["The keys, to the cabinet", " x", "💩💩 naïve", "[CLS] twice [CLS]"])
def test_a_start_token_on_one_side_alone_shifts_nothing(
    own_folder: Path, tmp_path: Path, own_tokenizer: Tokenizer, bert_tokenizer: Tokenizer, text: str
) -> None:
    """J3, A5: models disagree on whether a start token stands before a text; alignment by strings never recovered."""
    other = framed(own_folder, tmp_path / "framed", "[CLS]")
    assert other.encode(text) == own_tokenizer.encode(text)
    assert other.start not in other.encode(text).ids
    encodings = {"plain": own_tokenizer.encode(text), "framed": other.encode(text), "bert": bert_tokenizer.encode(text)}
    groups = check(text, encodings)
    assert [(group.start, group.end) for group in groups] == [
        (group.start, group.end) for group in align(text, {"plain": encodings["plain"], "bert": encodings["bert"]})
    ]
    assert all(group.tokens["plain"] == group.tokens["framed"] for group in groups)


def test_a_token_that_stands_for_no_character_joins_no_words() -> None:
    """J3: a tokenizer may put in a token of its own (a lone ▁) that has no place in the text."""
    text = "one two"
    plain = Tokens([1, 2], cut(text), [False, False])
    own = Tokens([9, 1, 2], [cut(text)[0]._replace(end=0), *cut(text)], [False] * 3)
    groups = check(text, {"plain": plain, "own": own})
    assert [group.tokens["own"] for group in groups] == [range(0, 2), range(2, 3)]
    assert not any(group.joined for group in groups)


def starting() -> Tokenizer:
    """The toy's tokenizer, whose library puts the start token before every text."""
    inner = toy_tokenizer()._inner
    inner.post_processor = processors.TemplateProcessing("[CLS] $A", None, [("[CLS]", 2)])
    return Tokenizer(tokenizers.Tokenizer.from_str(inner.to_str()), Roles(2, 3, 4, 1, 0))


def run(models: dict[str, Model], text: str) -> Comparison:
    return compare(models, text, 3, "within_word_l2r", "bos", lambda done, total, note: None)


def test_a_masked_and_a_causal_model_are_given_their_start_token_once() -> None:
    """A5, A9, J3: one on one side, two on the other; neither is scored, and the sums are those of the tokens."""
    models = {"masked": toy("masked", uneven()), "causal": toy("causal", uneven())}
    models = {name: replace(model, tokenizer=starting()) for name, model in models.items()}
    text = "a cd b"
    found = run(models, text)
    ids = [5, 7, 8, 6]
    assert [word.scores["causal"].pieces for word in found.words] == [["a"], ["c", "##d"], ["b"]]
    expected: dict[str, Sequence[float | None]] = {
        "causal": causal.logprobs(models["causal"], [ids])[0],
        "masked": masked.logprobs(models["masked"], [Pieces(ids, [range(0, 1), range(1, 3), range(3, 4)])])[0],
    }
    for name, nats in expected.items():
        said = sum(word.scores[name].surprisal_bits or 0.0 for word in found.words)
        assert said == pytest.approx(bits(sum(value or 0.0 for value in nats)), abs=1e-4)
    net: Any = models["masked"].net
    assert all(read.count(2) == 1 and read[0] == 2 for read, _ in net.asked)


@pytest.mark.parametrize("kind", ["masked", "causal"])
def test_a_pad_token_that_ends_texts_too_is_left_in_the_distribution(kind: Any) -> None:
    """A7, E9: where pad = eos, programs took the end out of the softmax, or read padding as text."""
    usual = toy(kind, uneven())
    both = replace(usual, tokenizer=Tokenizer(toy_tokenizer()._inner, Roles(2, 3, 4, 1, 3)))
    (slot,) = predict(both, "a b [MASK]", 10).slots
    assert 3 in {one.token_id for one in slot.top}
    assert sum(one.prob for one in slot.top) == pytest.approx(1, abs=1e-5)
    for text in ("a b cd e " * 5, "a"):
        assert run({"it": both}, text).words == run({"it": usual}, text).words


def test_the_saved_post_processor_is_there_and_ignored(own_folder: Path, tmp_path: Path) -> None:
    """So that the tests above can fail: the files do ask for start tokens."""
    framed(own_folder, tmp_path / "framed", "[CLS]")
    saved = json.loads((tmp_path / "framed" / "tokenizer.json").read_text())
    assert saved["post_processor"]["type"] == "TemplateProcessing"
    inner = tokenizers.Tokenizer.from_file(str(tmp_path / "framed" / "tokenizer.json"))
    assert inner.encode("a").ids[:2] == [2, 2]
