"""Re-scoring as a person asks for it and reads it: which candidates, in which sentence, and the table of the answer."""

from __future__ import annotations

import math
import re
import textwrap

from rich.cells import cell_len

from core.errors import UserError
from core.messages import Candidate, Comparison, Rescoring, Retold, Word
from tui.clean import clean
from tui.results.reading import identity, label, visible
from tui.text import shorten

MOST = 10
"""Candidates that are proposed; a person may type more."""
WHOLE = 80
"""Words up to which the whole text is re-scored; of a longer one, the sentence."""
END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|\n+")
NEAR = 2000
"""Characters before and behind a word in which the ends of its sentence are looked for."""
TYPED = 50
"""Candidates that may be typed."""
BOTH = 14
"""Columns of a model's share and bits."""
ABOUT = (
    "Every model read the whole text with each candidate put in: GPT-2 and the LSTM too used what stands to the right. "
    "Share: among these candidates. Bits: of the whole text; for a masked model its pseudo-log-likelihood "
    "(within_word_l2r), which is no probability. ▸ stood there."
)


def proposed(comparison: Comparison, word: Word, names: tuple[str, ...]) -> list[str]:
    """The word itself, then what the models expected in its place, the likeliest of each first; whole words only.

    Spellings with and without a space, and in another case, are one candidate: an uncased model cannot tell them apart.
    """
    spaced = comparison.text[: word.start][-1:].isspace()
    lists = [_words(word.scores[name].top, spaced) for name in names]
    found = [word.text]
    for place in range(max(map(len, lists), default=0)):
        found += [one[place] for one in lists if place < len(one)]
    return _grouped(found)[:MOST]


def _grouped(words: list[str]) -> list[str]:
    """Words that only the case tells apart as one: as the first of them all begins, which stood there, if one does."""
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word.casefold(), []).append(word)
    capital = words[0][:1].isupper()
    return [next((one for one in some if one[:1].isupper() == capital), some[0]) for some in groups.values()]


def _words(top: list[Candidate], spaced: bool) -> list[str]:
    """Those entries of a list that could stand here as a word: no piece that goes on another, no bytes, no marks."""
    begins = any(one.text.startswith(" ") for one in top)
    texts = [one.text for one in top if not (begins and spaced) or one.text.startswith(" ")]
    return [text.strip() for text in texts if text.strip() and not re.match(r"\s*(##|‹|\[\w+\]$|<)", text)]


def parse(text: str, between: str = "|") -> list[str]:
    """Candidates as typed, with | or another mark between. Raises UserError for under two or more than `TYPED`."""
    found = list(dict.fromkeys(part.strip() for part in text.split(between) if part.strip()))
    if not 2 <= len(found) <= TYPED:
        hint = f"Give 2 to {TYPED} different ones, with {between} between."
        raise UserError(f"{len(found)} candidates cannot be compared.", hint=hint)
    return found


def sentence(comparison: Comparison, word: Word) -> tuple[str, int]:
    """The text in which the word's place is re-scored, and where it begins: the whole one, or its sentence."""
    text = comparison.text
    if len(comparison.words) <= WHOLE:
        return text, 0
    first, last = max(0, word.start - NEAR), min(len(text), word.end + NEAR)
    edges = [first, *(found.end() for found in END.finditer(text, first, last)), last]
    start = max(edge for edge in edges if edge <= word.start)
    end = min(edge for edge in edges if edge >= word.end)
    return text[start:end].rstrip(), start


def as_table(found: Rescoring) -> str:
    """The answer as plain text, at most 70 columns wide for three models: the candidates by their mean share."""
    names = list(found.models)
    stood = found.text[found.start : found.end]
    gap = f"{found.text[: found.start]}___{found.text[found.end :]}"
    heads = [f"{shorten(label(name), BOTH):^{BOTH}}" for name in names]
    shares = [[found.scores[name][at].share for name in names] for at in range(len(found.candidates))]
    order = sorted(range(len(shares)), key=lambda at: -sum(share or 0 for share in shares[at]))
    first = max(9, *(cell_len(visible(word)) + 1 for word in found.candidates))
    lines = [" " * first + "".join(f"  {head}" for head in heads)]
    lines.append(f"{'candidate':<{first}}" + f"  {'share':>6} {'bits':>7}" * len(names))
    for at in order:
        word = found.candidates[at]
        called = ("▸" if word == stood else " ") + visible(word)
        lines.append(
            called + " " * (first - cell_len(called)) + "".join(_cell(found.scores[name][at]) for name in names)
        )
    text = [*textwrap.wrap(gap, 68), "", *textwrap.wrap(ABOUT, 68), ""]
    said = [line for note in found.notes for line in textwrap.wrap(clean(note), 68)]
    return "\n".join([*text, *lines, "", *said, *(identity(method) for method in found.models.values())]) + "\n"


def _cell(one: Retold) -> str:
    if one.logprob is None or one.share is None:
        return f"  {'–':>6} {one.mark:>7}"
    return f"  {100 * one.share:>5.1f}% {-one.logprob / math.log(2):>7.2f}"
