"""From the minutes for a whole trio to the tokens of each member: everything that takes time is reckoned with."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

import msgspec

from core.settings import Family, TrainSettings
from core.training.schedule import MOST_STEPS, looks, mean_length
from core.trio.cloze import CANDIDATES, PLACES

FORWARD = 1 / 3
"""Share of a training step's time that reading forward takes."""


class Pace(msgspec.Struct, frozen=True):
    """What one family takes on this machine."""

    tokens_per_second: float
    look: float
    """Seconds for one look at the held-out text."""


def affordable(
    seconds: float, settled: Mapping[Family, TrainSettings], paces: Mapping[Family, Pace], seeds: int, opening: float
) -> int:
    """The most full steps of tokens that each member can read when all of them, and the report, take `seconds`.

    `opening` is what a trainer takes from its start to its first step. Half of the time is for training even where
    the rest then takes longer. 0 where not even one step fits into that.
    """
    settings = next(iter(settled.values()))
    step = settings.rows * settings.length

    def whole(steps: int) -> float:
        return expected(steps * step, settled, paces, seeds, opening)

    token = seeds * sum(1 / paces[family].tokens_per_second for family in settled)
    least = int(seconds / 2 / token) // step
    return max(0, least, bisect_right(range(MOST_STEPS), seconds, key=whole) - 1) * step


def expected(
    tokens: int, settled: Mapping[Family, TrainSettings], paces: Mapping[Family, Pace], seeds: int, opening: float
) -> float:
    """Seconds that the members, one after another, and the report will take."""
    return seeds * sum(opening + member(tokens, settings, paces[name]) for name, settings in settled.items())


def member(tokens: int, settings: TrainSettings, pace: Pace) -> float:
    """Seconds of training, of looks at the held-out text, and of the questions of the report."""
    steps = tokens / (settings.rows * mean_length(settings))
    seen = looks(settings, steps) + 1  # the last one for the report
    asked = PLACES * settings.length * (1 if settings.family == "bert" else CANDIDATES)
    return (tokens + FORWARD * asked) / pace.tokens_per_second + seen * pace.look
