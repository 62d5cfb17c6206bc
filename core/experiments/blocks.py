"""An LSTM and a Transformer of one width, one depth and as many weights, without words: vectors in, vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.nets.gpt2 import Block
from core.models.nets.parts import attend, draw, split_heads

HEAD = 32
"""Width of an attention head."""


class Past(NamedTuple):
    """What one block of a Transformer keeps of the tokens before (the KV cache), each (B, heads, T + 1, HEAD).

    The last place is free for the token to come, so that nothing is copied when it comes.
    """

    keys: Tensor
    values: Tensor


class LstmStack(nn.Module):
    """Layers of an LSTM. Forget gates start open (Jozefowicz et al. 2015)."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.width, self.layers = width, layers
        self.lstm = nn.LSTM(width, width, layers, batch_first=True)
        for name, bias in self.lstm.named_parameters():
            if name.startswith("bias_ih"):
                bias.data[width : 2 * width] = 1.0

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, width) -> (B, T, width), from an empty state."""
        states: Tensor = self.lstm(x)[0]
        return states

    def past(self, rows: int, tokens: int) -> tuple[Tensor, Tensor]:
        """The state after `tokens`, made up: it has one size, whatever they were."""
        like = next(self.lstm.parameters())
        return like.new_zeros(self.layers, rows, self.width), like.new_zeros(self.layers, rows, self.width)

    def step(self, x: Tensor, past: tuple[Tensor, Tensor]) -> Tensor:
        """What the next token x (B, 1, width) becomes after those of `past`.

        By the cell: before a whole text torch lays all weights out anew, which takes up to 25 times as long as a token.
        """
        state = x[:, 0]
        for hidden, carried, weights in zip(*past, self.lstm.all_weights, strict=True):
            state, _ = torch.lstm_cell(state, (hidden, carried), *weights)
        return state[:, None]


class TransformerStack(nn.Module):
    """GPT-2's blocks. `one_by_one`: each place is computed after the one before it, as if nobody knew it yet."""

    def __init__(self, width: int, layers: int, ratio: float = 2, one_by_one: bool = False) -> None:
        super().__init__()
        self.width, self.one_by_one = width, one_by_one
        inner = round(ratio * width)
        self.blocks: Sequence[Block] = nn.ModuleList(  # type: ignore[assignment]
            Block(width, width // HEAD, inner, 1e-5, "gelu_new", 0.0) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        draw(self, layers)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, width) -> (B, T, width); each place knows itself and what is left of it."""
        for block in self.blocks:
            x = self._walk(block, x) if self.one_by_one else block(x)
        normed: Tensor = self.norm(x)
        return normed

    def past(self, rows: int, tokens: int) -> list[Past]:
        """The keys and values of `tokens`, made up: what they say does not change how long it takes."""
        like = self.norm.weight
        sizes = [(rows, block.heads, tokens + 1, HEAD) for block in self.blocks]
        return [Past(like.new_zeros(size), like.new_zeros(size)) for size in sizes]

    def step(self, x: Tensor, past: Sequence[Past]) -> Tensor:
        """What the next token x (B, 1, width) becomes after those of `past`, whose free place it fills."""
        for block, (keys, values) in zip(self.blocks, past, strict=True):
            q, keys[:, :, -1:], values[:, :, -1:] = _parts(block, x)
            x = block.rest(x, attend(q, keys, values, None))
        normed: Tensor = self.norm(x)
        return normed

    @staticmethod
    def _walk(block: Block, x: Tensor) -> Tensor:
        places = [x[:, place : place + 1] for place in range(x.shape[1])]
        parts = [_parts(block, place) for place in places]
        keys, values = (torch.cat([part[which] for part in parts], dim=2) for which in (1, 2))
        walked = []
        for count, (place, (query, _, _)) in enumerate(zip(places, parts, strict=True), 1):
            walked.append(block.rest(place, attend(query, keys[:, :, :count], values[:, :, :count], None)))
        return torch.cat(walked, dim=1)


def _parts(block: Block, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Query, key and value of x (B, T, width), each (B, heads, T, HEAD)."""
    q, k, v = (split_heads(part, block.heads) for part in block.qkv(block.norm_attention(x)).chunk(3, dim=-1))
    return q, k, v


def weights(net: nn.Module) -> int:
    """How many numbers it can learn."""
    return sum(weight.numel() for weight in net.parameters())
