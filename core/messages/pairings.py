"""What a minimal pair says: which of two sentences each model prefers, and at which word that is decided."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from core.messages.results import FORMAT, Method, Struct

Choice = Literal["good", "bad", "tie"]


class Side(Struct, frozen=True):
    """Some characters of a sentence; of none, where the other sentence has more words."""

    text: str
    start: int
    end: int


class Step(Struct, frozen=True):
    """Words of the one sentence and those that stand in their place in the other."""

    good: Side
    bad: Side
    same: bool
    """Whether they are the same words."""
    good_bits: dict[str, float]
    """Surprisal under each model: 0 where no token stands there."""
    bad_bits: dict[str, float]
    sums: dict[str, float]
    """bad_bits - good_bits, added up from the first step to this one."""


class Preference(Struct, frozen=True):
    """One model's judgement. Log-probabilities are natural, of whole sentences; of a masked model they are pseudo."""

    good: float
    bad: float
    bits: float
    """How many bits the bad sentence needs more: negative where the model prefers it."""
    prefers: Choice
    decided: int | None
    """The step from which on the sum has the sign of the whole; null for a tie."""


class Pairing(Struct, frozen=True):
    """Two sentences under several models."""

    good: str
    bad: str
    models: dict[str, Method]
    steps: list[Step]
    preferences: dict[str, Preference]
    notes: list[str] = field(default_factory=list)
    version: int = FORMAT
