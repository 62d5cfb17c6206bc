"""Models that can be computed by hand."""

from __future__ import annotations

from typing import Any

import tokenizers
import torch
from torch import Tensor, nn

from core.messages import Identity, Kind
from core.models.model import Model
from core.text.tokens import Tokenizer
from core.text.vocabularies import Roles

WORDS = ("a", "b", "c", "##d", "e")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def toy_tokenizer() -> Tokenizer:
    """WordPiece over five pieces: "a", "b", "c", "e" and "##d"; ids 5 to 9."""
    vocabulary = {word: number for number, word in enumerate((*SPECIAL, *WORDS))}
    inner = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    inner.add_special_tokens([tokenizers.AddedToken(name, special=True) for name in SPECIAL])
    return Tokenizer(inner, Roles(start=2, end=3, mask=4, unknown=1, pad=0))


class Table(nn.Module):
    """A network whose logits are looked up: for a causal one by the token itself, for a masked one by its neighbours.

    `table` (10, 10) holds log-probabilities. Causal: row = the token that was read last. Masked: the sum of the
    rows of the left and the right neighbour.
    """

    def __init__(self, kind: Kind, table: Tensor, context: int = 16) -> None:
        super().__init__()
        self.kind, self.context = kind, context
        self.table = nn.Parameter(table, requires_grad=False)
        self.asked: list[tuple[list[int], int]] = []

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        self.asked += [(ids[row].tolist(), int(column)) for row, column in zip(rows, columns, strict=True)]
        if self.kind == "causal":
            return self.table[ids[rows, columns]]
        return self.table[ids[rows, columns - 1]] + self.table[ids[rows, columns + 1]]

    def states(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        return self.read(ids, lengths, rows, columns)

    def head(self, states: Tensor) -> Tensor:
        return states


def toy(kind: Kind, table: Tensor, context: int = 16) -> Model:
    net: Any = Table(kind, table, context)
    identity = Identity(
        name="toy", source="folder", kind=kind, architecture="Table", revision="0" * 12, parameters=100,
        context=context, vocabulary=10, device="cpu", dtype="float32",
    )  # fmt: skip
    return Model(identity, toy_tokenizer(), net, torch.device("cpu"))
