"""A model that is ready to be asked: who it is, how it cuts text, and the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from core.messages import Identity
from core.text.tokens import Tokenizer


class Net(Protocol):
    """The one face of every network, our own and those of `transformers`. Each of them is a torch module."""

    @property
    def kind(self) -> str:
        """`masked`: a place sees both sides; `causal`: a place sees itself and what is left of it."""

    @property
    def context(self) -> int:
        """The longest window in tokens, special tokens counted."""

    def read(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """Logits (N, vocabulary) at the places (rows, columns) of ids (B, T); columns from `lengths` on are padding."""

    def states(self, ids: Tensor, lengths: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        """What `head` makes these logits of, (N, width): all that need be kept of many places."""

    def head(self, states: Tensor) -> Tensor:
        """Logits (N, vocabulary) of states (N, width), for as few of them at a time as one likes."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Every trained tensor once, tied ones counted once."""

    def to(self, device: torch.device) -> Any:
        """Move every tensor to `device`, in place."""

    def eval(self) -> Any:
        """Switch dropout off."""


@dataclass(frozen=True)
class Model:
    """What the engine asks. `notes` says, in sentences for a person, what was left unread in the folder."""

    identity: Identity
    tokenizer: Tokenizer
    net: Net
    device: torch.device
    notes: tuple[str, ...] = ()
