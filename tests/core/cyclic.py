"""A text that goes a b c a b c, and networks that know so: what they lose can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from core.messages import Kind
from core.models.model import Model
from core.sweep.text import Text
from tests.core.toys import Table, toy

A, B, C, END = 5, 6, 7, 3
AFTER, BEFORE = {A: B, B: C, C: A}, {B: A, C: B, A: C}
CONTEXT = 64


def text() -> Text:
    """Forty documents, and what a reader must know of them."""
    return Text("a b c", ["a b c " * 30] * 40, [])


def neighbours() -> Model:
    """A masked model that names what may stand beside each of its two neighbours."""
    table = torch.zeros(10, 10)
    for word in (A, B, C):
        table[word, [AFTER[word], BEFORE[word]]] = 4.0
    return toy("masked", table, CONTEXT)


class Reader(Table):
    """Sure of a word from its right neighbour; else less so from its left one, as much as `end` and `bare` say.

    As a causal network sure of what comes after `ready` tokens, and nearly blind before.
    """

    def __init__(self, kind: Kind, end: float = 2.0, bare: float = 0.5, ready: int = 6, late: float = 5.0) -> None:
        super().__init__(kind, torch.zeros(10, 10), CONTEXT)
        self.end, self.bare, self.ready, self.late = end, bare, ready, late

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        logits = torch.zeros(len(rows), 10)
        for number, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            words = ids[row, : ids.shape[1] if lengths is None else int(lengths[row])].tolist()
            if self.kind == "causal":
                logits[number, AFTER.get(words[column], 0)] = self.late if column >= self.ready else 0.5
            elif column + 1 < len(words) and words[column + 1] in BEFORE:
                logits[number, BEFORE[words[column + 1]]] = 5.0
            else:
                logits[number, AFTER[words[column - 1]]] = self.bare if column + 1 == len(words) else self.end
        return logits


class Blank(Table):
    """Nothing is likelier than anything else."""

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        return torch.zeros(len(rows), 10)


def blank(net: Any, seed: int) -> Any:
    """In the place of `fresh`: a network that knows nothing."""
    return Blank(net.kind, torch.zeros(10, 10), CONTEXT)


def reader(kind: Kind, **how: float) -> Model:
    """`Reader` as a model."""
    net: Any = Reader(kind, **how)  # type: ignore[arg-type]
    return replace(toy(kind, torch.zeros(10, 10), CONTEXT), net=net)
