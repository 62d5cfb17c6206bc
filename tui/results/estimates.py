"""How long a comparison will take, from how long the last ones took."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.messages import PLL, Comparison, Identity
from tui.results.reading import LEFT

PIECES = 1.4
"""Tokens a word, about."""
SHORT = 50
"""Words of a text that is too short to learn from: opening the models takes longer than reading it."""
WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s]")
SAMPLE = 20_000
"""Characters in which words are counted; there are as many in the rest."""
GAUGE = 150
"""Words by which the speed is measured where it is not known."""


def words_in(text: str) -> int:
    """How many words a text has, about."""
    start = len(WORD.findall(text[:SAMPLE]))
    return start if len(text) <= SAMPLE else round(start * len(text) / SAMPLE)


def beginning(text: str) -> str:
    """The first words of a text, by which the speed is measured."""
    return "".join(re.findall(r"\s*\S+", text[:SAMPLE])[:GAUGE])


def work(identities: Iterable[Identity], words: int, pll: PLL) -> float:
    """What has to be computed, in tokens read times parameters: a causal model reads a text once, a masked one reads
    a window of it anew for every token, and half a window where it reads the left side alone.
    """
    total, tokens = 0.0, words * PIECES
    for one in identities:
        window = min(tokens + 2, one.context)
        if one.kind == "causal":
            reads = tokens * (1 if tokens < one.context else 2)
        else:
            reads = tokens * window * (0.5 if pll in LEFT else 1)
        total += reads * one.parameters
    return total


@dataclass
class Pace:
    """Seconds per unit of work, measured in this session by the largest comparison so far."""

    largest: float = 0.0
    seconds: float | None = None

    def learn(self, comparison: Comparison, pll: PLL, seconds: float) -> None:
        """A comparison took `seconds`."""
        done = work((one.identity for one in comparison.models.values()), len(comparison.words), pll)
        if len(comparison.words) >= SHORT and done >= self.largest:
            self.largest, self.seconds = done, seconds / done

    def expected(self, known: Mapping[str, Identity], models: Iterable[str], words: int, pll: PLL) -> float | None:
        """Seconds that `words` words will take; None where nothing was measured or a model was not seen yet."""
        models = list(models)
        if self.seconds is None or not all(name in known for name in models):
            return None
        return self.seconds * work((known[name] for name in models), words, pll)
