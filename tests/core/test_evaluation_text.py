"""Numbers on held-out text, against hand calculation and against plain passes of `transformers`."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.errors import UserError
from core.evaluation import text
from core.evaluation.items import Text
from core.messages import SetAbout
from core.models.model import Model
from tests.core.evaluating import by_name, finish, logprob, silent, twins
from tests.core.toys import toy

LONG = "The old lighthouse keeper walks along the shore, and she doesn't look back at the sea. " * 12


def asked(content: str) -> Text:
    about = SetAbout(name="it", kind="text", path="/it.txt", sha256="0" * 64, items=len(content), taken=len(content))
    return Text(about, content)


def table() -> Tensor:
    """Log-probabilities with rows that differ, exactly normalised."""
    weights = torch.arange(1.0, 101.0).view(10, 10) ** 1.5
    return (weights / weights.sum(-1, keepdim=True)).log()


@pytest.mark.parametrize("context", [4, 7, 16, 100])
def test_every_token_is_scored_once_whatever_the_window(context: int) -> None:
    """The toy looks one token back, so that no window changes a score: a b c a b c … after [CLS]."""
    content = "a b c " * 20
    ids = [2] + [5, 6, 7] * 20
    nats = -sum(float(table()[left, token]) for left, token in pairwise(ids))
    found = by_name(finish(text.plan(toy("causal", table(), context), asked(content), 1)).measures)
    assert found["nats"].n == 60 and found["nats"].value == pytest.approx(nats / 60, abs=1e-5)
    assert found["bits_per_character"].n == 120
    assert found["bits_per_character"].value == pytest.approx(nats / math.log(2) / 120, abs=1e-5)
    assert found["perplexity"].value == pytest.approx(math.exp(nats / 60), rel=1e-5)
    assert found["top1"].rate is not None and found["top1"].rate.n == 60


def test_without_a_start_token_the_first_token_and_its_characters_are_left_out() -> None:
    model = toy("causal", table())
    model.tokenizer.start = None
    found = by_name(finish(text.plan(model, asked("a b c"), 1)).measures)
    nats = -float(table()[5, 6] + table()[6, 7])
    assert found["nats"].n == 2 and found["nats"].value == pytest.approx(nats / 2, abs=1e-5)
    assert found["bits_per_character"].n == 4
    assert found["bits_per_character"].value == pytest.approx(nats / math.log(2) / 4, abs=1e-5)


def test_one_mask_by_hand() -> None:
    """The middle of three is read from its neighbours; every token is drawn, for there are only three."""
    found = by_name(finish(text.plan(toy("masked", table()), asked("a b a"), 1)).measures)
    rows = [(2, 6, 5), (5, 5, 6), (6, 3, 5)]
    nats = -sum(float((table()[left] + table()[right]).log_softmax(-1)[token]) for left, right, token in rows)
    assert found["single_mask_nats"].n == 3
    assert found["single_mask_nats"].value == pytest.approx(nats / 3, abs=1e-5)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> dict[str, tuple[Model, Any]]:
    home = tmp_path_factory.mktemp("twins")
    return {family: twins(home, family, own_folder) for family in ("bert", "gpt2")}


def test_causal_numbers_equal_a_plain_loop_over_transformers(pair: dict[str, tuple[Model, Any]]) -> None:
    model, theirs = pair["gpt2"]
    ids = model.tokenizer.encode(LONG).ids
    start, context = model.tokenizer.start, model.identity.context
    assert start is not None and len(ids) > 2 * context
    space = context - 1
    stride = space // 2
    values, done = [], 0
    while done < len(ids):
        first = 0 if done == 0 else min(done - (space - stride), len(ids) - space)
        window = ids[first : first + space]
        with torch.inference_mode():
            said = theirs(torch.tensor([[start, *window]])).logits[0].log_softmax(-1)
        values += [float(said[index - first, ids[index]]) for index in range(done, first + len(window))]
        done = first + len(window)
    job = text.plan(model, asked(LONG), 1)
    found = by_name(finish(job).measures)
    assert f"windows of {context} tokens, stride {stride}" in job.method
    assert found["nats"].n == len(ids) == len(values)
    assert found["nats"].value == pytest.approx(-sum(values) / len(values), abs=1e-4)
    assert found["bits_per_character"].value == pytest.approx(-sum(values) / math.log(2) / len(LONG), abs=1e-4)


def test_masked_numbers_equal_a_plain_loop_over_transformers(pair: dict[str, tuple[Model, Any]]) -> None:
    model, theirs = pair["bert"]
    job = text.plan(model, asked(LONG), 1)
    found = by_name(finish(job).measures)
    many, single = [], []
    for chunk in job.chunks:
        assert isinstance(chunk, text.Windows)
        for question in chunk.questions():
            assert [question.ids[place] for place in question.columns] == [model.tokenizer.mask] * len(question.columns)
            values = [logprob(theirs, question.ids, column, target)
                      for column, target in zip(question.columns, question.targets, strict=True)]  # fmt: skip
            (single if chunk.apart else many).extend(values)
    ids = model.tokenizer.encode(LONG).ids
    assert found["masked_nats_15"].n == len(many) == pytest.approx(0.15 * len(ids), abs=4)
    assert found["single_mask_nats"].n == len(single) == len(ids)
    assert found["masked_nats_15"].value == pytest.approx(-sum(many) / len(many), abs=1e-4)
    assert found["single_mask_nats"].value == pytest.approx(-sum(single) / len(single), abs=1e-4)


def test_the_masks_are_those_of_the_seed_and_hide_the_text_itself(pair: dict[str, tuple[Model, Any]]) -> None:
    model, _ = pair["bert"]
    ids = model.tokenizer.encode(LONG).ids

    def rows(seed: int) -> list[Any]:
        chunks: list[Any] = list(text.plan(model, asked(LONG), seed).chunks)
        return [question for chunk in chunks if not chunk.apart for question in chunk.questions()]

    assert rows(1) == rows(1) != rows(2)
    shown: list[int] = []
    for question in rows(1):
        row = list(question.ids)
        for column, target in zip(question.columns, question.targets, strict=True):
            row[column] = target
        assert row[0] == model.tokenizer.start and row[-1] == model.tokenizer.end
        shown += row[1:-1]
    assert shown == ids


def test_a_part_has_the_numbers_of_the_whole(pair: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for model, _ in pair.values():
        whole = finish(text.plan(model, asked(LONG), 1)).measures
        with monkeypatch.context() as small:
            small.setattr(text, "TOGETHER", 2)
            job = text.plan(model, asked(LONG), 1)
            assert len(job.chunks) > 2
            parts = finish(job).measures
        for one, other in zip(whole, parts, strict=True):
            assert (one.name, one.n) == (other.name, other.n) and one.value == pytest.approx(other.value, abs=1e-5)


def test_keys_tell_texts_seeds_and_models_apart(pair: dict[str, Any]) -> None:
    keys = [
        chunk.key()
        for family in ("bert", "gpt2")
        for content in (LONG, LONG + "More.")
        for seed in (1, 2)
        for chunk in text.plan(pair[family][0], asked(content), seed).chunks[:1]
    ]
    assert len(set(keys)) == 6  # a causal model has nothing to draw


def test_a_text_without_a_token_is_refused_and_unknown_ones_are_told() -> None:
    with pytest.raises(UserError, match="sees no text"):
        text.plan(toy("causal", table()), asked("\u200d"), 1)
    (note,) = finish(text.plan(toy("masked", table()), asked("a b zebra"), 1)).notes
    assert "1 of 3 tokens as unknown" in note


def test_it_can_be_cancelled_between_batches() -> None:
    calls: list[int] = []

    def stop(done: int, total: int) -> None:
        calls.append(done)
        raise KeyboardInterrupt

    job = text.plan(toy("causal", table(), 100), asked("a b c " * 5000), 1)
    with pytest.raises(KeyboardInterrupt):
        job.chunks[0].run(stop)
    assert len(calls) == 1 and calls[0] < 15_000
    assert job.chunks[0].run(silent)
