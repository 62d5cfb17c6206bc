"""Held-out text: what does a model make of every token of it?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from core.errors import UserError
from core.evaluation import asking
from core.evaluation.asking import Question
from core.evaluation.items import Text
from core.evaluation.job import Found, Job, Rows, key
from core.messages import Measure
from core.models.model import Model
from core.rates import rate
from core.scoring.batches import Window, windows
from core.scoring.tokens import Report, window_of
from core.text.stream import generator
from core.text.tokens import Tokens

TOGETHER = 256
"""Windows in a part."""
SHARE = 0.15
SINGLE, SINGLE_TOKENS = 4096, 2**19
"""Places that are asked about with one mask: so many, or fewer where the tokens read for them would be more."""
MASKS_KEY, SINGLE_KEY = 23, 24


def plan(model: Model, asked: Text, seed: int) -> Job:
    """How `model` is asked about a text. Raises UserError where its tokenizer sees next to nothing in it.

    Causal models read windows that overlap by half, so that every token is scored once and (but for the first window)
    sees at least half a window; bits per character are total nats / (ln 2 x the characters of exactly these tokens).
    Masked models read windows that do not overlap, first with `SHARE` of the places hidden, then with one.
    """
    tokens = model.tokenizer.encode(asked.text)
    if len(tokens.ids) < 2:
        raise UserError(
            f"{model.identity.name} sees no text in {asked.about.name}.",
            why=f"Its tokenizer makes {len(tokens.ids)} token(s) of it.",
        )
    notes = []
    if unknown := sum(tokens.unknown):
        notes.append(f"reads {unknown:,} of {len(tokens.ids):,} tokens as unknown, which makes its numbers look better")
    if model.identity.kind == "masked":
        return _masked(model, tokens.ids, seed, notes)
    return _causal(model, tokens, asked.text, notes)


@dataclass(frozen=True)
class Windows:
    """Some windows of a text. One row a part, [[nats, places whose token was the likeliest, places]], or `apart`,
    one row a window."""

    model: Model
    questions: Callable[[], list[Question]]
    work: float
    apart: bool = False

    def key(self) -> str:
        return key(self.model, "windows", self.apart, self.questions())

    def run(self, report: Report) -> Rows:
        answers = asking.ask(self.model, self.questions(), report)
        rows = [
            [-math.fsum(one.logprob for one in row), float(sum(one.rank == 1 for one in row)), float(len(row))]
            for row in answers
        ]
        return rows if self.apart else [_sum(rows)]


def _sum(rows: Sequence[list[float]]) -> list[float]:
    return [math.fsum(column) for column in zip(*rows, strict=True)]


def _causal(model: Model, tokens: Tokens, text: str, notes: list[str]) -> Job:
    head = [] if model.tokenizer.start is None else [model.tokenizer.start]
    space = window_of(model) - len(head)
    stride = max(1, space // 2)
    cut = list(windows(len(tokens.ids), space, stride, space - stride))

    def questions(part: Sequence[Window]) -> list[Question]:
        found = []
        for first, last, scored in part:
            # Without a start token nothing stands left of the first token of a text.
            seen = range(max(scored.start, first + 1 - len(head)), last)
            columns = [index - first + len(head) - 1 for index in seen]
            found.append(Question(head + tokens.ids[first:last], columns, tokens.ids[seen.start : seen.stop]))
        return found

    parts = [cut[at : at + TOGETHER] for at in range(0, len(cut), TOGETHER)]
    chunks = [Windows(model, partial(questions, part), sum(last - first for first, last, _ in part)) for part in parts]
    characters = len(text) - (0 if head else tokens.spans[0].end)
    where = f"windows of {space + len(head)} tokens, stride {stride}" if len(cut) > 1 else "one window"
    return Job(f"log-likelihood, {where}", chunks, lambda parts: Found(_causal_measures(parts, characters), {}, notes))


def _causal_measures(parts: list[Rows], characters: int) -> list[Measure]:
    nats, right, count = _sum([part[0] for part in parts])
    mean, n = nats / count, int(count)
    return [
        Measure(name="bits_per_character", unit="bits", value=nats / math.log(2) / characters, n=characters),
        Measure(name="nats", unit="nats", value=mean, n=n),
        Measure(name="perplexity", unit="", value=math.exp(mean) if mean < 700 else None, n=n),
        _share("top1", right, n),
    ]


def _masked(model: Model, ids: list[int], seed: int, notes: list[str]) -> Job:
    tokenizer = model.tokenizer
    mask = tokenizer.mask
    assert mask is not None
    head, tail = ([] if token is None else [token] for token in (tokenizer.start, tokenizer.end))
    space = window_of(model) - len(head) - len(tail)

    def hiding(number: int, places: Sequence[int]) -> Question:
        """Window `number` with the tokens at `places` of it hidden."""
        shown = ids[number * space : (number + 1) * space]
        targets = [shown[place] for place in places]
        for place in places:
            shown[place] = mask
        return Question(head + shown + tail, [place + len(head) for place in places], targets)

    def many(numbers: range) -> list[Question]:
        found = []
        for number in numbers:
            size = min(space, len(ids) - number * space)
            drawn = generator(seed, MASKS_KEY, number).permutation(size)[: max(1, round(SHARE * size))]
            found.append(hiding(number, sorted(drawn.tolist())))
        return found

    def single(indices: Sequence[int]) -> list[Question]:
        return [hiding(number, [place]) for number, place in (divmod(index, space) for index in indices)]

    width = min(space, len(ids)) + len(head) + len(tail)
    count = -(-len(ids) // space)
    parts = [range(at, min(at + TOGETHER, count)) for at in range(0, count, TOGETHER)]
    few = min(SINGLE, max(1, SINGLE_TOKENS // width))
    lone = sorted(generator(seed, SINGLE_KEY).permutation(len(ids))[:few].tolist())
    lones = [lone[at : at + TOGETHER] for at in range(0, len(lone), TOGETHER)]
    chunks = [Windows(model, partial(many, part), len(part) * width) for part in parts]
    chunks += [Windows(model, partial(single, part), len(part) * width, apart=True) for part in lones]
    method = f"masks in windows of {width} tokens, {SHARE:.0%} of the places or one"
    return Job(method, chunks, lambda rows: Found(_masked_measures(rows, len(parts)), {}, notes))


def _masked_measures(parts: list[Rows], many: int) -> list[Measure]:
    """The measures from all parts, of which the first `many` hid several places at once."""
    measures = []
    for nats_name, top_name, rows in (
        ("masked_nats_15", "masked_top1_15", [row for part in parts[:many] for row in part]),
        ("single_mask_nats", "single_mask_top1", [row for part in parts[many:] for row in part]),
    ):
        nats, right, count = _sum(rows)
        measures += [
            Measure(name=nats_name, unit="nats", value=nats / count, n=int(count)),
            _share(top_name, right, int(count)),
        ]
    return measures


def _share(name: str, right: float, n: int) -> Measure:
    found = rate(right, n)
    return Measure(name=name, unit="share", value=found.value, rate=found, n=n)
