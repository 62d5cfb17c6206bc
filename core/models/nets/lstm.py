"""An LSTM language model (Hochreiter & Schmidhuber 1997) with a tied embedding (Press & Wolf 2017, arXiv 1608.05859).

It reads left to right and keeps what it knows in a state of fixed size. A projection brings the hidden state back
to the width of the embedding, which is also the output.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from torch import Tensor, nn
from torch.nn import functional as F

from core.models.nets.parts import Linear, fill
from core.settings import Shape


class Lstm(nn.Module):
    """Embedding, stacked LSTM layers, projection, tied output."""

    kind: Literal["masked", "causal"] = "causal"

    def __init__(self, config: dict[str, Any], dropout: float = 0.0) -> None:
        super().__init__()
        self._config = config
        layers, width, inner = config["num_layers"], config["embedding_size"], config["hidden_size"]
        self.context: int = config["max_position_embeddings"]
        self.dropout = dropout
        self.embedding = nn.Embedding(config["vocab_size"], width)
        self.lstm = nn.LSTM(width, inner, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.project = Linear(inner, width)

    @staticmethod
    def understands(config: dict[str, Any]) -> bool:
        """Whether this page covers `config`."""
        return config.get("model_type") == "lookboth_lstm"

    @staticmethod
    def shaped(shape: Shape) -> dict[str, Any]:
        """The config.json of a new network of `shape`.

        An LSTM has no longest window of its own; `positions` is the one it was trained on, beyond which its
        scores would not be comparable.
        """
        return {
            "architectures": ["LookbothLstmForCausalLM"], "model_type": "lookboth_lstm",
            "vocab_size": shape.vocabulary, "embedding_size": shape.width, "hidden_size": shape.inner,
            "num_layers": shape.layers, "max_position_embeddings": shape.positions, "tie_word_embeddings": True,
        }  # fmt: skip

    def start(self, unigram: Tensor | None = None) -> Self:
        """Fresh weights: torch's own for the layers; forget gates start open (Jozefowicz et al. 2015)."""
        nn.init.normal_(self.embedding.weight, std=0.02)
        inner = self.lstm.hidden_size
        for name, bias in self.lstm.named_parameters():
            if name.startswith("bias_ih"):
                bias.data[inner : 2 * inner] = 1.0
        return self

    def hidden(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, T, width), from an empty state."""
        x = F.dropout(self.embedding(ids), self.dropout, self.training)
        states, _ = self.lstm(x)
        projected: Tensor = self.project(F.dropout(states, self.dropout, self.training))
        return projected

    def decode(self, x: Tensor) -> Tensor:
        """What the output matrix reads: (N, width) as it is."""
        return x

    def output(self) -> tuple[Tensor, Tensor | None]:
        """The output matrix (vocabulary, width), which is the embedding, and its bias (vocabulary,): none."""
        return self.embedding.weight, None

    def head(self, x: Tensor) -> Tensor:
        """(N, width) -> logits (N, vocabulary)."""
        return F.linear(self.decode(x), *self.output())

    def states(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """What `head` reads (N, width) at the places (rows, columns) of ids (B, T).

        Padding stands right of everything that is read, and the LSTM reads left to right, so `lengths` changes
        nothing.
        """
        return self.hidden(ids)[rows, columns]

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """Logits (N, vocabulary) for what follows the places (rows, columns) of ids (B, T)."""
        return self.head(self.states(ids, lengths, rows, columns))

    def config(self) -> dict[str, Any]:
        """The config.json of this network."""
        return self._config

    @classmethod
    def from_config(cls, config: dict[str, Any], dropout: float = 0.0) -> Self:
        """A network with untrained weights."""
        return cls(config, dropout)

    @classmethod
    def from_tensors(cls, config: dict[str, Any], tensors: dict[str, Tensor], dropout: float = 0.0) -> Self:
        """A network with saved weights. Raises UserError naming what is missing."""
        net = cls(config, dropout)
        fill(dict(net.named_parameters()), tensors, "LookbothLstmForCausalLM")
        return net

    def to_tensors(self) -> dict[str, Tensor]:
        """The weights by name, the tied output once."""
        return {name: tensor.detach().clone() for name, tensor in self.named_parameters()}
