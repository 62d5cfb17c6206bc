"""What a scan found: the words of a text at which two models differ most, and by how much."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from core.messages.results import FORMAT, Method, Struct, WordScore

By = Literal["bits", "rank", "overlap"]
"""How far two models are apart at a word. `bits`: surprisal of the second minus that of the first. `rank`: the binary
logarithm of the second's rank over the first's, in doublings. `overlap`: the Jaccard index of the words that the ten
likeliest tokens of each spell at the word's first piece, from 0 (none in common) to 1."""


class Hit(Struct, frozen=True):
    """One word, in the passage in which both models read it."""

    text: str
    """The whole passage: it is all that the models saw."""
    start: int
    end: int
    """The word: code points of `text`."""
    source: str
    """The file that the passage stands in; empty for a text that was given."""
    passage: int
    """The passage's number in the whole text, from 0."""
    value: float
    """By the measure of the scan. For `bits` and `rank` over nothing where the first model knew better."""
    scores: dict[str, WordScore]
    """`top` begins with the model's own first choice; all ten of it are there where `overlap` is the measure."""


class Hits(Struct, frozen=True):
    """The words at which two models differ most, the greatest difference first. On the way `complete` is false."""

    text: str
    """What the text is called."""
    by: By
    models: dict[str, Method]
    """Two: the first and the second."""
    hits: list[Hit]
    limit: int
    """Passages that were to be drawn; 0 for all."""
    seed: int
    passages: int
    """Passages that were scored."""
    words: int
    """Words that were scored by both models."""
    notes: list[str] = field(default_factory=list)
    """What a reader of the numbers must know, in sentences for a person."""
    seconds: float = 0.0
    complete: bool = True
    version: int = FORMAT
