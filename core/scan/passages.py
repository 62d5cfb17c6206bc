"""Passages: whole sentences of a text, cut so that each of two models reads one in a single window."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from core.models.model import Model
from core.scoring.tokens import window_of
from core.text import sentences, words
from core.text.align import Group, align
from core.text.stream import generator
from core.text.tokens import Tokens

WORDS = 48
"""Words in a passage at most: context enough for a judgement, and a masked model's work grows with its square."""
KEY = 31
"""Part of the key of this file's random numbers, beside the seed."""

T = TypeVar("T")


class Passage(NamedTuple):
    """A text that fits into both windows, as each model's tokens and as the words that they make."""

    text: str
    encodings: dict[str, Tokens]
    groups: list[Group]


def passages(document: str) -> Iterator[str]:
    """`document` cut into as many whole sentences as `WORDS` words hold; a longer sentence is cut after so many."""
    spans = words.cut(document)
    starts = [span.start for span in spans]
    edges = sorted({bisect_left(starts, at) for at in sentences.starts(document)} | {len(spans)} - {0})

    def text(first: int, last: int) -> str:
        return document[spans[first].start : spans[last - 1].end]

    first = last = 0
    for end in edges:
        if end - first > WORDS and last > first:
            yield text(first, last)
            first = last
        while end - first > WORDS:
            yield text(first, first + WORDS)
            first += WORDS
        last = end
    if last > first:
        yield text(first, last)


def fitting(text: str, models: Mapping[str, Model]) -> Iterator[Passage]:
    """`text` whole, or halved at a word until it fits into every window; a single word that does not is left out."""
    encodings = {name: model.tokenizer.encode(text) for name, model in models.items()}
    if all(len(encodings[name].ids) <= _room(model) for name, model in models.items()):
        if groups := align(text, encodings):
            yield Passage(text, encodings, groups)
        return
    spans = words.cut(text)
    if len(spans) > 1:
        middle = len(spans) // 2
        yield from fitting(text[spans[0].start : spans[middle - 1].end], models)
        yield from fitting(text[spans[middle].start : spans[-1].end], models)


def _room(model: Model) -> int:
    """Tokens of a text that one window of `model` holds beside its own."""
    ends = (model.tokenizer.start, model.tokenizer.end if model.identity.kind == "masked" else None)
    return window_of(model) - sum(end is not None for end in ends)


def drawn(items: Iterable[T], count: int, seed: int) -> list[T]:
    """`count` of `items` in their order, each as likely as any other, in one pass (Vitter 1985, algorithm R)."""
    random = generator(seed, KEY)
    kept: list[tuple[int, T]] = []
    for number, item in enumerate(items):
        if number < count:
            kept.append((number, item))
        elif (place := int(random.integers(number + 1))) < count:
            kept[place] = (number, item)
    return [item for _, item in sorted(kept, key=lambda one: one[0])]
