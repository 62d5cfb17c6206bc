"""What a run said about a few fixed sentences, evaluation by evaluation: the most readable curve of all."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from tui.charts.series import X
from tui.runs.rows import Lines

MOST = 400
"""Evaluations that are kept of each sentence; of more, every second one goes."""
TOPS = 5
"""Predictions that are kept of each evaluation."""
SENTENCES = 40
"""Different sentences that are kept."""


class Said(msgspec.Struct, frozen=True):
    """One line of samples.jsonl: what the model said about one sentence at one step."""

    step: int
    text: str
    attempt: int = 1
    answer: str = ""
    prob: float | None = None
    """Of the right answer: of its first token."""
    rank: int | None = None
    """Of the right answer; 1 is the likeliest."""
    tops: list[tuple[str, float]] = []


class Look(NamedTuple):
    """One evaluation of one sentence."""

    step: int
    prob: float | None
    rank: int | None
    tops: tuple[tuple[str, float], ...]


class Sentence(NamedTuple):
    """A sentence, its right answer, and what came in its place, oldest first."""

    text: str
    answer: str
    looks: tuple[Look, ...]

    def at(self, step: float) -> Look | None:
        """The newest look up to `step`."""
        after = bisect_right(self.looks, step, key=X)
        return self.looks[after - 1] if after else None

    def spark(self, cells: int, last: int) -> list[float | None]:
        """The right answer's probability in `cells` equal parts of the steps up to `last`; None where it is unknown."""
        found: list[float | None] = [None] * cells
        for look in self.looks:
            if look.prob is not None and look.step <= last:
                found[min(cells - 1, look.step * cells // max(1, last))] = look.prob
        for at in range(1, cells):  # a part without an evaluation keeps what was said before
            if found[at] is None and any(one is not None for one in found[at:]):
                found[at] = found[at - 1]
        return found


class Kept:
    """The looks at one sentence: evenly thinned when they are too many, the newest always among them."""

    def __init__(self) -> None:
        self.answer = ""
        self.looks: list[Look] = []
        self._stride = 1
        self._since = 0
        """Looks since the last one that stays."""

    def add(self, look: Look) -> None:
        """Add a look; one that is not after the last goes back to there."""
        if self.looks and look.step <= self.looks[-1].step:
            self.rewind(look.step - 1)
        elif self._since:
            self.looks.pop()
        self.looks.append(look)
        self._since = (self._since + 1) % self._stride
        if len(self.looks) > MOST:
            del self.looks[1:-1:2]
            self._stride *= 2

    def rewind(self, step: int) -> None:
        """Forget what came after `step`."""
        del self.looks[bisect_right(self.looks, step, key=X) :]
        self._since = 0


class Sentences:
    """Follows samples.jsonl. Meant for a worker thread."""

    def __init__(self, path: Path) -> None:
        self._rows = Lines(path, Said)
        self._kept: dict[str, Kept] = {}
        self._attempt = 0
        self._words: dict[str, str] = {}
        """One object for each word that was said, however often: the same few come again and again."""

    @property
    def unreadable(self) -> int:
        """Lines that were no samples."""
        return self._rows.unreadable

    def poll(self) -> tuple[Sentence, ...]:
        """Read on, and tell what is known now."""
        for said in self._rows.new():
            self._take(said)
        return tuple(Sentence(text, kept.answer, tuple(kept.looks)) for text, kept in self._kept.items())

    def _take(self, said: Said) -> None:
        if said.attempt > self._attempt:
            self._attempt = said.attempt
            for kept in self._kept.values():
                kept.rewind(said.step)
        if said.text not in self._kept and len(self._kept) >= SENTENCES:
            return
        kept = self._kept.setdefault(said.text, Kept())
        kept.answer = said.answer
        tops = tuple((self._words.setdefault(word, word), prob) for word, prob in said.tops[:TOPS])
        kept.add(Look(said.step, said.prob, said.rank, tops))


def steps(sentences: Sequence[Sentence]) -> list[int]:
    """The steps of all evaluations, oldest first."""
    return sorted({look.step for one in sentences for look in one.looks})
