"""The matrix products of a training step, or of scoring, alone: what the machine could do at most."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from core.scoring import batches, tokens
from core.settings import TrainSettings


class Product(NamedTuple):
    """left @ right into `out`, `count` times in a step."""

    left: Tensor
    right: Tensor
    out: Tensor
    count: int

    def flops(self) -> int:
        return 2 * self.left.numel() * self.right.shape[-1] * self.count


def _linear(rows: int, inner: int, outer: int, count: int) -> list[Product]:
    """A layer of `inner` to `outer`: forward, and backward to its input and to its weight, as torch lays them out."""
    x, weight, error = torch.randn(rows, inner), torch.randn(outer, inner), torch.randn(rows, outer)
    return [
        Product(x, weight.T, torch.empty(rows, outer), count),
        Product(error, weight, torch.empty(rows, inner), count),
        Product(error.T, x, torch.empty(outer, inner), count),
    ]


def products(settings: TrainSettings, targets: int) -> list[Product]:
    """All products of a step of full windows, whose FLOPs are `core.shapes.flops`; the output at `targets` places."""
    shape, rows, time = settings.shape, settings.rows * settings.length, settings.length
    layers, width = shape.layers, shape.width
    found = [
        *_linear(rows, width, 3 * width, layers),
        *_linear(rows, width, width, layers),
        *_linear(rows, width, shape.inner, layers),
        *_linear(rows, shape.inner, width, layers),
        *_linear(targets, width, shape.vocabulary, 1),
    ]
    if settings.family == "bert":
        found += _linear(targets, width, width, 1)
    many, head = settings.rows * shape.heads, width // shape.heads
    q, k, share = torch.randn(many, time, head), torch.randn(many, time, head), torch.randn(many, time, time)
    # Forward: q kᵀ and the mix of v. Backward: to the shares and to v, to q and to k.
    found.append(Product(q, k.transpose(1, 2), torch.empty(many, time, time), 2 * layers))
    found.append(Product(share, k, torch.empty(many, time, head), 2 * layers))
    found.append(Product(share.transpose(1, 2), k, torch.empty(many, time, head), 2 * layers))
    return found


def round_of(wanted: list[Product]) -> None:
    """Every product of a step once, into memory that is there already."""
    for left, right, out, count in wanted:
        for _ in range(count):
            torch.matmul(left, right, out=out)


def scoring(config: dict[str, Any], texts: list[int]) -> Counter[tuple[int, ...]]:
    """The products of pseudo-log-likelihood of texts of so many tokens, as (many, rows, inner, outer): how often.

    Those that our BERT computes: what copies share once, and the last block and the output at one place a copy.
    """
    width, layers, heads = config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"]
    inner, vocabulary, size = config["intermediate_size"], config["vocab_size"], width // heads
    lengths = sorted((count + 2 for count in texts for _ in range(count)), reverse=True)
    found: Counter[tuple[int, ...]] = Counter()
    for some in batches.cut(lengths, min(tokens.BUDGET, tokens.LOGITS // vocabulary)):
        copies, time = len(some), lengths[some.start]
        rows = copies * time
        shared = min(rows, time + copies * len({*lengths[some.start : some.stop]}))
        found[1, shared, width, 3 * width] += 1
        found[1, rows, width, 3 * width] += layers - 2
        for shape in ((width, width), (width, inner), (inner, width)):
            found[1, rows, *shape] += layers - 1
            found[1, copies, *shape] += 1
        found[copies * heads, time, size, time] += layers - 1
        found[copies * heads, time, time, size] += layers - 1
        # The last block: a query, its way through the keys, all scores, the mix, its way through the values.
        found[1, copies, width, width] += 1
        found[heads, copies, size, width] += 1
        found[copies, heads, width, time] += 1
        found[copies, heads, time, width] += 1
        found[heads, copies, width, size] += 1
        found[1, copies, width, width] += 1
        found[1, copies, width, vocabulary] += 1
    return found


class Factors(NamedTuple):
    """What is multiplied, `count` times: left (many, rows, inner) by right (many, inner, outer)."""

    left: Tensor
    right: Tensor
    count: int

    def flops(self) -> int:
        return 2 * self.left.numel() * self.right.shape[-1] * self.count


def factors(wanted: Counter[tuple[int, ...]]) -> list[Factors]:
    """Numbers for such products, all out of one heap: making them is no part of the time."""
    heap = torch.randn(max(many * inner * max(rows, outer) for many, rows, inner, outer in wanted))

    def some(*shape: int) -> Tensor:
        return heap[: math.prod(shape)].view(shape)

    return [
        Factors(some(many, rows, inner), some(many, outer, inner).transpose(1, 2), count)
        for (many, rows, inner, outer), count in wanted.items()
    ]


@torch.inference_mode()
def multiply(wanted: list[Factors]) -> int:
    """Compute such products, each as our networks do on a CPU. Returns the FLOPs."""
    for left, right, count in wanted:
        for _ in range(count):
            if len(left) == 1:
                F.linear(left[0], right[0].T)
            else:
                torch.bmm(left, right)
    return sum(one.flops() for one in wanted)
