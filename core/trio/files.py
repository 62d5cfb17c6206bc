"""What the JSON files in the folder of a trio hold. The folder has no run.json: its members are runs of their own."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.plan import Choice
from core.runs import Owner
from core.settings import Family

SCHEMA = 1
State = Literal["starting", "running", "examining", "stopped", "finished", "failed", "died", "elsewhere"]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One of the runs that are compared."""

    family: Family
    seed: int
    run: str
    """The id of the run."""


class Trio(msgspec.Struct, frozen=True, kw_only=True):
    """`trio.json`: written by the front end that makes the trio, then by its sequencer alone."""

    id: str
    choice: Choice
    """What a person chose for the three, paths absolute. `minutes` are for the whole, the report included."""
    members: tuple[Member, ...]
    """In the order in which they are trained: all families of the first seed, then of the next."""
    created: float
    owner: Owner | None = None
    agreed: bool = False
    """Whether the tokenizer, the shapes and the budget are settled; they never change after."""
    tokens: int = 0
    """Input tokens of every member, once agreed."""
    speeds: dict[str, float] = {}
    """Tokens a second of each family, where minutes had to become tokens."""
    expected: float = 0.0
    """Seconds that the whole was expected to take, where minutes were asked for."""
    stopped: str = ""
    """The member that was stopped together with the trio, and goes on with it. Others that stopped stay so."""
    training: str = ""
    """The member whose turn it is, while the sequencer lives."""
    examining: bool = False
    """Whether the members were trained and the report is being made, while the sequencer lives."""
    schema: int = SCHEMA


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """`result.json`: how the sequencer ended."""

    status: Literal["finished", "stopped", "failed"]
    error: str = ""


class Cloze(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy at choosing the word that stood at a place, both sides known."""

    accuracy: float
    low: float
    """Lower end of the 95 % interval of Wilson (1927) for the places."""
    high: float


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest good checkpoint of one member was found to be."""

    run: str
    family: Family
    seed: int
    state: str
    """How the run stood when the report was made: one of `core.runs.State`, or `deleted`."""
    problem: str = ""
    """Why it did not finish, where it did not; empty otherwise."""
    complete: bool = False
    """Whether it finished the whole budget: only such members are ranked."""
    step: int = 0
    parameters: int = 0
    tokens: int = 0
    targets: int = 0
    flops: float = 0.0
    seconds: float = 0.0
    """Of training work, pauses left out."""
    nats: float | None = None
    """Held-out cross-entropy in its own objective: every next token, or 15 % of the places masked."""
    top1: float | None = None
    bits_per_character: float | None = None
    """Of a causal model; a masked one has no such number."""
    unigram_nats: float | None = None
    unigram_reader: bool | None = None
    """Whether a masked model is hardly better than word frequencies."""
    cloze: Cloze | None = None


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A family over its complete seeds."""

    family: Family
    mean: float
    low: float
    high: float
    seeds: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`report.json`: the numbers of all members, and what they allow to say."""

    id: str
    created: float
    budget: int
    """Input tokens of every member."""
    members: tuple[Measured, ...]
    causal: tuple[Ranked, ...] = ()
    """GPT-2 and LSTM by bits per character, the best first."""
    cloze: tuple[Ranked, ...] = ()
    """All three by accuracy at the cloze, the best first."""
    places: int = 0
    candidates: int = 0
    unigram_cloze: Cloze | None = None
    """What choosing the most frequent candidate gets."""
    sentences: tuple[str, ...] = ()
    schema: int = SCHEMA
