"""What was scored so far: one row a window, one column a position; nothing where nothing was scored."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Reading:
    """One target under one model."""

    logprob: float
    """Of the target, in nats."""
    first: bool
    """Whether it is the model's first choice."""
    among5: bool
    said: int
    """The token that is the first choice."""


@dataclass
class Scores:
    """The readings of one series, as arrays (windows, positions) of numbers; NaN where there is none."""

    windows: int
    positions: list[int]
    logprob: np.ndarray = field(init=False)
    first: np.ndarray = field(init=False)
    among5: np.ndarray = field(init=False)
    stop: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        shape = self.windows, len(self.positions)
        self.logprob, self.first, self.among5, self.stop = (np.full(shape, np.nan) for _ in range(4))
        self._column = {position: column for column, position in enumerate(self.positions)}

    def put(self, window: int, position: int, reading: Reading, stops: frozenset[int]) -> None:
        """Write down one reading; `stops` are the tokens that are a full stop."""
        at = window, self._column[position]
        self.logprob[at], self.first[at], self.among5[at] = reading.logprob, reading.first, reading.among5
        self.stop[at] = reading.said in stops

    def hits(self, positions: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Of every window, how many targets at `positions` are first choices, and how many there are: (windows,)."""
        chosen = self.first[:, [self._column[position] for position in positions if position in self._column]]
        return np.nansum(chosen, axis=1), (~np.isnan(chosen)).sum(axis=1)
