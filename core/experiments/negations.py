"""Sentences that say what something is, and the same with "not": does the first choice for the gap change?"""

from __future__ import annotations

from typing import NamedTuple

from core.messages import Number
from core.models.model import Model
from core.rates import wilson
from core.sweep import conditions, readings
from core.sweep.readings import Ask

SUBJECTS = (
    "London", "Paris", "Germany", "Africa", "The Thames", "The moon", "The sun", "A horse", "A dog", "A cow",
    "An eagle", "A salmon", "The oak", "A rose", "Gold", "Iron", "Water", "Bread", "Wine", "Coffee",
    "A piano", "The violin", "Football", "Chess", "English", "Latin", "Physics", "Mathematics", "Music", "War",
    "A car", "A ship", "The train", "A bridge", "A church", "A school", "The king", "Her mother", "A doctor", "Monday",
)  # fmt: skip
FRAMES = ("{} is a", "{} is not a")


class Pair(NamedTuple):
    """The first choices of one pair."""

    subject: str
    plain: str
    negated: str


def ask(model: Model, frame: str) -> list[Pair]:
    """The first choice for "X is a [MASK]." and for "X is not a [MASK]." for every subject; `frame` stands around."""
    special = readings.special(model)
    assert special.mask is not None
    asks = []
    for text in (form.format(subject) for subject in SUBJECTS for form in FRAMES):
        ids = [*model.tokenizer.encode(text).ids, special.mask, *special.stop]
        asks.append(Ask(conditions.row(frame, ids, len(ids) - 1 - len(special.stop), [], special), special.mask))
    said = {number: reading.said for batch in readings.masked(model, asks) for number, reading in batch}
    words = [model.tokenizer.show(said[number]).strip() for number in range(len(asks))]
    return [Pair(subject, *words[2 * number : 2 * number + 2]) for number, subject in enumerate(SUBJECTS)]


def same(pairs: list[Pair]) -> Number:
    """The share of pairs whose first choice is the same word, with its interval (Wilson 1927)."""
    count = sum(pair.plain == pair.negated for pair in pairs)
    return Number(count / len(pairs), "share", *wilson(count, len(pairs)), n=len(pairs))
