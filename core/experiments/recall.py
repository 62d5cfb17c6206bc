"""Recall at a lag: which symbol was marked at the beginning? The task, the networks, and where the gradient arrives."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.experiments.blocks import LstmStack, TransformerStack
from core.text.stream import generator

SYMBOLS = 8
ROWS = 16
ASKED = 512
"""Rows in which a network is examined."""
RATE = 3e-3
CLIP = 1.0
KEY = 43
"""Part of the key of this file's random numbers, beside the seed."""


class Recaller(nn.Module):
    """Embedding, a stack, and an answer read at the last place."""

    def __init__(self, stack: LstmStack | TransformerStack) -> None:
        super().__init__()
        self.words = nn.Embedding(2 * SYMBOLS, stack.width)
        self.stack = stack
        self.answer = nn.Linear(stack.width, SYMBOLS)

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) symbols -> logits (B, SYMBOLS)."""
        logits: Tensor = self.read(self.words(ids))
        return logits

    def read(self, vectors: Tensor) -> Tensor:
        """(B, T, width) -> logits (B, SYMBOLS)."""
        logits: Tensor = self.answer(self.stack(vectors)[:, -1])
        return logits


def fresh(family: str, width: int, layers: int, seed: int) -> Recaller:
    """An untrained network, an "LSTM" or a "Transformer" of as many weights. Leaves torch's generator as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Recaller((LstmStack if family == "LSTM" else TransformerStack)(width, layers))


def rows(count: int, lag: int, seed: int, step: int) -> tuple[Tensor, Tensor]:
    """(count, lag + 1) random symbols, of which the first is marked, and (count,) which one that is."""
    ids = torch.from_numpy(generator(seed, step, KEY).integers(SYMBOLS, size=(count, lag + 1)))
    answers = ids[:, 0].clone()
    ids[:, 0] += SYMBOLS
    return ids, answers


def learn(net: Recaller, lag: int, steps: int, seed: int, after: Callable[[int], None]) -> None:
    """Train it with Adam; `after(step)` may raise to cancel."""
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    for step in range(steps):
        ids, answers = rows(ROWS, lag, seed, step)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(ids), answers)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        optimizer.step()
        after(step)


@torch.inference_mode()
def accuracy(net: Recaller, lag: int, seed: int) -> float:
    """Share of right answers in rows that it has not been trained on; 1 / SYMBOLS is a guess."""
    ids, answers = rows(ASKED, lag, seed, -1)
    return float((net(ids).argmax(-1) == answers).float().mean())


def reach(net: Recaller, lag: int, seed: int) -> list[float]:
    """|dL / dx| of the answer's loss at the symbols 0, 1, … `lag` before the end: the mean of a few rows."""
    ids, answers = rows(ROWS, lag, seed, -2)
    vectors = net.words(ids).detach().requires_grad_()
    (slope,) = torch.autograd.grad(F.cross_entropy(net.read(vectors), answers, reduction="sum"), vectors)
    norms: list[float] = slope.norm(dim=-1).mean(0).flip(0).tolist()
    return norms
