"""Many rows through a network: cut into windows, sorted by length, a bounded number of tokens at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from core.models.model import Model
from core.scoring.tokens import BUDGET, BUDGET_ABROAD, LOGITS, Report, TokenScore, logits_of, measure

WORTH, MUCH = 192, 7 / 8
"""Tokens that make a batch worth its while, and the share of its longest row that the others should have."""


class Row(NamedTuple):
    """One row of a network's input, and what it is asked: at `columns`, the tokens `asked` of text number `text`."""

    ids: list[int]
    columns: Sequence[int]
    text: int
    asked: Sequence[int]


class Rows(NamedTuple):
    """All rows that some texts need: their lengths, and how to make one when its turn has come."""

    lengths: list[int]
    make: Callable[[int], Row]


class Batch(NamedTuple):
    """What the network says: states (N, width) for the tokens `asked`, as (text, place), with the ids (N,)."""

    asked: list[tuple[int, int]]
    states: Tensor
    ids: Tensor


class Steps(NamedTuple):
    """How a long text is read: in windows of `room` tokens of it, `stride` apart, the scored ones behind `lead` others.

    room - lead - stride stand behind the scored ones.
    """

    room: int
    stride: int
    lead: int


class Window(NamedTuple):
    """The tokens `first` up to `last` of a text are read, those of `scored` are asked about."""

    first: int
    last: int
    scored: range


def windows(count: int, room: int, stride: int, lead: int) -> Iterator[Window]:
    """Cut `count` tokens into windows of at most `room`, `stride` tokens apart.

    Every token is scored once, with at least `lead` tokens of its window before it and room - lead - stride behind
    it, wherever the text has so many.
    """
    done = 0
    while done < count:
        first = max(0, min(done - lead, count - room))
        last = min(first + room, count)
        until = count if last == count else first + lead + stride
        yield Window(first, last, range(done, until))
        done = until


@torch.inference_mode()
def logprobs(model: Model, texts: Sequence[list[int]], rows: Rows, report: Report) -> list[list[float | None]]:
    """The log-probability of every token that `rows` ask for, in the order of `texts`; None for the others."""
    found: list[list[float | None]] = [[None] * len(ids) for ids in texts]
    done, total = 0, sum(map(len, texts))
    for asked, states, ids in read(model, texts, rows):
        values: list[float] = []
        for logits, wanted in logits_of(model, states, ids):
            values += (logits.gather(1, wanted)[:, 0] - logits.logsumexp(-1)).tolist()
        for (text, place), value in zip(asked, values, strict=True):
            found[text][place] = value
        done += len(asked)
        report(done, total)
    return found


@torch.inference_mode()
def scores(
    model: Model, texts: Sequence[list[int]], rows: Rows, top: Sequence[list[int]], report: Report
) -> list[list[TokenScore | None]]:
    """The whole score of every token that `rows` ask for; `top[n][i]` candidates are kept at token i of text n."""
    found: list[list[TokenScore | None]] = [[None] * len(ids) for ids in texts]
    done, total = 0, sum(map(len, texts))
    for asked, states, ids in read(model, texts, rows):
        for logits, wanted in logits_of(model, states, ids):
            some, asked = asked[: len(wanted)], asked[len(wanted) :]
            keep = [top[text][place] for text, place in some]
            for (text, place), score in zip(some, measure(model, logits, wanted, keep), strict=True):
                found[text][place] = score
        done += len(ids)
        report(done, total)
    return found


def read(model: Model, texts: Sequence[list[int]], rows: Rows) -> Iterator[Batch]:
    """Put all rows through the network.

    The longest come first, so that an estimate of the time left errs on the safe side. Sorting is stable: rows of
    one text stay neighbours, of which our BERT computes together what they share.
    """
    order = sorted(range(len(rows.lengths)), key=rows.lengths.__getitem__, reverse=True)
    budget = max(64, min(BUDGET if model.device.type == "cpu" else BUDGET_ABROAD, LOGITS // model.identity.vocabulary))
    for some in cut([rows.lengths[number] for number in order], budget):
        yield from _asked(model, texts, [rows.make(number) for number in order[some.start : some.stop]])


def cut(lengths: list[int], most: int) -> Iterator[range]:
    """Rows of `lengths`, which fall, as ranges of neighbours of at most `most` tokens with their padding.

    A batch that is half full ends where the rows get shorter, one that is worth its while already where they get
    much shorter: hardly anything is padding.
    """
    start = 0
    for end in range(1, len(lengths) + 1):
        longest, held = lengths[start], (end - start) * lengths[start]
        last = end == len(lengths) or held + longest > most
        if last or lengths[end] < longest * (1 if 2 * held >= most else MUCH if held >= WORTH else 0):
            yield range(start, end)
            start = end


def _asked(model: Model, texts: Sequence[list[int]], rows: list[Row]) -> Iterator[Batch]:
    """One batch; where an accelerator has no memory for it, its halves: the numbers are the same, but for rounding."""
    try:
        batch = _ask(model, texts, rows)
    except torch.OutOfMemoryError:
        if len(rows) == 1:
            raise
    else:
        yield batch
        return
    # Out of the handler, whose traceback would hold on to what the batch has allocated.
    warnings.warn(f"No memory for {len(rows)} rows of {len(rows[0].ids)} tokens: read in halves.", stacklevel=2)
    torch.cuda.empty_cache()
    middle = len(rows) // 2
    yield from _asked(model, texts, rows[:middle])
    yield from _asked(model, texts, rows[middle:])


def _ask(model: Model, texts: Sequence[list[int]], rows: list[Row]) -> Batch:
    longest, pad = len(rows[0].ids), model.tokenizer.pad or 0
    even = len(rows[-1].ids) == longest  # the last is the shortest
    ids = torch.tensor([row.ids + [pad] * (longest - len(row.ids)) for row in rows])
    asked = [(row.text, place) for row in rows for place in row.asked]
    number = torch.tensor([number for number, row in enumerate(rows) for _ in row.columns])
    column = torch.tensor([column for row in rows for column in row.columns])
    device = model.device
    states = model.net.states(
        ids.to(device),
        None if even else torch.tensor([len(row.ids) for row in rows]).to(device),
        number.to(device),
        column.to(device),
    )
    return Batch(asked, states, torch.tensor([texts[text][place] for text, place in asked]).to(device))
