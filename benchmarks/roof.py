"""The matrix products of a training step alone: what the machine could do at most."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

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
