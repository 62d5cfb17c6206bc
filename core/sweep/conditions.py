"""What stands around a window when a model reads it, and at which positions that is asked. No torch.

Claims about the last word of a text hang on this: a masked model never saw a text without [CLS] and [SEP].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from core.errors import UserError
from core.messages import Kind
from core.sweep.slots import END

RIGHT = 10
"""Units right of a window that may be shown."""
MASKED = {
    "framed": "all", "bare": "all", "masks": "last", "full-stop": "last", "sentence-end": "final", "cls": "first",
    **{f"right-{r}": "final" for r in range(RIGHT + 1)}, "left-only": "all",
}  # fmt: skip
"""Conditions of a masked model, and where each is asked unless it is the training format:

framed        [CLS] window [SEP]
bare          window
masks         [CLS] window [MASK] [MASK] [SEP] (Samuel 2024, arXiv 2406.04823)
full-stop     [CLS] window . [SEP]
sentence-end  as framed, with the full stop that really ends the sentence there; on windows of its own
cls           [CLS] window
right-r       [CLS] window, r units that really follow, [SEP]
left-only     [CLS] window up to the target [MASK] [MASK] [SEP]
"""
CAUSAL = {"start": "all", "no-start": "all"}
"""Conditions of a causal model: the window with its start token on the left, or without; then position 0 is not asked.
"""
Where = Literal["all", "first", "last", "final"]


def check(names: Sequence[str]) -> None:
    """Raise UserError for a name that is of no condition."""
    for name in names:
        if name not in MASKED and name not in CAUSAL:
            raise UserError(f"There is no condition {name}.", hint=f"Choose from {', '.join([*MASKED, *CAUSAL])}.")


class Special(NamedTuple):
    """The special tokens of a model; None where it has none. `stop` is a full stop right after a letter."""

    start: int | None
    end: int | None
    mask: int | None
    stop: list[int]


class Row(NamedTuple):
    """What a masked model reads once: token ids, and the column of the hidden one."""

    ids: list[int]
    column: int


def possible(kind: Kind, special: Special) -> list[str]:
    """The conditions that a model with these special tokens can be read in; the last needs none of them."""
    if kind == "causal":
        return ["no-start"] if special.start is None else [*CAUSAL]
    return ["bare"] if special.start is None and special.end is None else [*MASKED]


def named(known: Sequence[str], asked: Sequence[str], trained: str) -> list[str]:
    """Of the `known` conditions the training format first, then those `asked` for; all where none is."""
    return [trained, *(name for name in known if name != trained and (not asked or name in asked))]


def asked_at(condition: str, positions: Sequence[int], length: int, trained: bool) -> list[int]:
    """The positions of `positions` at which `condition` is asked."""
    where = "all" if trained else {**MASKED, **CAUSAL}[condition]
    if condition == "no-start":
        return [place for place in positions if place]
    lowest = {"all": 0, "first": 0, "last": length - END, "final": length - 1}[where]
    highest = END if where == "first" else length
    return [place for place in positions if lowest <= place < highest]


def row(condition: str, window: Sequence[int], at: int, right: Sequence[Sequence[int]], special: Special) -> Row:
    """What a masked model reads in `condition`: the token `at` of `window` hidden.

    `right` holds the tokens of each unit that follows the window.
    """
    assert special.mask is not None
    hidden = [*window[:at], special.mask, *window[at + 1 :]]
    start = [] if special.start is None else [special.start]
    end = [] if special.end is None else [special.end]
    masks = [special.mask, special.mask]
    if condition == "bare":
        return Row(hidden, at)
    tail: list[int]
    match condition.split("-"):
        case ["framed"]:
            tail = end
        case ["cls"]:
            tail = []
        case ["masks"]:
            tail = masks + end
        case ["full", "stop"]:
            tail = special.stop + end
        case ["sentence", "end"]:
            tail = [*right[0], *end]
        case ["right", count]:
            tail = [token for unit in right[: int(count)] for token in unit] + end
        case ["left", "only"]:
            hidden, tail = hidden[: at + 1], masks + end
        case _:
            raise ValueError(condition)
    return Row([*start, *hidden, *tail], at + len(start))
