"""The score of one token, read from what the network says at its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.messages import Candidate
from core.models.model import Model
from core.predict import candidates

BUDGET = 1536
"""Tokens in a batch on a CPU: rows enough for fast products, and no more than its caches hold of them."""
BUDGET_ABROAD = 2**17
"""On an accelerator."""
LOGITS = 2**26
"""Most logits that a network may make at once (256 MiB): a large vocabulary makes smaller batches and windows."""
CHUNK, ROWS = 2**20, 64
"""Logits that our own networks make at once on a CPU (4 MiB, what a cache holds), but for so many places at least."""

Report = Callable[[int, int], None]
"""Called with the tokens that are scored and all tokens, after every batch. It may raise to cancel."""


def silent(done: int, total: int) -> None:
    """A report to nobody."""


@dataclass(frozen=True)
class TokenScore:
    """One token: log p in nats, its rank (1 = most likely), the entropy in bits of the distribution it came from."""

    logprob: float
    rank: int
    entropy: float
    top: list[Candidate]


def bits(nats: float) -> float:
    """A log-probability in nats as surprisal in bits: -log2 p."""
    return -nats / math.log(2) + 0.0  # never -0.0


def window_of(model: Model) -> int:
    """The tokens that one window holds: the model's context, or fewer where its logits would not fit in memory."""
    return min(model.identity.context, max(64, LOGITS // model.identity.vocabulary))


def measure(model: Model, logits: Tensor, wanted: Tensor, top: list[int]) -> Iterator[TokenScore]:
    """Scores of the ids `wanted` (N, 1) under `logits` (N, vocabulary), with `top[i]` candidates."""
    logprobs = logits.log_softmax(-1)
    mine = logprobs.gather(1, wanted)
    ranks = (logprobs > mine).sum(-1) + 1
    # A probability of zero contributes nothing, where 0 * -inf would be NaN.
    entropies = torch.special.entr(logprobs.exp()).sum(-1) / math.log(2)
    lists = [candidates(row, model.tokenizer, n) if n else [] for row, n in zip(logprobs, top, strict=True)]
    return map(TokenScore, mine[:, 0].tolist(), ranks.tolist(), entropies.tolist(), lists)


def logits_of(model: Model, states: Tensor, ids: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Logits (n, vocabulary) and ids (n, 1), a few places at a time: those of all never exist at once."""
    size = max(ROWS, (CHUNK if model.device.type == "cpu" else LOGITS) // model.identity.vocabulary)
    for part, wanted in zip(torch.split(states, size), torch.split(ids, size), strict=True):
        yield model.net.head(part).float(), wanted[:, None]
