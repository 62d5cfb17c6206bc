"""What can be done to the context of a hidden word: parts of it, and ways to take them away. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

Way = Literal["deleted", "shuffled", "random"]
WAYS: tuple[Way, ...] = ("deleted", "shuffled", "random")
"""Deleted: the window gets shorter. Shuffled: the same tokens in random order. Random: other tokens of the text, each
as often as it occurs. The first is off the training distribution by its length, the last by what it says."""
NEAR = 3
"""Tokens on each side that are near."""


class Spoiled(NamedTuple):
    """A window after something was done to it, and where in it the hidden token stands now."""

    ids: list[int]
    at: int


def part(name: str, length: int, at: int, random: np.random.Generator) -> list[int]:
    """The places of a window of `length` that a part of the context has; never `at`, the hidden one.

    left, right, near; `beyond-R`: all more than R away; `scattered-K`: any K, as a control for parts of that size.
    """
    places = [place for place in range(length) if place != at]
    kind, _, number = name.partition("-")
    match kind:
        case "left":
            return places[:at]
        case "right":
            return places[at:]
        case "near":
            return [place for place in places if abs(place - at) <= NEAR]
        case "beyond":
            return [place for place in places if abs(place - at) > int(number)]
        case "scattered":
            return sorted(random.permutation(places)[: int(number)].tolist())
    raise ValueError(name)


def spoil(
    ids: Sequence[int], at: int, places: Sequence[int], way: Way, pool: np.ndarray, random: np.random.Generator
) -> Spoiled:
    """`ids` with what stands at `places` taken away; `pool` has the tokens that random ones are drawn from."""
    if way == "deleted":
        gone = set(places)
        return Spoiled([token for place, token in enumerate(ids) if place not in gone], at - sum(p < at for p in gone))
    changed = np.array(ids)
    changed[places] = random.permutation(changed[places]) if way == "shuffled" else random.choice(pool, len(places))
    return Spoiled(changed.tolist(), at)
