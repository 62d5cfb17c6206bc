"""Sentences: where they start in a text, and windows of whole sentences over a text that was cut into tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

_BOUNDARY = re.compile(
    r"""[.!?\u2026](?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|Jr|Sr|No|vs|cf|ca)\.)
    (?<!\b(?:Mrs|Gen|Col|Rev|Hon|etc|Vol|vol|Fig|fig)\.)
    ["'\u201d\u2019)\]]*[ \t\n]+(?=["'\u201c\u2018(\[]*[A-Z0-9\u00c0-\u00de])""",
    re.VERBOSE,
)
"""The end of a sentence and the white space after it. Initials and the commonest abbreviations end none."""


def starts(text: str) -> list[int]:
    """Where sentences start in `text`, as code points, the first one (at 0) left out.

    Only what is written with capital letters has such places; wrong ones are rare in edited English, not absent.
    """
    return [match.end() for match in _BOUNDARY.finditer(text)]


class Windows(NamedTuple):
    """Parts of a text: where each begins, and how many tokens it has."""

    begins: np.ndarray
    lengths: np.ndarray


def pack(first: np.ndarray, last: np.ndarray, wanted: np.ndarray, least: int, most: int) -> Windows:
    """Windows of whole sentences, one after another, each token in at most one.

    Sentence i is the tokens from `first[i]` up to `last[i]`. A window that begins with it holds as many sentences as
    fit into `wanted[i]` tokens, from `least` to `most`. Where these are fewer than `least` tokens there is one more,
    unless it goes beyond `most`. A sentence longer than that is cut after `most` tokens, and the next window begins
    with the next one. What is left at the end of the text is in no window.
    """
    fits = np.searchsorted(last, first + wanted, "right") - 1
    enough = np.searchsorted(last, first + least, "left")
    possible = np.searchsorted(last, first + most, "right") - 1
    final = np.minimum(np.maximum(fits, enough), possible)
    whole = final >= np.arange(len(first))
    ends = np.where(whole, last[final], first + most)
    after = np.where(whole, final + 1, np.searchsorted(first, ends, "left"))
    chosen, following, at = [], after.tolist(), 0
    while at < len(first) and ends[at] <= last[-1]:
        chosen.append(at)
        at = following[at]
    picked = np.array(chosen, np.int64)
    return Windows(first[picked], ends[picked] - first[picked])


def batches(lengths: np.ndarray, rows: int, random: np.random.Generator) -> np.ndarray:
    """Windows in batches of equal length, in random order: their numbers, (batches, rows).

    Of each length up to `rows` - 1 windows are left out, others with every `random`.
    """
    order = random.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    parts = np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1)
    grouped = [part[: len(part) // rows * rows].reshape(-1, rows) for part in parts]
    together = np.concatenate(grouped) if grouped else np.zeros((0, rows), np.int64)
    return together[random.permutation(len(together))]
