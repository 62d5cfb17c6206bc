"""One model on one set, cut into parts that are finished one by one, so that it can be left and gone on with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.messages import Measure, Rate
from core.models.model import Model
from core.scoring.tokens import Report

PART = 1
"""Version of what a part holds: another way to compute it needs another number, or old parts would be taken."""

Rows = list[list[float]]
"""The numbers of a part. What they are is the affair of whoever planned it."""


class Chunk(Protocol):
    """A part that is yet to be computed."""

    @property
    def work(self) -> float:
        """About how many tokens go through the network."""

    def key(self) -> str:
        """What the numbers are a function of, as a name: two chunks of one key have the same numbers."""

    def run(self, report: Report) -> Rows:
        """Compute it. `report(done, total)` is called after every batch and may raise to cancel."""


@dataclass(frozen=True)
class Found:
    """The numbers of a job."""

    measures: list[Measure]
    groups: dict[str, Rate] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Job:
    """How one model is asked about one set. `conclude` makes the numbers of the parts into measures."""

    method: str
    chunks: Sequence[Chunk]
    conclude: Callable[[list[Rows]], Found]


def key(model: Model, *asked: object) -> str:
    """A name for the numbers that `model` gives when it is asked `asked`: its weights, and every token and setting."""
    identity = model.identity
    whole = (PART, identity.revision, identity.kind, identity.context, *asked)
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:32]
