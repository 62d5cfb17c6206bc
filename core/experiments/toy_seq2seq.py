"""Two small networks that turn one sequence into another, and what a pass through each of them costs.

Both read the source whole, then write the target from left to right with attention to the source. Sequences of a
batch have one length, so there is no padding.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.nets.parts import Linear, attend, split_heads

LETTERS = 10
START, END = LETTERS, LETTERS + 1
SYMBOLS = LETTERS + 2
LONGEST = 16
"""Places that the Transformer has positions for; one more is needed than a target has letters."""


class Pairs(NamedTuple):
    """Sources (B, n), what the decoder reads (B, n + 1), and what it must write (B, n + 1), the end included."""

    source: Tensor
    before: Tensor
    target: Tensor


def pairs(source: Tensor, task: str) -> Pairs:
    """`source` (B, n) with its letters in reverse order, or sorted."""
    answer = source.flip(1) if task == "reverse" else source.sort(1).values
    column = answer.new_ones(len(answer), 1)
    return Pairs(source, torch.cat([START * column, answer], 1), torch.cat([answer, END * column], 1))


class Recurrent(nn.Module):
    """An LSTM that reads both ways, one that writes, and attention between them (Bahdanau et al. 2015; the scores
    and the mixing are those of Luong et al. 2015)."""

    def __init__(self, width: int, inner: int, attention: bool = True) -> None:
        super().__init__()
        self.attention = attention
        self.read, self.write = nn.Embedding(SYMBOLS, width), nn.Embedding(SYMBOLS, width)
        self.encoder = nn.LSTM(width, inner // 2, bidirectional=True, batch_first=True)
        self.decoder = nn.LSTM(width, inner, batch_first=True)
        self.ask, self.mix = nn.Linear(inner, inner), nn.Linear(2 * inner, inner)
        self.out = nn.Linear(inner, SYMBOLS)

    def forward(self, source: Tensor, before: Tensor) -> Tensor:
        """(B, n), (B, m) -> logits (B, m, symbols). Without attention the last states are all it knows."""
        seen, last = self.encoder(self.read(source))
        first = tuple(state.transpose(0, 1).flatten(1)[None] for state in last)
        x, _ = self.decoder(self.write(before), first)
        looked = F.scaled_dot_product_attention(self.ask(x), seen, seen) if self.attention else torch.zeros_like(x)
        logits: Tensor = self.out(torch.tanh(self.mix(torch.cat([x, looked], -1))))
        return logits

    def flops(self, n: int) -> int:
        """Multiplications and additions of one forward pass with n letters, of the matrix products."""
        width, inner, m = self.read.embedding_dim, self.decoder.hidden_size, n + 1
        reading = n * 2 * 4 * (inner // 2) * (width + inner // 2)
        writing = m * (4 * inner * (width + inner) + inner * inner + 2 * inner * inner + inner * SYMBOLS)
        return 2 * (reading + writing + 2 * n * m * inner)


class Layer(nn.Module):
    """Attention to oneself, for a decoder also to the source, then feed-forward; pre-norm."""

    def __init__(self, width: int, heads: int, decoder: bool) -> None:
        super().__init__()
        self.heads, self.decoder = heads, decoder
        kinds = 2 if decoder else 1
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(kinds + 1))
        self.asks = nn.ModuleList(nn.Linear(width, width) for _ in range(kinds))
        self.keys = nn.ModuleList(nn.Linear(width, 2 * width) for _ in range(kinds))
        self.outs = nn.ModuleList(nn.Linear(width, width) for _ in range(kinds))
        self.up, self.down = Linear(width, 2 * width, "relu"), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, seen: Tensor | None = None) -> Tensor:
        """(B, m, width) and, for a decoder, the encoded source (B, n, width) -> (B, m, width)."""
        for kind, (norm, ask, key, out) in enumerate(zip(self.norms, self.asks, self.keys, self.outs, strict=False)):
            normed = norm(x)
            k, v = (split_heads(part, self.heads) for part in key(normed if kind == 0 else seen).chunk(2, -1))
            causal = self.decoder and kind == 0
            x = x + out(attend(split_heads(ask(normed), self.heads), k, v, None, causal=causal))
        fed: Tensor = self.down(self.up(self.norms[-1](x)))
        return x + fed


class Transformer(nn.Module):
    """One layer that reads, one that writes (Vaswani et al. 2017, with pre-norm and sinusoids as positions)."""

    def __init__(self, width: int, heads: int = 4, positions: bool = True) -> None:
        super().__init__()
        self.read, self.write = nn.Embedding(SYMBOLS, width), nn.Embedding(SYMBOLS, width)
        self.encoder, self.decoder = Layer(width, heads, False), Layer(width, heads, True)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.out = nn.Linear(width, SYMBOLS)
        self.places: Tensor
        self.register_buffer("places", _waves(LONGEST, width) * positions, persistent=False)

    def forward(self, source: Tensor, before: Tensor) -> Tensor:
        """(B, n), (B, m) -> logits (B, m, symbols)."""
        seen = self.norms[0](self.encoder(self.read(source) + self.places[: source.shape[1]]))
        x = self.decoder(self.write(before) + self.places[: before.shape[1]], seen)
        logits: Tensor = self.out(self.norms[1](x))
        return logits

    def flops(self, n: int) -> int:
        """Multiplications and additions of one forward pass with n letters, of the matrix products."""
        width, m = self.read.embedding_dim, n + 1
        square = width * width
        reading = n * 8 * square + 2 * n * n * width
        writing = m * (10 * square + width * SYMBOLS) + n * 2 * square + 2 * m * (m + n) * width
        return 2 * (reading + writing)


def _waves(count: int, width: int) -> Tensor:
    """Sinusoids (count, width), neighbours next to each other; wavelengths up to 1,000 suit short sequences."""
    turns = torch.arange(count)[:, None] * 1000.0 ** (-torch.arange(0, width, 2) / width)
    return torch.stack([turns.sin(), turns.cos()], -1).flatten(1)


def start(net: Recurrent | Transformer, random: torch.Generator) -> None:
    """Fresh weights from `random` alone: embeddings of deviation 1, others uniform by their inputs (He et al. 2015)."""
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if name.startswith(("read.", "write.")):
                weight.normal_(generator=random)
            elif "norms" in name:
                weight.fill_(1.0 if name.endswith("weight") else 0.0)
            elif weight.ndim == 1:
                weight.zero_()
            else:
                edge = 1 / math.sqrt(weight.shape[1])
                weight.uniform_(-edge, edge, generator=random)
