"""An LSTM that reads both ways, as ELMo was made (Peters et al. 2018): one in each direction, joined at the end.

The forward half is a trained model. The backward half is small and learns in a few seconds to say the token before,
over the embedding of the other, which stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from core.experiments.fresh import weigh
from core.models.nets.lstm import Lstm
from core.training.cross_entropy import nats

INNER = 96
"""Width of the backward half."""
ROWS, CROP, RATE = 24, 24, 5e-3
"""Windows in a batch, tokens in a window, and the learning rate."""


class TwoWays:
    """Both halves. Neither knows what the other has read."""

    def __init__(self, onward: Any, seed: int) -> None:
        """`onward`: an `Lstm`. The backward half has one layer and random weights."""
        self.onward = onward
        self.back = Lstm.from_config(onward.config() | {"hidden_size": INNER, "num_layers": 1})
        weigh(self.back, seed)
        with torch.no_grad():
            self.back.embedding.weight.copy_(onward.embedding.weight)
        self.back.embedding.weight.requires_grad_(False)
        self.back.to(onward.embedding.weight.device).eval()

    def hidden(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, T, 2 * width); each half has the length 1, so that both count alike."""
        halves = self.onward.hidden(ids), self.back.hidden(ids.flip(1)).flip(1)
        return torch.cat([F.normalize(half, dim=-1) for half in halves], -1)

    def learn(self, text: Tensor, steps: int, seed: int, tell: Callable[[int], None]) -> None:
        """Train the backward half on crops of a text (N,) of token ids; `tell` is called with the steps done."""
        random = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.Adam([weight for weight in self.back.parameters() if weight.requires_grad], lr=RATE)
        for step in range(steps):
            begins = torch.randint(len(text) - CROP, (ROWS, 1), generator=random)
            ids = text[begins + torch.arange(CROP)].flip(1).to(self.back.embedding.weight.device)
            with torch.enable_grad():
                loss = nats(self.back, self.back.hidden(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
            tell(step + 1)
