"""What the two Transformers share: attention, activations, and reading tensors by name."""

from __future__ import annotations

import math
import os
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import UserError


def tanh_gelu_(x: Tensor) -> Tensor:
    """GELU by tanh (Hendrycks and Gimpel 2016, arXiv 1606.08415) with `x` overwritten: 1 + tanh(z) is 2 sigmoid(2z).

    A CPU has a faster sigmoid than tanh: 2.5 times as fast as the function of torch.
    """
    scale = 2 * (2 / math.pi) ** 0.5
    return x.mul_(x.square().mul_(scale * 0.044715).add_(scale).mul_(x).sigmoid_())


def tanh_gelu(x: Tensor) -> Tensor:
    """The same by torch, for where a gradient is wanted or the device is no CPU."""
    return F.gelu(x, approximate="tanh")


ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "linear": (lambda x: x, lambda x: x),
    "gelu": (F.gelu, torch.ops.aten.gelu_),
    "gelu_new": (tanh_gelu, tanh_gelu_),
    "gelu_pytorch_tanh": (tanh_gelu, tanh_gelu_),
    "relu": (F.relu, torch.relu_),
}
"""By the names of Hugging Face: the function, and the one that overwrites what it is given, where nothing is learnt."""

for cache in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"):
    # oneDNN, which computes an LSTM here, keeps what it prepared for each shape of input together with memory as large
    # as the result, 1,024 of them by default: a gigabyte where lengths vary. Both caches read this at first use.
    os.environ.setdefault(cache, "16")


class Linear(nn.Linear):
    """A layer and its activation, by its name at Hugging Face: (…, inner) -> (…, outer)."""

    def __init__(self, inner: int, outer: int, activation: str = "linear") -> None:
        super().__init__(inner, outer)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        product, (function, overwriting) = super().forward(x), ACTIVATIONS[self.activation]
        return (overwriting if torch.is_inference_mode_enabled() and x.device.type == "cpu" else function)(product)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(B, T, width) -> (B, heads, T, width / heads)."""
    batch, time, width = x.shape
    return x.view(batch, time, heads, width // heads).transpose(1, 2)


def attend(q: Tensor, k: Tensor, v: Tensor, keep: Tensor | None, causal: bool = False, dropout: float = 0.0) -> Tensor:
    """Scaled dot-product attention (Vaswani et al. 2017, eq. 1), heads merged again.

    q: (B, heads, Q, d); k, v: (B, heads, T, d); keep: bool, broadcast to (B, heads, Q, T), True where a key may
    be looked at. Returns (B, Q, heads * d).
    """
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=keep, is_causal=causal, dropout_p=dropout)
    return mixed.transpose(1, 2).flatten(2)


def attend_once(q: Tensor, x: Tensor, keys: nn.Linear, keep: Tensor | None) -> Tensor:
    """Attention of one query a row, without the keys and values of the places x (B, T, width) that it looks at.

    The same sums in another order: q·(Kx + b) is (qK)·x and a number that the softmax does not see, and the values'
    mean is V times the mean of x. So no place but the asked one goes through a matrix. q: (B, heads, 1, d); `keys`:
    the layer whose last 2 x width rows make keys and values; keep: as in `attend`. Returns (B, 1, heads * d).
    """
    batch, heads, _, size = q.shape
    width = heads * size
    to_key, to_value = keys.weight[-2 * width :].view(2, heads, size, -1)
    asked = torch.einsum("bhd,hdw->bhw", q[:, :, 0] * size**-0.5, to_key)
    weights = asked @ x.transpose(1, 2)
    if keep is not None:
        weights = weights.masked_fill(~keep[:, 0], float("-inf"))
    mixed = torch.einsum("bhw,hdw->bhd", weights.softmax(-1) @ x, to_value)
    return mixed.reshape(batch, 1, width) + keys.bias[-width:]


def within(lengths: Tensor | None, time: int) -> Tensor | None:
    """(B,) lengths -> (B, 1, 1, T) bool: True where a key is a real token. None stays None: no padding at all."""
    if lengths is None:
        return None
    return (torch.arange(time, device=lengths.device)[None, :] < lengths[:, None])[:, None, None, :]


def one_place_a_row(rows: Tensor, batch: int) -> bool:
    """Whether every row of the batch is asked about exactly once, in order: then one query a row is enough."""
    return len(rows) == batch and bool((rows == torch.arange(batch, device=rows.device)).all())


def draw(net: nn.Module, layers: int) -> None:
    """Fresh matrices in place: normal, 0.02; those that add to the stream smaller, as in GPT-2."""
    for name, weight in net.named_parameters():
        if weight.ndim == 2:
            residual = name.endswith(("out.weight", "down.weight"))
            nn.init.normal_(weight, std=0.02 / (2 * layers) ** 0.5 if residual else 0.02)


@torch.no_grad()
def fill(ours: dict[str, Tensor], theirs: dict[str, Tensor], where: str) -> None:
    """Copy `theirs` into `ours` by name, as float32. Raises UserError naming one that is missing or misshapen."""
    for name, mine in ours.items():
        tensor = theirs.get(name)
        if tensor is None:
            raise UserError(
                f"The weights have no {name}.",
                why=f"A {where} needs it; without it the predictions would be noise.",
                hint="Use a checkpoint that was saved with its language-modelling head.",
            )
        if tensor.shape != mine.shape:
            raise UserError(
                f"The tensor {name} has the shape {tuple(tensor.shape)}.",
                why=f"config.json says {tuple(mine.shape)}.",
                hint="The weights and the configuration do not belong together.",
            )
        mine.copy_(tensor.float())
