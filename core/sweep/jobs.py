"""The order in which a paired sweep scores: everything coarse first, then it refines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from core.messages import Kind
from core.sweep import slots
from core.sweep.conditions import asked_at

FIRST, SOON, LATER = 200, 50, 200
"""Windows of the first look, and in a block of it; windows in a later block."""


class Job(NamedTuple):
    """One model in one condition, on a block of windows, at some positions."""

    model: str
    condition: str
    windows: range
    positions: list[int]


def blocks(windows: int) -> list[range]:
    """The windows in blocks: small ones at first, so that all curves appear soon."""
    edges = [*range(0, min(FIRST, windows), SOON), *range(FIRST, windows, LATER), windows]
    return [range(first, last) for first, last in pairwise(edges)]


def jobs(
    kinds: Mapping[str, Kind],
    conditions: Mapping[str, Sequence[str]],
    positions: Sequence[int],
    length: int,
    windows: int,
) -> Iterator[Job]:
    """All jobs: first the positions of a first look on all windows, then the rest.

    A causal model answers for all positions of a window in one pass. The first of a model's `conditions` is its
    training format.
    """
    for number, places in enumerate(slots.order(positions, length)):
        for block in blocks(windows):
            for model, named in conditions.items():
                if kinds[model] == "causal" and number:
                    continue
                for condition in named:
                    chosen = positions if kinds[model] == "causal" else places
                    if asked := asked_at(condition, chosen, length, trained=condition == named[0]):
                        yield Job(model, condition, block, asked)
