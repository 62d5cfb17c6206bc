"""Places to ask about: `[MASK]`, `<mask>` or `___` in a text, or the place after its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors import UserError
from core.text.tokens import Tokenizer
from core.text.words import Span

MARK = re.compile(r"\[MASK\]|<mask>|_{3,}")
# What a mask with `lstrip` swallows: Unicode's White_Space, which is a little less than `str.isspace`.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


@dataclass(frozen=True)
class Place:
    """One question: the code points `start` to `end` of its mark in the text, and its index into the ids.

    A mask's index is that of the mask token. Where a causal model is asked, the index is the number of ids: the
    place after the last. Without a mark `start` and `end` are the end of the text.
    """

    start: int
    end: int
    kind: Literal["mask", "next"]
    index: int


@dataclass(frozen=True)
class Asked:
    """A text with masks in place, without special tokens at its ends; `notes` say what was understood."""

    ids: list[int]
    places: list[Place]
    notes: list[str]


def ask_masked(text: str, tokenizer: Tokenizer) -> Asked:
    """`text` for a masked model: a mask token for each mark, or one at the end where there is no mark.

    What stands between the marks is tokenized piece by piece, as `transformers` does it around a mask.
    Raises UserError when the tokenizer has no mask token.
    """
    if tokenizer.mask is None:
        raise UserError(
            "This model has no mask token.", hint="Ask a model that was trained on masks, or for the next word."
        )
    mask = tokenizer.show(tokenizer.mask)
    marks = [Span(*match.span()) for match in MARK.finditer(text)]
    notes = [f"{mark} is read as {mask}." for mark in _spellings(text, marks) if mark != mask]
    if not marks:
        marks = [Span(len(text), len(text))]
        notes.append(f"No mask in the text: {mask} was put at its end.")
    ids: list[int] = []
    places = []
    done = 0
    for mark in marks:
        piece = text[done : mark.start]
        ids += tokenizer.encode(piece.rstrip(_SPACE) if tokenizer.mask_takes_space else piece).ids
        places.append(Place(mark.start, mark.end, "mask", len(ids)))
        ids.append(tokenizer.mask)
        done = mark.end
    return Asked(ids + tokenizer.encode(text[done:]).ids, places, notes)


def ask_causal(text: str, tokenizer: Tokenizer, most: int = 10**9) -> tuple[list[tuple[list[int], Place]], list[str]]:
    """`text` for a causal model: for each mark the ids of what stands left of it, without a mark the whole text.

    Only the first `most` marks are asked. Spaces before the place are left out, for the token asked for carries its
    own; line ends and tabs stay. Earlier marks are left out too, with the space before them: a causal model has no
    token for a hole.
    """
    marks = [Span(*match.span()) for match in MARK.finditer(text)]
    if not marks:
        left = text.rstrip(" ")
        ids = tokenizer.encode(left).ids
        notes = []
        if left != text and tokenizer.encode(text).ids != ids:
            notes.append("The space at the end was left out: the next token brings its own.")
        return [(ids, Place(len(text), len(text), "next", len(ids)))], notes
    notes = [f"{mark} is read as a place to predict." for mark in _spellings(text, marks)]
    notes.append("A causal model answers from the words left of the place.")
    if len(marks) > 1:
        notes.append("Earlier places are left out of what it reads.")
    asked = []
    for mark, left in _lefts(text, marks[:most]):
        ids = tokenizer.encode(left).ids
        asked.append((ids, Place(mark.start, mark.end, "mask", len(ids))))
    return asked, notes


def _lefts(text: str, marks: list[Span]) -> Iterator[tuple[Span, str]]:
    left = ""
    done = 0
    for mark in marks:
        left = (left + text[done : mark.start]).rstrip(" ")
        done = mark.end
        yield mark, left


def _spellings(text: str, marks: list[Span]) -> list[str]:
    """Each way in which the marks are written, once, in order."""
    return list(dict.fromkeys("___" if text[mark.start] == "_" else text[mark.start : mark.end] for mark in marks))
