"""What a sweep found: how well each model knows a word, by where in a window the word stands."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.messages.results import FORMAT, Identity, Struct

SweepProtocol = Literal["paired", "salamone2021"]
"""`paired`: every position on the same windows, the same target words for all models. `salamone2021`: each model's own
tokens and windows, one random position a window, as in Luke Salamone's notebook."""
Unit = Literal["tokens", "words"]


class Series(Struct, frozen=True):
    """One model in one condition. Every list has one entry a position of the sweep; null where nothing was scored."""

    model: str
    condition: str
    accuracy: list[float | None]
    """Share of targets that are the model's first choice."""
    low: list[float | None]
    high: list[float | None]
    """The 95 % interval of `accuracy` (Wilson 1927)."""
    top5: list[float | None]
    """Share of targets among the model's first five choices."""
    top5_low: list[float | None]
    top5_high: list[float | None]
    logprob: list[float | None]
    """Mean log-probability of the target, in nats."""
    n: list[int]
    """Targets scored."""
    stop: list[float | None]
    """Share of a full stop among the model's first choices."""


class Estimate(Struct, frozen=True):
    """A difference of accuracies and its 95 % interval, by resampling whole windows (Efron & Tibshirani 1993)."""

    value: float
    low: float
    high: float


class Fall(Struct, frozen=True):
    """From the middle of the window to its last position, in one condition."""

    condition: str
    middle: float
    """Accuracy over `Sweep.middle`."""
    last: float
    fall: Estimate
    """middle - last: negative where the last position is the better one."""
    windows: int


class Waterfall(Struct, frozen=True):
    """A masked model's fall without special tokens, split in two. Both parts may be negative.

    fall = middle(bare) - last(bare); information = middle(F) - last(F), with F the format that the model was trained
    in; artefact = fall - information.
    """

    bare: Fall
    trained: Fall
    artefact: Estimate


class Published(Struct, frozen=True):
    """Somebody else's accuracy by position, with where it stands."""

    model: str
    accuracy: dict[int, float]
    """At single positions."""
    fives: dict[int, float]
    """The mean of five positions, by the first of them."""
    mean: float
    """Over all positions."""
    source: str


class Curves(Struct, frozen=True):
    """Accuracy by position. `complete` is false on the way: counts then still grow."""

    positions: list[int]
    """Counted from 0 at the left edge of the window, without special tokens."""
    middle: list[int]
    """The positions of `positions` that count as the middle of the window."""
    unit: Unit
    protocol: SweepProtocol
    seed: int
    length: int
    """Units in a window."""
    windows: int
    """Windows that are read, when it is complete."""
    text: str
    """What the text is called."""
    models: dict[str, Identity]
    formats: dict[str, str]
    """For each model the condition that it was trained in: its series has the plain name of the model."""
    series: dict[str, Series]
    """By the name of the model, or model/condition."""
    falls: dict[str, Fall] = msgspec.field(default_factory=dict)
    """For each model in its training format."""
    waterfalls: dict[str, Waterfall] = msgspec.field(default_factory=dict)
    """For each masked model that was also read without special tokens."""
    sentences: list[str] = msgspec.field(default_factory=list)
    """What was found, and what it does not show."""
    notes: list[str] = msgspec.field(default_factory=list)
    """What was changed or left out, in sentences for a person."""
    published: list[Published] = msgspec.field(default_factory=list)
    complete: bool = False
    seconds: float = 0.0
    version: int = FORMAT
