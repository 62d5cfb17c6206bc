"""The cross-entropy of an output layer, in chunks of rows: all logits never exist at once.

The gradients are computed with the loss, chunk by chunk, as softmax minus one-hot, while a chunk's logits are still
in the cache; the backward pass only scales them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

LOGITS = 1 << 22
"""Logits in a chunk on a CPU: as many rows as a fast product wants, and no more than the last cache holds (16 MB)."""
LOGITS_ABROAD = 1 << 26
"""On an accelerator, where the products want to be large."""


def rows_of(vocabulary: int, device: torch.device) -> int:
    """How many rows of logits are computed at once."""
    return max(16, (LOGITS if device.type == "cpu" else LOGITS_ABROAD) // vocabulary)


def nats(net: Any, states: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats of `net.head(states)`, states (N, width), against targets (N,)."""
    weight, bias = net.output()
    loss: Tensor = _Nats.apply(net.decode(states), weight, bias, targets)  # type: ignore[no-untyped-call]
    return loss


def _product(left: Tensor, right: Tensor, out: Tensor) -> None:
    """left @ right into `out`, without a copy where the types are the same."""
    if left.dtype == out.dtype:
        torch.mm(left, right, out=out)
    else:
        out.copy_(left @ right)


class _Nats(torch.autograd.Function):
    """Mean cross-entropy of F.linear(x, weight, bias). Under autocast the products are in its type, sums in float32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor) -> Tensor:
        kind = x.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else weight.dtype
        with torch.autocast(kind, enabled=False):
            matrix = weight.to(dtype)
            total = torch.zeros((), device=x.device)
            grad_x, grad_weight = torch.empty_like(x), torch.zeros_like(weight)
            grad_bias = None if bias is None else torch.zeros_like(bias)
            rows = min(len(x), rows_of(len(weight), x.device))
            room = x.new_empty(rows, len(weight), dtype=torch.float32)
            for part, wanted, grad in zip(*(torch.split(each, rows) for each in (x, targets, grad_x)), strict=True):
                part, wanted, logits = part.to(dtype), wanted[:, None], room[: len(part)]
                _product(part, matrix.T, logits)
                if bias is not None:
                    logits += bias
                most, right = logits.amax(-1, keepdim=True), logits.gather(1, wanted)
                shares = logits.sub_(most).exp_()
                whole = shares.sum(-1, keepdim=True)
                total += (most + whole.log() - right).sum()
                shares.div_(whole.mul_(len(targets)))
                shares.scatter_add_(1, wanted, torch.full_like(right, -1 / len(targets)))
                error = shares.to(dtype)
                if grad_bias is not None:
                    grad_bias += shares.sum(0)
                _product(error, matrix, grad)
                if dtype == grad_weight.dtype:
                    grad_weight.addmm_(error.T, part)
                else:
                    grad_weight += error.T @ part
        ctx.save_for_backward(grad_x, grad_weight, grad_bias)
        return total / len(targets)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        # In place: they are asked for once, and a copy would be as large as the output matrix.
        return *(None if grad is None else grad.mul_(grads[0]) for grad in ctx.saved_tensors), None
