"""Asking the networks: a masked one once a target, a causal one for all targets of a window in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from core.errors import UserError
from core.models.model import Model
from core.scoring.tokens import BUDGET
from core.sweep.conditions import Row, Special
from core.sweep.scores import Reading

LOGITS = 2**24
"""Most numbers in one table of logits (64 MiB)."""
TOP = 5


class Ask(NamedTuple):
    """One question to a masked model, and the token that is right."""

    row: Row
    target: int


class Line(NamedTuple):
    """One text for a causal model, and which of its tokens are asked; the first has nothing to its left."""

    ids: list[int]
    targets: list[int]


def special(model: Model) -> Special:
    """The special tokens of `model`. Raises UserError for a masked model without a mask."""
    tokenizer = model.tokenizer
    if model.identity.kind == "masked" and tokenizer.mask is None:
        raise UserError(f"{model.identity.name} has no mask token.", why="A sweep hides one word after another.")
    return Special(tokenizer.start, tokenizer.end, tokenizer.mask, tokenizer.encode("a.").ids[-1:])


def stops(model: Model) -> frozenset[int]:
    """The tokens that are a full stop, with or without a space before it."""
    return frozenset(model.tokenizer.encode(text).ids[-1] for text in (".", " .", "a.", "a ."))


def masked(model: Model, asks: Sequence[Ask]) -> Iterator[list[tuple[int, Reading]]]:
    """The readings of `asks`, each with its number, batch after batch: rows of like length together."""
    order = sorted(range(len(asks)), key=lambda number: len(asks[number].row.ids))
    for batch in _batches([(number, len(asks[number].row.ids), 1) for number in order], model.identity.vocabulary):
        rows = [asks[number].row for number in batch]
        targets = torch.tensor([asks[number].target for number in batch])
        where = torch.arange(len(rows)), torch.tensor([row.column for row in rows])
        yield list(zip(batch, _read(model, [row.ids for row in rows], *where, targets), strict=True))


def causal(model: Model, lines: Sequence[Line]) -> Iterator[list[tuple[int, list[Reading]]]]:
    """The readings of all targets of each of `lines`, with its number, batch after batch."""
    order = sorted(range(len(lines)), key=lambda number: len(lines[number].ids))
    sizes = [(number, len(lines[number].ids), len(lines[number].targets)) for number in order]
    for batch in _batches([size for size in sizes if size[2]], model.identity.vocabulary):
        chosen = [lines[number] for number in batch]
        rows = torch.tensor([row for row, line in enumerate(chosen) for _ in line.targets])
        columns = torch.tensor([place - 1 for line in chosen for place in line.targets])
        targets = torch.tensor([line.ids[place] for line in chosen for place in line.targets])
        # The last token of a line is only ever asked for: nothing is read off it.
        found = iter(_read(model, [line.ids[:-1] for line in chosen], rows, columns, targets))
        yield [(number, [next(found) for _ in lines[number].targets]) for number in batch]


def _batches(sizes: Sequence[tuple[int, int, int]], vocabulary: int) -> Iterator[list[int]]:
    """The numbers of (number, tokens, places), in order, in batches that memory has room for; tokens ascend."""
    batch: list[int] = []
    asked = 0
    for number, tokens, places in sizes:
        if batch and ((len(batch) + 1) * tokens > BUDGET or (asked + places) * vocabulary > LOGITS):
            yield batch
            batch, asked = [], 0
        batch.append(number)
        asked += places
    if batch:
        yield batch


@torch.inference_mode()
def _read(model: Model, texts: list[list[int]], rows: Tensor, columns: Tensor, targets: Tensor) -> list[Reading]:
    """What `model` says at the places (rows, columns) of `texts`, and of the `targets` (N,) there."""
    device = next(model.net.parameters()).device
    lengths = torch.tensor([len(ids) for ids in texts])
    width = int(lengths.max())
    batch = torch.tensor([ids + [0] * (width - len(ids)) for ids in texts])
    even = bool((lengths == width).all())
    logits = model.net.read(
        batch.to(device), None if even else lengths.to(device), rows.to(device), columns.to(device)
    ).float()
    mine = logits.gather(1, targets[:, None].to(device))[:, 0] - logits.logsumexp(1)
    best = logits.topk(min(TOP, logits.shape[1])).indices.cpu()
    among = (best == targets[:, None]).any(1)
    return [
        Reading(logprob, said[0] == target, hit, said[0])
        for logprob, said, target, hit in zip(
            mine.tolist(), best.tolist(), targets.tolist(), among.tolist(), strict=True
        )
    ]
