"""What an answer holds: who gave it, and what each model said of each word or place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

FORMAT = 1
"""The `version` of every JSON result that leaves the lab."""

Kind = Literal["masked", "causal"]
Sight = Literal["left", "both"]
Mark = Literal["", "dropped", "unknown", "outside", "first"]
PLL = Literal["within_word_l2r", "original", "whole_word", "left_only", "left_masked"]
FirstToken = Literal["bos", "skip"]


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Immutable, keyword-only: the base of everything on the wire."""


class Identity(Struct, frozen=True):
    """Which model gave a number, exactly enough to repeat it."""

    name: str
    """How it was asked for: `bert`, a run's id with `@step`, a folder, a hub name."""
    source: Literal["bundled", "run", "folder", "cache"]
    kind: Kind
    architecture: str
    revision: str
    """First 12 hex digits of the SHA-256 of the weights."""
    parameters: int
    context: int
    """Tokens that fit in one window, special tokens counted."""
    vocabulary: int
    device: str
    dtype: str


class Candidate(Struct, frozen=True, gc=False):
    """One entry of a distribution over the vocabulary. There are many, and no cycle of references can hold one."""

    text: str
    token_id: int
    prob: float
    logprob: float


class Slot(Struct, frozen=True):
    """A place that was asked about: a mask mark in the text, or the place after it."""

    start: int
    end: int
    kind: Literal["mask", "next"]
    top: list[Candidate]


class Prediction(Struct, frozen=True):
    """What one model expects at every slot of one text."""

    text: str
    model: Identity
    slots: list[Slot]
    saw: Sight
    notes: list[str] = []
    """What was understood and what was changed to answer, in sentences for a person."""
    version: int = FORMAT


class Method(Struct, frozen=True):
    """How one model's column of a comparison was computed."""

    identity: Identity
    kind: Kind
    method: str
    """`surprisal` for causal models, else the way of pseudo-log-likelihood."""
    first_token: str
    """`bos`: conditioned on the start token; `skip`: no score; `none`: the question does not arise (masked)."""
    unit: str = "bits"


class WordScore(Struct, frozen=True, gc=False):
    """One word under one model. `surprisal_bits` and `rank` are null where no score exists; `mark` says why."""

    surprisal_bits: float | None
    rank: int | None
    """1 = most likely; of several pieces the worst."""
    pieces: list[str]
    saw: Sight
    top: list[Candidate]
    """What the model would have said at the first piece."""
    entropy_bits: float | None = None
    """Of the distribution at the first piece."""
    mark: Mark = ""
    """dropped: no token; unknown: [UNK] among the pieces; outside: beyond the window; first: nothing to the left."""


class Word(Struct, frozen=True, gc=False):
    """One word of the text and every model's score for it."""

    text: str
    start: int
    end: int
    joined: bool
    """True where a token straddled two words, so that they were scored as one."""
    scores: dict[str, WordScore]


class Comparison(Struct, frozen=True):
    """The same words through several models."""

    text: str
    models: dict[str, Method]
    words: Sequence[Word]
    notes: list[str] = []
    version: int = FORMAT
