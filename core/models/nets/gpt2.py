"""GPT-2 (Radford et al. 2019): a Transformer that sees only the left, pre-norm, learned positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.nets.parts import (
    ACTIVATIONS,
    Linear,
    attend,
    attend_once,
    draw,
    fill,
    one_place_a_row,
    split_heads,
    within,
)
from core.settings import Shape


class Block(nn.Module):
    """Attention, then feed-forward; each reads a normalised copy and is added to the stream (pre-norm)."""

    def __init__(self, width: int, heads: int, inner: int, eps: float, activation: str, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm_attention = nn.LayerNorm(width, eps)
        self.qkv = Linear(width, 3 * width)
        self.out = Linear(width, width)
        self.norm = nn.LayerNorm(width, eps)
        self.up = Linear(width, inner, activation)
        self.down = Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (split_heads(part, self.heads) for part in self.qkv(self.norm_attention(x)).chunk(3, dim=-1))
        mixed = attend(q, k, v, None, causal=True, dropout=self.dropout if self.training else 0.0)
        return self.rest(x, mixed)

    def at(self, x: Tensor, columns: Tensor) -> Tensor:
        """This block's output at one column of each row only: (B, T, width) -> (B, 1, width)."""
        normed, width = self.norm_attention(x), x.shape[-1]
        row = torch.arange(len(x), device=x.device)
        asked = F.linear(normed[row, columns][:, None], self.qkv.weight[:width], self.qkv.bias[:width])
        mixed = attend_once(split_heads(asked, self.heads), normed, self.qkv, within(columns + 1, x.shape[1]))
        return self.rest(x[row, columns][:, None], mixed)

    def rest(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Everything after attention has mixed the places."""
        x = x + F.dropout(self.out(mixed), self.dropout, self.training)
        return x + F.dropout(self.down(self.up(self.norm(x))), self.dropout, self.training)


class Gpt2(nn.Module):
    """`GPT2LMHeadModel` without the `transformers` import; the output is tied to the word embedding."""

    kind: Literal["masked", "causal"] = "causal"

    def __init__(self, config: dict[str, Any], dropout: float = 0.0) -> None:
        super().__init__()
        self._config = config
        width, vocabulary = config["n_embd"], config["vocab_size"]
        inner, eps = config.get("n_inner") or 4 * width, config.get("layer_norm_epsilon", 1e-5)
        activation = config.get("activation_function", "gelu_new")
        self.context: int = config["n_positions"]
        self.dropout = dropout
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(self.context, width)
        self.blocks: Sequence[Block] = nn.ModuleList(  # type: ignore[assignment]
            Block(width, config["n_head"], inner, eps, activation, dropout) for _ in range(config["n_layer"])
        )
        self.norm = nn.LayerNorm(width, eps)

    @staticmethod
    def understands(config: dict[str, Any]) -> bool:
        """Whether this page covers `config`: the scaling of the original, a known activation, tied output."""
        return (
            config.get("model_type") == "gpt2"
            and config.get("scale_attn_weights", True)
            and not config.get("scale_attn_by_inverse_layer_idx")
            and not config.get("add_cross_attention")
            and config.get("activation_function", "gelu_new") in ACTIVATIONS
            and config.get("tie_word_embeddings", True)
        )

    @staticmethod
    def shaped(shape: Shape) -> dict[str, Any]:
        """The config.json of a new network of `shape`."""
        return {
            "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": shape.vocabulary,
            "n_embd": shape.width, "n_layer": shape.layers, "n_head": shape.heads, "n_inner": shape.inner,
            "n_positions": shape.positions, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
            "initializer_range": 0.02, "tie_word_embeddings": True,
        }  # fmt: skip

    def start(self, unigram: Tensor | None = None) -> Self:
        """Fresh weights. The output has no bias, so `unigram` is not used."""
        draw(self, len(self.blocks))
        return self

    def hidden(self, ids: Tensor, last: bool = True) -> Tensor:
        """(B, T) ids -> (B, T, width); each place knows itself and what is left of it."""
        embedded = self.words(ids) + self.positions.weight[: ids.shape[1]]
        x = F.dropout(embedded, self.dropout, self.training)
        for block in self.blocks if last else self.blocks[:-1]:
            x = block(x)
        return x

    def decode(self, x: Tensor) -> Tensor:
        """What the output matrix reads: (N, width) -> (N, width)."""
        normed: Tensor = self.norm(x)
        return normed

    def output(self) -> tuple[Tensor, Tensor | None]:
        """The output matrix (vocabulary, width), which is the embedding, and its bias (vocabulary,): none."""
        return self.words.weight, None

    def head(self, x: Tensor) -> Tensor:
        """(N, width) -> logits (N, vocabulary)."""
        return F.linear(self.decode(x), *self.output())

    def states(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """What `head` reads (N, width) at the places (rows, columns) of ids (B, T).

        Padding stands right of everything that is read, and nothing looks right, so `lengths` changes nothing.
        """
        if one_place_a_row(rows, len(ids)):
            return self.blocks[-1].at(self.hidden(ids, last=False), columns)[:, 0]
        return self.hidden(ids)[rows, columns]

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """Logits (N, vocabulary) for what follows the places (rows, columns) of ids (B, T)."""
        return self.head(self.states(ids, lengths, rows, columns))

    def config(self) -> dict[str, Any]:
        """The config.json of this network."""
        return self._config

    def _named(self) -> dict[str, Tensor]:
        """Hugging Face names -> our tensors; GPT-2 stores its matrices transposed (Conv1D)."""
        named = {
            "transformer.wte.weight": self.words.weight,
            "transformer.wpe.weight": self.positions.weight,
            "transformer.ln_f.weight": self.norm.weight,
            "transformer.ln_f.bias": self.norm.bias,
        }
        for index, block in enumerate(self.blocks):
            theirs = f"transformer.h.{index}"
            for name, norm in (("ln_1", block.norm_attention), ("ln_2", block.norm)):
                named |= {f"{theirs}.{name}.weight": norm.weight, f"{theirs}.{name}.bias": norm.bias}
            linears = {
                "attn.c_attn": block.qkv,
                "attn.c_proj": block.out,
                "mlp.c_fc": block.up,
                "mlp.c_proj": block.down,
            }
            for name, layer in linears.items():
                named |= {f"{theirs}.{name}.weight": layer.weight.T, f"{theirs}.{name}.bias": layer.bias}
        return named

    @classmethod
    def from_config(cls, config: dict[str, Any], dropout: float = 0.0) -> Self:
        """A network with untrained weights."""
        return cls(config, dropout)

    @classmethod
    def from_tensors(cls, config: dict[str, Any], tensors: dict[str, Tensor], dropout: float = 0.0) -> Self:
        """A network with the weights of a `GPT2LMHeadModel`. Raises UserError naming what is missing."""
        # The original checkpoint was saved from the body alone, without the prefix; its output is the embedding.
        if "wte.weight" in tensors:
            tensors = {f"transformer.{name}": tensor for name, tensor in tensors.items()}
        net = cls(config, dropout)
        fill(net._named(), tensors, "GPT2LMHeadModel")
        return net

    def to_tensors(self) -> dict[str, Tensor]:
        """The weights under their Hugging Face names, the tied output once."""
        return {name: tensor.detach().clone().contiguous() for name, tensor in self._named().items()}
