"""BERT (Devlin et al. 2019, arXiv 1810.04805): a Transformer that sees both sides, post-norm, learned positions."""

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
    """Attention, then feed-forward; each is added to its input and normalised after (post-norm)."""

    def __init__(self, width: int, heads: int, inner: int, eps: float, activation: str, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv = Linear(width, 3 * width)
        self.out = Linear(width, width)
        self.norm_attention = nn.LayerNorm(width, eps)
        self.up = Linear(width, inner, activation)
        self.down = Linear(inner, width)
        self.norm = nn.LayerNorm(width, eps)

    def forward(self, x: Tensor, keep: Tensor | None, causal: bool = False, qkv: Tensor | None = None) -> Tensor:
        """(B, T, width) -> (B, T, width). `qkv` (B, T, 3 * width) is given where it is known already."""
        q, k, v = (split_heads(part, self.heads) for part in (self.qkv(x) if qkv is None else qkv).chunk(3, dim=-1))
        dropout = self.dropout if self.training else 0.0
        return self.rest(x, attend(q, k, v, keep, causal, dropout))

    def at(self, x: Tensor, keep: Tensor | None, columns: Tensor) -> Tensor:
        """This block's output at one column of each row only: (B, T, width) -> (B, 1, width)."""
        asked = x[torch.arange(len(x), device=x.device), columns][:, None]
        width = x.shape[-1]
        q = split_heads(F.linear(asked, self.qkv.weight[:width], self.qkv.bias[:width]), self.heads)
        return self.rest(asked, attend_once(q, x, self.qkv, keep))

    def rest(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Everything after attention has mixed the places."""
        x = self.norm_attention(x + F.dropout(self.out(mixed), self.dropout, self.training))
        fed = self.down(self.up(x))
        out: Tensor = self.norm(x + F.dropout(fed, self.dropout, self.training))
        return out


class Bert(nn.Module):
    """`BertForMaskedLM` without the `transformers` import; the decoder is tied to the word embedding."""

    kind: Literal["masked", "causal"] = "masked"

    def __init__(self, config: dict[str, Any], dropout: float = 0.0) -> None:
        super().__init__()
        self._config = config
        width, vocabulary = config["hidden_size"], config["vocab_size"]
        eps, activation = config.get("layer_norm_eps", 1e-12), config.get("hidden_act", "gelu")
        self.context: int = config["max_position_embeddings"]
        self.dropout = dropout
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(self.context, width)
        self.types = nn.Embedding(config.get("type_vocab_size", 2), width)
        self.norm = nn.LayerNorm(width, eps)
        self.blocks: Sequence[Block] = nn.ModuleList(  # type: ignore[assignment]
            Block(width, config["num_attention_heads"], config["intermediate_size"], eps, activation, dropout)
            for _ in range(config["num_hidden_layers"])
        )
        self.transform = Linear(width, width, activation)
        self.norm_head = nn.LayerNorm(width, eps)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    @staticmethod
    def understands(config: dict[str, Any]) -> bool:
        """Whether this page covers `config`: no decoder, no relative positions, a known activation."""
        return (
            config.get("model_type") == "bert"
            and not config.get("is_decoder")
            and config.get("position_embedding_type", "absolute") == "absolute"
            and config.get("hidden_act", "gelu") in ACTIVATIONS
            and config.get("tie_word_embeddings", True)
        )

    @staticmethod
    def shaped(shape: Shape) -> dict[str, Any]:
        """The config.json of a new network of `shape`."""
        return {
            "architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": shape.vocabulary,
            "hidden_size": shape.width, "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
            "intermediate_size": shape.inner, "max_position_embeddings": shape.positions, "type_vocab_size": 2,
            "hidden_act": "gelu", "layer_norm_eps": 1e-5, "initializer_range": 0.02, "pad_token_id": 0,
            "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "tie_word_embeddings": True,
        }  # fmt: skip

    def start(self, unigram: Tensor | None = None) -> Self:
        """Fresh weights. `unigram`: log-probabilities (vocabulary,) for the output bias: the plateau for free."""
        draw(self, len(self.blocks))
        # Sinusoids (Vaswani et al. 2017, 3.5) to begin with: "my neighbour" is then one rotation away, and masks are
        # all alike but for their place. They are trained like any other weight.
        place = torch.arange(self.context)[:, None]
        wave = place * 1000.0 ** (-torch.arange(0, self.positions.embedding_dim, 2) / self.positions.embedding_dim)
        waves = torch.stack([wave.sin(), wave.cos()], dim=-1).flatten(1)[:, : self.positions.embedding_dim]
        self.positions.weight.data.copy_(0.02 * 2**0.5 * waves)
        if unigram is not None:
            self.bias.data.copy_(unigram)
        return self

    def hidden(self, ids: Tensor, lengths: Tensor | None = None, causal: bool = False, last: bool = True) -> Tensor:
        """(B, T) ids -> (B, T, width). `causal` hides the right side; `last=False` stops before the last block."""
        keep = within(lengths, ids.shape[1])
        blocks = self.blocks if last else self.blocks[:-1]
        if torch.is_inference_mode_enabled() and len(ids) > 1 and len(blocks):
            # Masked copies of one text have nearly the same tokens at the same places: each pair is projected once.
            places = torch.arange(ids.shape[1], device=ids.device)
            pairs, back = torch.unique(ids * self.context + places, return_inverse=True)
            once = self.embed(pairs // self.context, self.positions.weight[pairs % self.context])
            x: Tensor = blocks[0](once[back], keep, causal, blocks[0].qkv(once)[back])
            blocks = blocks[1:]
        else:
            x = self.embed(ids, self.positions.weight[: ids.shape[1]])
        for block in blocks:
            x = block(x, keep, causal)
        return x

    def embed(self, ids: Tensor, places: Tensor) -> Tensor:
        """What the first block reads: ids (…), and the rows of their positions (…, width) -> (…, width)."""
        embedded: Tensor = self.norm(self.words(ids) + places + self.types.weight[0])
        return F.dropout(embedded, self.dropout, self.training)

    def decode(self, x: Tensor) -> Tensor:
        """What the output matrix reads: (N, width) -> (N, width)."""
        transformed: Tensor = self.norm_head(self.transform(x))
        return transformed

    def output(self) -> tuple[Tensor, Tensor | None]:
        """The output matrix (vocabulary, width), which is the embedding, and its bias (vocabulary,)."""
        return self.words.weight, self.bias

    def head(self, x: Tensor) -> Tensor:
        """(N, width) -> logits (N, vocabulary)."""
        return F.linear(self.decode(x), *self.output())

    def states(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """What `head` reads (N, width) at the places (rows, columns) of ids (B, T), of which `lengths` (B,) are text.

        Where every row is asked once, as in pseudo-log-likelihood, the last block computes that one place only.
        """
        if one_place_a_row(rows, len(ids)):
            x = self.hidden(ids, lengths, last=False)
            return self.blocks[-1].at(x, within(lengths, ids.shape[1]), columns)[:, 0]
        return self.hidden(ids, lengths)[rows, columns]

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """Logits (N, vocabulary) at the places (rows, columns) of ids (B, T), of which `lengths` (B,) are text."""
        return self.head(self.states(ids, lengths, rows, columns))

    def config(self) -> dict[str, Any]:
        """The config.json of this network."""
        return self._config

    def _named(self) -> dict[str, Tensor]:
        """Hugging Face names -> our tensors, or views of them."""
        named = {
            "bert.embeddings.word_embeddings.weight": self.words.weight,
            "bert.embeddings.position_embeddings.weight": self.positions.weight,
            "bert.embeddings.token_type_embeddings.weight": self.types.weight,
            "cls.predictions.bias": self.bias,
        }
        modules: dict[str, nn.Module] = {
            "bert.embeddings.LayerNorm": self.norm,
            "cls.predictions.transform.dense": self.transform,
            "cls.predictions.transform.LayerNorm": self.norm_head,
        }
        for index, block in enumerate(self.blocks):
            theirs = f"bert.encoder.layer.{index}"
            for part in ("weight", "bias"):
                thirds = getattr(block.qkv, part).chunk(3)
                for name, third in zip(("query", "key", "value"), thirds, strict=True):
                    named[f"{theirs}.attention.self.{name}.{part}"] = third
            modules[f"{theirs}.attention.output.dense"] = block.out
            modules[f"{theirs}.attention.output.LayerNorm"] = block.norm_attention
            modules[f"{theirs}.intermediate.dense"] = block.up
            modules[f"{theirs}.output.dense"] = block.down
            modules[f"{theirs}.output.LayerNorm"] = block.norm
        for name, module in modules.items():
            named |= {f"{name}.{part}": getattr(module, part) for part in ("weight", "bias")}
        return named

    @classmethod
    def from_config(cls, config: dict[str, Any], dropout: float = 0.0) -> Self:
        """A network with untrained weights."""
        return cls(config, dropout)

    @classmethod
    def from_tensors(cls, config: dict[str, Any], tensors: dict[str, Tensor], dropout: float = 0.0) -> Self:
        """A network with the weights of a `BertForMaskedLM`. Raises UserError naming what is missing."""
        # The first published checkpoints call a norm's weight gamma and its bias beta.
        modern = {k.replace(".gamma", ".weight").replace(".beta", ".bias"): v for k, v in tensors.items()}
        net = cls(config, dropout)
        fill(net._named(), modern, "BertForMaskedLM")
        return net

    def to_tensors(self) -> dict[str, Tensor]:
        """The weights under their Hugging Face names, the tied decoder once."""
        return {name: tensor.detach().clone() for name, tensor in self._named().items()}
