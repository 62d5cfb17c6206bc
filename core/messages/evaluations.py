"""What an evaluation found: each model on each set, every proportion with its interval."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.messages.results import FORMAT, Identity, Struct

UNIGRAM = "unigram"
"""Stands for a model in the outcomes of the baseline: what word frequencies alone get."""

SetKind = Literal["text", "pairs", "cloze"]


class Rate(Struct, frozen=True):
    """A proportion and its 95 % interval (Wilson 1927). `value`, `low` and `high` lie between 0 and 1."""

    value: float
    low: float
    high: float
    n: int
    """Questions it is the share of."""


class Measure(Struct, frozen=True):
    """One number about one model on one set. `value` is null where there was nothing to measure."""

    name: str
    """`bits_per_character`, `nats`, `perplexity`; `masked_nats_15`, `masked_top1_15`, `single_mask_nats`,
    `single_mask_top1`; `accuracy`; `top1_single`, `mean_rank_single`, …: the package `core.evaluation` names them."""
    unit: str
    """`bits`, `nats`, `share`, `rank`, `nats a piece`, or empty for a plain number."""
    value: float | None
    n: int
    """Targets, pairs or questions it was computed from."""
    rate: Rate | None = None
    """Where the number is a proportion: the same value with its interval."""


class Outcome(Struct, frozen=True):
    """One model, or the unigram, on one set."""

    model: str
    set: str
    method: str
    """How it was asked, in words of the field: `log-likelihood`, `PLL-word-l2r`, `windows of 128, stride 64`, …"""
    measures: list[Measure]
    groups: dict[str, Rate] = msgspec.field(default_factory=dict)
    """Accuracy by paradigm of minimal pairs, or by field of cloze facts, in the order of the set."""
    seconds: float = 0.0


class SetAbout(Struct, frozen=True):
    """Which set it was, exactly enough to repeat it."""

    name: str
    kind: SetKind
    path: str
    sha256: str
    """Of the file as it lies on the disk, 64 hex digits."""
    items: int
    """Characters of a text, pairs, or facts in the file."""
    taken: int
    """Of these, how many were asked."""


class Evaluation(Struct, frozen=True):
    """All models on all sets, as far as it got: `complete` says whether anything is missing."""

    models: dict[str, Identity]
    sets: list[SetAbout]
    outcomes: list[Outcome]
    """The baseline's are here too, under the model `UNIGRAM`."""
    notes: list[str] = msgspec.field(default_factory=list)
    """What a reader of the numbers must know, in sentences for a person."""
    seed: int = 1
    everything: bool = False
    seconds: float = 0.0
    complete: bool = False
    version: int = FORMAT
