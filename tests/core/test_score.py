"""Scores against numbers worked out by hand and against plain `transformers` forward passes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from core.catalogue import Entry
from core.errors import Cancelled, UserError
from core.messages import PLL
from core.models.load import load
from core.models.model import Model
from core.scoring.causal import surprisal
from core.scoring.masked import pseudo_log_likelihood
from core.scoring.tokens import bits, window_of
from tests.core.toys import toy


def silent(done: int, total: int) -> None:
    pass


def uneven() -> Tensor:
    """Log-probabilities with rows that differ, exactly normalised."""
    weights = torch.arange(1.0, 101.0).view(10, 10) ** 1.5
    return (weights / weights.sum(-1, keepdim=True)).log()


def test_surprisal_by_hand() -> None:
    """P(a b | [CLS]) with p(a | [CLS]) = 1/2, p(b | a) = 1/8: 1 and 3 bits, ranks 1 and 3."""
    table = torch.full((10, 10), -30.0)
    table[2, 5], table[2, 6] = math.log(1 / 2), math.log(1 / 2) - 0.01
    table[2] -= table[2].logsumexp(0)
    table[5, 7], table[5, 9], table[5, 6], table[5, 5] = (math.log(p) for p in (1 / 2, 1 / 4, 1 / 8, 1 / 8 - 1e-4))
    scores = surprisal(toy("causal", table), [5, 6], [0, 2], "bos", silent)
    assert scores[0] is not None and scores[1] is not None
    assert bits(scores[1].logprob) == pytest.approx(3, abs=1e-3)
    assert scores[0].rank == 1 and scores[1].rank == 3
    assert [best.text for best in scores[1].top] == ["c", "e"]
    assert scores[1].entropy == pytest.approx(1.75, abs=2e-3)


def test_first_token_has_no_score_without_start() -> None:
    model = toy("causal", uneven())
    with_start = surprisal(model, [5, 6, 7], [0, 0, 0], "bos", silent)
    without = surprisal(model, [5, 6, 7], [0, 0, 0], "skip", silent)
    assert without[0] is None and with_start[0] is not None
    assert without[1:] == with_start[1:]  # this model only looks one token back


def test_probabilities_sum_to_one() -> None:
    model = toy("causal", uneven())
    total = sum(
        math.exp(score.logprob)
        for token in range(10)
        if (score := surprisal(model, [5, token], [0, 0], "bos", silent)[1]) is not None
    )
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("pll", "hidden"),
    [
        ("original", [[1], [2], [3]]),
        ("within_word_l2r", [[1], [2, 3], [3]]),
        ("whole_word", [[1], [2, 3], [2, 3]]),
        ("left_masked", [[1, 2, 3, 4], [2, 3, 4], [3, 4]]),
    ],
)
def test_which_places_are_hidden(pll: PLL, hidden: list[list[int]]) -> None:
    """a, then a word of the two pieces c ##d, then b: all after [CLS]."""
    model = toy("masked", uneven())
    hidden = [*hidden, [4]]
    pseudo_log_likelihood(model, [5, 7, 8, 6], [range(0, 1), range(1, 3), range(3, 4)], [0] * 4, pll, silent)
    net: Any = model.net
    assert [[place for place, token in enumerate(ids) if token == 4] for ids, _ in net.asked] == hidden
    assert [column for _, column in net.asked] == [1, 2, 3, 4]
    assert all(ids[column] == 4 for ids, column in net.asked)  # nothing is read that was not hidden
    assert all(ids[0] == 2 and ids[-1] == 3 for ids, _ in net.asked)


def test_left_only_cuts_the_text_behind_the_word() -> None:
    """[CLS], the word hidden from its piece on, two masks, [SEP]: nothing of what follows is there."""
    model = toy("masked", uneven())
    pseudo_log_likelihood(model, [5, 7, 8, 6], [range(0, 1), range(1, 3), range(3, 4)], [0] * 4, "left_only", silent)
    net: Any = model.net
    read = {column: [token for token in ids if token] for ids, column in net.asked}
    assert read == {
        1: [2, 4, 4, 4, 3],
        2: [2, 5, 4, 4, 4, 4, 3],
        3: [2, 5, 7, 4, 4, 4, 3],
        4: [2, 5, 7, 8, 4, 4, 4, 3],
    }


def test_pseudo_log_likelihood_by_hand() -> None:
    """The middle of [CLS] a b a [SEP] is read from its two neighbours."""
    table = uneven()
    model = toy("masked", table)
    score = pseudo_log_likelihood(model, [5, 6, 5], [range(n, n + 1) for n in range(3)], [0] * 3, "original", silent)
    expected = torch.log_softmax(table[5] + table[5], -1)[6]
    assert score[1].logprob == pytest.approx(float(expected), abs=1e-6)


def test_long_text_goes_through_in_windows() -> None:
    ids = [5, 6, 7, 9] * 30
    causal = surprisal(toy("causal", uneven()), ids, [0] * 120, "bos", silent)
    short = surprisal(toy("causal", uneven(), context=500), ids, [0] * 120, "bos", silent)
    assert [score and round(score.logprob, 5) for score in causal] == [s and round(s.logprob, 5) for s in short]
    words = [range(n, n + 1) for n in range(120)]
    masked = pseudo_log_likelihood(toy("masked", uneven()), ids, words, [0] * 120, "original", silent)
    whole = pseudo_log_likelihood(toy("masked", uneven(), context=500), ids, words, [0] * 120, "original", silent)
    assert [round(score.logprob, 5) for score in masked] == [round(score.logprob, 5) for score in whole]


def test_cancelling_stops_within_a_batch() -> None:
    calls = []

    def stop(done: int, total: int) -> None:
        calls.append(done)
        raise Cancelled

    with pytest.raises(Cancelled):
        surprisal(toy("causal", uneven()), [5, 6] * 100, [0] * 200, "bos", stop)
    assert len(calls) == 1


@pytest.mark.parametrize("lost", [("end",), ("start",), ("start", "end")])
def test_the_first_and_the_last_token_are_hidden_also_without_special_tokens(lost: tuple[str, ...]) -> None:
    model = toy("masked", torch.cat([uneven(), uneven()]))
    for name in lost:
        setattr(model.tokenizer, name, None)
    net: Any = model.net
    net.read = lambda ids, lengths, rows, columns: seen.append((ids, columns)) or torch.zeros(len(ids), 10)
    seen: list[tuple[Tensor, Tensor]] = []
    pseudo_log_likelihood(model, [5, 6, 7], [range(n, n + 1) for n in range(3)], [0] * 3, "original", silent)
    for ids, columns in seen:
        assert (ids[torch.arange(len(ids)), columns] == 4).all()


def test_a_large_vocabulary_makes_smaller_windows() -> None:
    model = toy("causal", uneven(), context=100_000)
    large = Model(msgspec.structs.replace(model.identity, vocabulary=2**20), model.tokenizer, model.net, model.device)
    assert window_of(model) == 100_000 and window_of(large) == 64


def test_a_model_that_cannot_be_asked_says_so() -> None:
    model = toy("masked", uneven())
    model.tokenizer.mask = None
    with pytest.raises(UserError, match="mask"):
        pseudo_log_likelihood(model, [5], [range(1)], [0], "original", silent)
    model = toy("causal", uneven())
    model.tokenizer.start = None
    with pytest.raises(UserError, match="start"):
        surprisal(model, [5], [0], "bos", silent)


TEXT = "The naïve keepers weren't unhappily surprised: 3.14 souvenirs, 💩 and all."


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, bert_folder: Path, gpt2_folder: Path) -> dict[str, Model]:
    """Tiny random models with the real vocabularies, written by `transformers`."""
    from shutil import copytree

    from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel

    torch.manual_seed(11)
    made = {}
    bert = BertForMaskedLM(
        BertConfig(
            vocab_size=30522,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            initializer_range=0.4,
        )
    )
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=50257, n_embd=32, n_layer=2, n_head=2, n_positions=64,
                                      initializer_range=0.4))  # fmt: skip
    for name, net, vocabulary in (("bert", bert, bert_folder), ("gpt2", gpt2, gpt2_folder)):
        folder = tmp_path_factory.mktemp(name) / name
        copytree(vocabulary, folder)
        net.save_pretrained(folder)
        entry = Entry(name=name, source="folder", folder=str(folder), architecture="", kind="")
        made[name] = load(entry, torch.device("cpu"))
        made[name + "-theirs"] = net.eval()
    return made


def test_causal_scores_equal_transformers(pair: dict[str, Any]) -> None:
    model, theirs = pair["gpt2"], pair["gpt2-theirs"]
    ids = model.tokenizer.encode(TEXT).ids
    scores = surprisal(model, ids, [0] * len(ids), "bos", silent)
    with torch.no_grad():
        logprobs = theirs(torch.tensor([[50256, *ids]])).logits[0].log_softmax(-1)
    for index, (token, score) in enumerate(zip(ids, scores, strict=True)):
        assert score is not None
        assert abs(score.logprob - float(logprobs[index, token])) < 1e-5
        assert score.rank == int((logprobs[index] > logprobs[index, token]).sum()) + 1


@pytest.mark.parametrize("pll", ["original", "within_word_l2r"])
def test_masked_scores_equal_transformers(pair: dict[str, Any], pll: PLL) -> None:
    model, theirs = pair["bert"], pair["bert-theirs"]
    ids = model.tokenizer.encode(TEXT).ids
    words = [range(n, n + 1) for n in range(len(ids))]
    words[2:5] = [range(2, 5)]
    scores = pseudo_log_likelihood(model, ids, words, [0] * len(ids), pll, silent)
    for index, score in enumerate(scores):
        row = [101, *ids, 102]
        later = range(index, 5) if pll == "within_word_l2r" and index in range(2, 5) else [index]
        for place in later:
            row[place + 1] = 103
        with torch.no_grad():
            logprobs = theirs(torch.tensor([row])).logits[0, index + 1].log_softmax(-1)
        assert abs(score.logprob - float(logprobs[ids[index]])) < 1e-5
        assert abs(score.entropy - float(-(logprobs.exp() * logprobs).sum()) / math.log(2)) < 1e-3
