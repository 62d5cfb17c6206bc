"""Models that know one thing, that words come in a cycle: their accuracy at every position is known by hand."""

from __future__ import annotations

from typing import Any

import tokenizers
import torch
from torch import Tensor, nn

from core.messages import Curves, Identity, Kind, Sweep
from core.models.model import Model
from core.sweep.sweep import sweep
from core.text.tokens import Tokenizer
from core.text.vocabularies import Roles

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CYCLE = ("ant", "bee", "cow", "dog", "elk", "fox", "gnu", "hen")
STOP = len(SPECIAL)
FIRST = STOP + 1
"""Tokens 0 to 4 are special, 5 is the full stop, 6 to 13 are the cycle."""
SIZE = FIRST + len(CYCLE)


def tokenizer(start: int | None = 2, end: int | None = 3) -> Tokenizer:
    vocabulary = {word: number for number, word in enumerate((*SPECIAL, ".", *CYCLE))}
    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    inner.add_special_tokens([tokenizers.AddedToken(name, special=True) for name in SPECIAL])
    return Tokenizer(inner, Roles(start=start, end=end, mask=4, unknown=1, pad=0))


def cycle(words: int) -> str:
    """The cycle over and over."""
    return " ".join(CYCLE[number % len(CYCLE)] for number in range(words))


class Reader(nn.Module):
    """Knows the cycle.

    Causal: says the word after the last one, and the first of the cycle after anything else. Masked: says the word
    after its left neighbour where that is a word, else the one before its right neighbour; but a full stop before
    [SEP], and where nothing at all stands on the right: it was trained on texts that end in one.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind, self.context = kind, 128
        self.weight = nn.Parameter(torch.zeros(1), requires_grad=False)
        self.rows = 0

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        self.rows += len(ids)
        ends = torch.full((len(ids),), ids.shape[1]) if lengths is None else lengths
        logits = torch.zeros(len(rows), SIZE)
        for number, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            logits[number, self._says(ids[row, : int(ends[row])].tolist(), column)] = 5.0
        return logits

    def _says(self, ids: list[int], column: int) -> int:
        if self.kind == "causal":
            return _after(ids[column]) if ids[column] >= FIRST else FIRST
        assert ids[column] == 4
        left = ids[column - 1] if column else 0
        right = ids[column + 1] if column + 1 < len(ids) else 3
        if right == 3:
            return STOP
        if left >= FIRST:
            return _after(left)
        return FIRST + (right - FIRST - 1) % len(CYCLE) if right >= FIRST else STOP


def _after(token: int) -> int:
    return FIRST + (token - FIRST + 1) % len(CYCLE)


def model(kind: Kind, net: Any = None, tokens: Tokenizer | None = None, context: int = 128) -> Model:
    identity = Identity(
        name=kind, source="folder", kind=kind, architecture="Reader", revision="0" * 12, parameters=100,
        context=context, vocabulary=SIZE, device="cpu", dtype="float32",
    )  # fmt: skip
    return Model(identity, tokens or tokenizer(), net or Reader(kind), torch.device("cpu"))


def swept(models: dict[str, Model], formats: dict[str, str], text: str, **changes: Any) -> Curves:
    """A sweep without an engine."""
    options: dict[str, Any] = {"length": 20, "windows": 30} | changes
    request = Sweep(id=1, models=list(models), text=text, **options)
    return sweep(models, formats, request, lambda done, total, note: None, lambda part: None)
