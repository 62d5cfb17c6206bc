"""Any places of any rows: how likely is this token here, and how many are likelier?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from core.models.model import Model
from core.predict import around, before
from core.scoring.batches import Row, Rows, read
from core.scoring.masked import AHEAD
from core.scoring.tokens import Report, logits_of
from core.text.tokens import Tokenizer


class Question(NamedTuple):
    """What a model reads, special tokens and masks in place; where it answers; and the tokens asked about there."""

    ids: list[int]
    columns: Sequence[int]
    targets: list[int]


class Answer(NamedTuple):
    """log p of the token in nats, and its rank: 1 = most likely."""

    logprob: float
    rank: int


def hidden(ids: list[int], pieces: range, tokenizer: Tokenizer, context: int) -> list[Question]:
    """One question a piece of a word of `ids`, the piece and the later ones hidden (Kauf & Ivanova 2023)."""
    assert tokenizer.mask is not None
    left, right = (int(token is not None) for token in (tokenizer.start, tokenizer.end))
    questions = []
    for index in pieces:
        window, place = around(ids, index, tokenizer, context)
        for column in range(max(left, place), min(place + pieces.stop - index, len(window) - right)):
            window[column] = tokenizer.mask
        questions.append(Question(window, [place], [ids[index]]))
    return questions


def hidden_at_the_end(ids: list[int], pieces: range, tokenizer: Tokenizer, context: int) -> list[Question]:
    """The same with nothing known right of the word, where masks say that the sentence goes on."""
    assert tokenizer.mask is not None
    return hidden(ids[: pieces.stop] + [tokenizer.mask] * AHEAD, pieces, tokenizer, context)


def following(ids: list[int], pieces: range, tokenizer: Tokenizer, context: int) -> list[Question]:
    """One question a piece of `ids`, from what stands left of it. None for a first token that nothing predicts."""
    questions = []
    for index in pieces:
        if index or tokenizer.start is not None:
            window, place = before(ids[:index], tokenizer, context)
            questions.append(Question(window, [place], [ids[index]]))
    return questions


@torch.inference_mode()
def ask(model: Model, questions: Sequence[Question], report: Report) -> list[list[Answer]]:
    """The answers to every question, in order. `report(done, total)` counts the asked places."""
    targets = [question.targets for question in questions]
    rows = Rows([len(question.ids) for question in questions], lambda number: _row(questions[number], number))
    answers: list[list[Answer]] = [[] for _ in questions]
    done, total = 0, sum(map(len, targets))
    for asked, states, ids in read(model, targets, rows):
        found: list[Answer] = []
        for logits, wanted in logits_of(model, states, ids):
            mine = logits.gather(1, wanted)
            logprobs, ranks = mine[:, 0] - logits.logsumexp(-1), (logits > mine).sum(-1) + 1
            found += map(Answer, logprobs.tolist(), ranks.tolist())
        for (number, _), answer in zip(asked, found, strict=True):  # the places of a row come in their order
            answers[number].append(answer)
        done += len(asked)
        report(done, total)
    return answers


def _row(question: Question, number: int) -> Row:
    return Row(question.ids, question.columns, number, range(len(question.targets)))
