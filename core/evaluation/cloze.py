"""Cloze facts: where does the answer stand among everything a model could say, and among a few choices?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from statistics import median
from typing import NamedTuple

from core.evaluation import asking
from core.evaluation.asking import Answer, Question
from core.evaluation.items import Fact, Facts
from core.evaluation.job import Found, Job, Rows, key
from core.evaluation.pairs import TIE
from core.messages import FirstToken, Measure, Rate
from core.models.model import Model
from core.rates import rate
from core.scoring import causal
from core.scoring.tokens import Report

TOGETHER = 50
"""Facts in a part."""
LEFT, BOTH = "left", "both"


def plan(model: Model, asked: Facts) -> Job:
    """How `model` is asked about cloze facts.

    The rank of the answer among the whole vocabulary, of several pieces that of the worst, each piece with the earlier
    ones given. `left`: from what stands left of the answer alone, which every model can be asked (a masked one reads
    masks in place of the rest); `both`: with what stands right of it as well, for masked models.
    The choice is made with both sides known: a masked model by the log-probability of the pieces, a causal one by
    that of the whole sentence with each choice put in. Several best choices share the credit.
    """
    facts, masks = asked.items, model.identity.kind == "masked"
    chunks = [Ranks(model, facts[at : at + TOGETHER]) for at in range(0, len(facts), TOGETHER)]
    choice = "PLL-word-l2r of the choice" if masks else "log-likelihood of the sentence"
    most = max(len(fact.choices) for fact in facts)
    method = f"rank in the vocabulary; one of {most} by {choice}" if most > 1 else "rank in the vocabulary"
    sights = (BOTH, LEFT) if masks else (LEFT,)
    return Job(method, chunks, lambda parts: _conclude(facts, [row for part in parts for row in part], sights))


class Asked(NamedTuple):
    """One fact in the tokens of a model."""

    pieces: int
    unknown: int
    left: list[Question]
    both: list[Question]
    choices: list[list[Question]]
    """For a masked model, the pieces of each choice."""
    sentences: list[list[int]]
    """For a causal model, the sentence with each choice."""

    def questions(self) -> Iterator[Question]:
        for some in (self.left, self.both, *self.choices):
            yield from some


def _asked(fact: Fact, model: Model) -> Asked:
    tokenizer, context, masks = model.tokenizer, model.identity.context, model.identity.kind == "masked"
    ids, pieces, unknown = _filled(model, fact.left, fact.answer, fact.right)
    if not pieces:
        return Asked(0, 0, [], [], [], [])
    choices = fact.choices if len(fact.choices) > 1 else ()
    put_in = [_filled(model, fact.left, choice, fact.right) for choice in choices]
    if any(not inside for _, inside, _ in put_in):
        put_in = []
    if not masks:
        left = asking.following(ids, pieces, tokenizer, context)
        return Asked(len(pieces), unknown, left, [], [], [sentence for sentence, _, _ in put_in])
    return Asked(
        len(pieces),
        unknown,
        asking.hidden_at_the_end(ids, pieces, tokenizer, context),
        asking.hidden(ids, pieces, tokenizer, context),
        [asking.hidden(sentence, inside, tokenizer, context) for sentence, inside, _ in put_in],
        [],
    )


def _filled(model: Model, left: str, word: str, right: str) -> tuple[list[int], range, int]:
    """The tokens of the sentence with `word` in its place, which of them are the word's, and how many are unknown.

    A token of white space belongs to the word after it, as in `core.text.align`.
    """
    tokens = model.tokenizer.encode(left + word + right)
    first, last = len(left.rstrip()), len(left) + len(word)
    inside = [at for at, span in enumerate(tokens.spans) if span.start < last and span.end > first]
    pieces = range(inside[0], inside[-1] + 1) if inside else range(0)
    return tokens.ids, pieces, sum(tokens.unknown[at] for at in pieces)


@dataclass(frozen=True)
class Ranks:
    """A part: [[pieces, rank from the left, rank from both sides, credit at the choice, choices, unknown], …].

    A rank is 0 and a credit -1 where there was nothing to ask.
    """

    model: Model
    facts: Sequence[Fact]

    @cached_property
    def _read(self) -> list[Asked]:
        return [_asked(fact, self.model) for fact in self.facts]

    @property
    def work(self) -> float:
        questions = sum(len(question.ids) for fact in self._read for question in fact.questions())
        return questions + sum(len(sentence) for fact in self._read for sentence in fact.sentences)

    def key(self) -> str:
        return key(self.model, "cloze", self._read)

    def run(self, report: Report) -> Rows:
        sentences = [sentence for fact in self._read for sentence in fact.sentences]
        whole = sum(map(len, sentences))
        questions = [question for fact in self._read for question in fact.questions()]
        answers = iter(asking.ask(self.model, questions, lambda done, total: report(done, total + whole)))
        first: FirstToken = "skip" if self.model.tokenizer.start is None else "bos"
        asked = sum(len(question.targets) for question in questions)
        scores = iter(
            causal.logprobs(self.model, sentences, first, lambda done, total: report(asked + done, asked + total))
            if sentences
            else []
        )
        rows = []
        for fact in self._read:
            left, both = _take(answers, fact.left), _take(answers, fact.both)
            choices = [fsum(answer.logprob for answer in _take(answers, one)) for one in fact.choices]
            choices += [fsum(p for p in next(scores) if p is not None) for _ in fact.sentences]
            rows.append([float(fact.pieces), _worst(left), _worst(both), _credit(choices), float(len(choices)),
                         float(fact.unknown)])  # fmt: skip
        return rows


def _take(answers: Iterator[list[Answer]], questions: list[Question]) -> list[Answer]:
    return [next(answers)[0] for _ in questions]


def _worst(answers: list[Answer]) -> float:
    return float(max((answer.rank for answer in answers), default=0))


def _credit(choices: list[float]) -> float:
    """One over the number of best choices where the answer, which stands first, is one of them; else 0."""
    if len(choices) < 2:
        return -1.0
    best = [index for index, score in enumerate(choices) if score >= max(choices) - TIE]
    return 1 / len(best) if 0 in best else 0.0


def _conclude(facts: Sequence[Fact], rows: Rows, sights: Sequence[str]) -> Found:
    measures = []
    credits: dict[str, list[float]] = {}
    for fact, row in zip(facts, rows, strict=True):
        if row[3] >= 0:
            credits.setdefault(fact.group, []).append(row[3])
    if chosen := [credit for mine in credits.values() for credit in mine]:
        found = rate(fsum(chosen), len(chosen))
        measures.append(Measure(name="choice_accuracy", unit="share", value=found.value, rate=found, n=len(chosen)))
    for sight in sights:
        for size, single in (("single", True), ("multi", False)):
            ranks = [rank for row in rows if (rank := row[1 if sight == LEFT else 2]) and (row[0] == 1) == single]
            measures += _ranked(f"{sight}_{{}}_{size}", ranks)
    notes = []
    if dropped := sum(not row[0] for row in rows):
        notes.append(f"cannot be asked about {dropped:,} fact(s), of which its tokenizer drops the answer")
    if unknown := sum(row[5] > 0 for row in rows):
        notes.append(f"reads {unknown:,} answer(s) as unknown, at least in part")
    groups: dict[str, Rate] = {group: rate(fsum(mine), len(mine)) for group, mine in credits.items() if group}
    return Found(measures, groups, notes)


def _ranked(name: str, ranks: list[float]) -> Iterator[Measure]:
    for most in (1, 10):
        found = rate(sum(rank <= most for rank in ranks), len(ranks)) if ranks else None
        value = found.value if found else None
        yield Measure(name=name.format(f"top{most}"), unit="share", value=value, rate=found, n=len(ranks))
    yield Measure(name=name.format("median_rank"), unit="rank", value=median(ranks) if ranks else None, n=len(ranks))
