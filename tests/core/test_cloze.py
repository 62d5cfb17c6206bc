"""The cloze of ten words: computed by hand, against a plain slow loop, and by chance."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.errors import UserError
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.rates import wilson
from core.settings import Family, Shape
from core.text import stream
from core.text.tokens import Tokenizer
from core.trio import cloze
from core.trio.cloze import Places, credit, places, scores, whole_words
from tests.core.toys import Table, toy_tokenizer

START, END, MASK = 2, 3, 4
A, B, C, E = 5, 6, 7, 9
NETS: dict[Family, Any] = {"bert": Bert, "gpt2": Gpt2, "lstm": Lstm}


def table() -> Tensor:
    """Log-probabilities (10, 10), every row another distribution."""
    return torch.linspace(0, 3, 100).view(10, 10).sin().mul(4).log_softmax(-1)


def asked(text: list[int], column: int, candidates: list[int]) -> Places:
    return Places(torch.tensor([text]), torch.tensor([column]), torch.tensor([candidates]))


def net(family: Family, vocabulary: int) -> Any:
    torch.manual_seed(3)
    heads = 0 if family == "lstm" else 2
    shape = Shape(vocabulary=vocabulary, layers=2, width=16, heads=heads, inner=24, positions=32)
    return NETS[family].from_config(NETS[family].shaped(shape)).start().eval()


def test_a_causal_model_is_asked_by_hand() -> None:
    found = scores(Table("causal", table()), asked([A, B, C], 1, [B, E]), START, END, MASK)
    steps = table().double()
    by_hand = [float(steps[A, word] + steps[word, C]) for word in (B, E)]  # what a says of the word, and it of c
    assert found.tolist() == [pytest.approx(by_hand, abs=1e-6)]


def test_a_masked_model_is_asked_by_hand() -> None:
    toy = Table("masked", table())
    found = scores(toy, asked([A, B, C], 1, [B, E]), START, END, MASK)
    assert toy.asked == [([START, A, MASK, C, END], 2)]
    assert found.tolist() == [pytest.approx([float(table()[A, word] + table()[C, word]) for word in (B, E)])]


@pytest.mark.parametrize("family", ["gpt2", "lstm"])
def test_it_is_what_a_plain_loop_finds(home: Path, own_folder: Path, own_tokenizer: Tokenizer, family: Family) -> None:
    """The whole window's log-likelihood, token by token; what stands left of the place only shifts it."""
    text = stream.load([home / "text.txt"], own_folder)
    questions = places(text, text.unigram(own_tokenizer.vocabulary), own_tokenizer, 32, seed=1, count=4)
    model = net(family, own_tokenizer.vocabulary)
    found = scores(model, questions, text.start, text.end, MASK)
    for row in range(len(questions)):
        whole = []
        for word in questions.candidates[row]:
            ids = [text.start, *questions.text[row].tolist()]
            ids[int(questions.columns[row]) + 1] = int(word)
            total = 0.0
            for place in range(1, len(ids)):
                where = torch.tensor([place - 1])
                with torch.no_grad():
                    logits = model.read(torch.tensor([ids[:place]]), None, torch.tensor([0]), where)
                total += float(logits.double().log_softmax(-1)[0, ids[place]])
            whole.append(total)
        mine, loop = found[row] - found[row, 0], torch.tensor(whole, dtype=torch.double) - whole[0]
        assert torch.allclose(mine, loop, atol=1e-4)


def test_a_masked_net_is_what_a_plain_loop_finds(home: Path, own_folder: Path, own_tokenizer: Tokenizer) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    questions = places(text, text.unigram(own_tokenizer.vocabulary), own_tokenizer, 32, seed=1, count=40)
    assert len(questions) == 40  # more than one batch
    model = net("bert", own_tokenizer.vocabulary)
    found = scores(model, questions, text.start, text.end, MASK)
    for row in range(len(questions)):
        ids = [text.start, *questions.text[row].tolist(), text.end]
        column = int(questions.columns[row]) + 1
        ids[column] = MASK
        with torch.no_grad():
            logits = model.head(model.hidden(torch.tensor([ids]))[0, column][None])[0]
        assert torch.allclose(found[row], logits[questions.candidates[row]], atol=1e-4)


@pytest.mark.parametrize("kind", ["causal", "masked"])
def test_a_uniform_net_is_right_by_chance(home: Path, own_folder: Path, own_tokenizer: Tokenizer, kind: Any) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    size = own_tokenizer.vocabulary
    questions = places(text, text.unigram(size), own_tokenizer, 32, seed=1)
    uniform = Table(kind, torch.full((size, size), 0.5))
    assert credit(scores(uniform, questions, text.start, text.end, MASK)).tolist() == pytest.approx([0.1] * 200)


def test_places_are_whole_words_of_held_out_text_with_nine_others(
    home: Path, own_folder: Path, own_tokenizer: Tokenizer
) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    questions = places(text, text.unigram(own_tokenizer.vocabulary), own_tokenizer, 32, seed=1)
    assert len(questions) == cloze.PLACES and questions.text.shape == (200, 30)
    stream_text = "".join(map(own_tokenizer.show, text.ids.tolist()))
    for row, column in enumerate(questions.columns.tolist()):
        window = questions.text[row].tolist()
        words = [own_tokenizer.show(token) for token in questions.candidates[row].tolist()]
        assert questions.candidates[row, 0] == window[column] and len(set(words)) == 10
        assert all(word[0] == " " and word[1:].isalpha() for word in words)
        assert not own_tokenizer.show(window[column + 1])[0].isalnum()
        assert "".join(map(own_tokenizer.show, window)) in stream_text
    pairs = {
        (*window, column) for window, column in zip(questions.text.tolist(), questions.columns.tolist(), strict=True)
    }
    assert len(pairs) > 100  # of a text that repeats itself


def test_places_are_a_function_of_the_seed(home: Path, own_folder: Path, own_tokenizer: Tokenizer) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    unigram = text.unigram(own_tokenizer.vocabulary)
    one, again, other = (places(text, unigram, own_tokenizer, 32, seed) for seed in (1, 1, 2))
    for name in ("text", "columns", "candidates"):
        assert torch.equal(getattr(one, name), getattr(again, name))
    assert not torch.equal(one.columns, other.columns)


def test_distractors_follow_the_unigram(home: Path, own_folder: Path, own_tokenizer: Tokenizer) -> None:
    text = stream.load([home / "text.txt"], own_folder)
    unigram = text.unigram(own_tokenizer.vocabulary)
    questions = places(text, unigram, own_tokenizer, 32, seed=1)
    words = whole_words(own_tokenizer)[0].nonzero().flatten()
    drawn = torch.bincount(questions.candidates[:, 1:].flatten(), minlength=own_tokenizer.vocabulary)[words]
    often = unigram[words].topk(12).indices
    assert drawn[often].sum() > 3 * 12 * drawn.sum() / len(words)


def test_pieces_of_a_word_are_told_by_their_vocabulary(own_tokenizer: Tokenizer) -> None:
    begins, goes_on = whole_words(toy_tokenizer())
    assert begins.nonzero().flatten().tolist() == [A, B, C, E] and goes_on.nonzero().flatten().tolist() == [8]
    begins, goes_on = whole_words(own_tokenizer)
    the, s, comma = (own_tokenizer.encode(text).ids[0] for text in (" the", "s", ","))
    assert begins[the] and not goes_on[the] and goes_on[s] and not begins[s] and not goes_on[comma]
    assert not begins[: MASK + 1].any()


def test_a_text_without_words_is_refused(own_tokenizer: Tokenizer) -> None:
    dots = stream.Stream(np.full(100, 10, np.uint16), np.zeros(0, np.int64), START, END)
    with pytest.raises(UserError, match="No cloze"):
        places(dots, torch.zeros(own_tokenizer.vocabulary), own_tokenizer, 32, seed=1)


def test_ties_share_the_credit() -> None:
    rows = torch.tensor([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    assert credit(rows).tolist() == pytest.approx([1, 0, 1 / 2, 1 / 3])


def test_the_interval_of_wilson() -> None:
    """Its ends are the shares from which what was seen is 1.96 standard errors away."""
    for right, count in ((8, 10), (31.5, 200), (199, 200)):
        for end in wilson(right, count):
            assert abs(right / count - end) == pytest.approx(1.959964 * sqrt(end * (1 - end) / count))
    assert wilson(0, 10)[0] == 0.0 and wilson(10, 10)[1] == pytest.approx(1.0)
