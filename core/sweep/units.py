"""A text as units that all models share: tokens where they cut it alike, else words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import UserError
from core.messages import Unit
from core.text.align import align
from core.text.tokens import Tokenizer, Tokens
from core.text.words import Span, cut

MOST = 2_000_000
"""Characters of a text that are read."""


@dataclass(frozen=True)
class Document:
    """One document. Unit u of it is the tokens `bounds[name][u]` up to `bounds[name][u + 1]` of the model `name`."""

    ids: dict[str, list[int]]
    bounds: dict[str, list[int]]
    target: list[bool]
    """Of each unit, whether it is a word of letters that is a single, known token for every model."""
    stop: list[bool]
    """Of each unit, whether it is a full stop."""

    def __len__(self) -> int:
        return len(self.target)

    def tokens(self, name: str, first: int, last: int) -> list[int]:
        """What the units from `first` up to `last` are for the model `name`."""
        bounds = self.bounds[name]
        return self.ids[name][bounds[first] : bounds[last]]


Encodings = Mapping[str, Tokens]
"""One text under every model."""


def encode(texts: Iterable[str], tokenizers: Mapping[str, Tokenizer]) -> list[Encodings]:
    """Every text under every model."""
    return [{name: tokenizer.encode(text) for name, tokenizer in tokenizers.items()} for text in texts]


def cut_alike(encoded: Iterable[Encodings]) -> bool:
    """Whether all models have the same ids for the same characters, so that a token is the same thing to all."""
    for encodings in encoded:
        first, *others = encodings.values()
        if any(other.ids != first.ids or other.spans != first.spans for other in others):
            return False
    return True


def choose(asked: Unit | None, alike: bool) -> Unit:
    """The unit to count positions in: tokens where they are the same for all. Raises UserError where they are not."""
    if asked == "tokens" and not alike:
        raise UserError(
            "These models cannot be compared token by token.",
            why="Their tokenizers cut the text differently.",
            hint="Count in words.",
        )
    return asked or ("tokens" if alike else "words")


def documents(texts: Iterable[str], encoded: Iterable[Encodings], unit: Unit) -> list[Document]:
    """The texts in units."""
    make = _tokens if unit == "tokens" else _words
    return [make(text, encodings) for text, encodings in zip(texts, encoded, strict=True)]


def _tokens(text: str, encodings: Encodings) -> Document:
    found = next(iter(encodings.values()))
    words = {span for span in cut(text) if text[span.start : span.end].isalpha()}
    spans = [Span(-1, -1), *found.spans, Span(-1, -1)]
    alone = [before != span != after for before, span, after in zip(spans, spans[1:], spans[2:], strict=False)]
    bounds = list(range(len(found.ids) + 1))
    return Document(
        ids={name: encoding.ids for name, encoding in encodings.items()},
        bounds=dict.fromkeys(encodings, bounds),
        target=[
            span in words and single and not unknown
            for span, single, unknown in zip(found.spans, alone, found.unknown, strict=True)
        ],
        stop=[text[span.start : span.end] == "." for span in found.spans],
    )


def _words(text: str, encodings: Encodings) -> Document:
    groups = align(text, dict(encodings))
    bounds = {name: [0, *(group.tokens[name].stop for group in groups)] for name in encodings}
    single = [
        all(
            len(group.tokens[name]) == 1 and not encodings[name].unknown[group.tokens[name].start] for name in encodings
        )
        for group in groups
    ]
    said = [text[group.start : group.end] for group in groups]
    return Document(
        ids={name: encoding.ids for name, encoding in encodings.items()},
        bounds=bounds,
        target=[
            one and word.isalpha() and not group.joined for one, word, group in zip(single, said, groups, strict=True)
        ],
        stop=[word == "." for word in said],
    )
