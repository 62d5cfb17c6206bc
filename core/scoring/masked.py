"""Pseudo-log-likelihood: each token hidden in turn, and told by what is in view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from core.errors import UserError
from core.messages import PLL
from core.models.model import Model
from core.scoring import batches
from core.scoring.batches import Row, Rows, Steps, windows
from core.scoring.tokens import Report, TokenScore, silent, window_of
from core.text.align import align
from core.text.tokens import Tokens

AHEAD = 2
"""Masks that `left_only` puts after the word: [SEP] right behind a word tells BERT that a sentence ends there."""


class Pieces(NamedTuple):
    """A text as token ids, and which of them are the pieces of one word. A token of no word stands for itself."""

    ids: list[int]
    words: list[range]


def pieces(text: str, tokens: Tokens) -> Pieces:
    """`text` as the words that its own tokens make.

    Words that only another model's tokens join stay apart: a model's numbers are the same in any company.
    """
    return Pieces(tokens.ids, [word.tokens[""] for word in align(text, {"": tokens}) if word.tokens[""]])


def logprobs(
    model: Model, texts: Sequence[Pieces], pll: PLL = "within_word_l2r", report: Report = silent
) -> list[list[float]]:
    """Natural log-probabilities of all tokens of many texts, each hidden in a copy of its text.

    What a copy hides besides the token itself:
    original: nothing (Salazar et al. 2020, arXiv 1910.14659);
    within_word_l2r: the word's later pieces, whole_word: all its pieces (Kauf & Ivanova 2023, arXiv 2305.10588);
    left_only: the word's later pieces, and the text ends after the word, with two masks and [SEP];
    left_masked: everything to the right.
    A text longer than the model's window is read in windows a quarter of one apart, with three eighths of a window
    on either side of what is asked, where the text has so much. `report` is called after every batch. Raises
    UserError when the model has no mask token.
    """
    ids = [text.ids for text in texts]
    return cast(list[list[float]], batches.logprobs(model, ids, _rows(model, texts, pll), report))


def pseudo_log_likelihood(
    model: Model, ids: list[int], words: list[range], top: list[int], pll: PLL, report: Report
) -> list[TokenScore]:
    """The same of one text, with ranks, entropies and the `top[i]` likeliest candidates at token i."""
    return pseudo_log_likelihoods(model, [Pieces(ids, words)], [top], pll, report)[0]


def pseudo_log_likelihoods(
    model: Model, texts: Sequence[Pieces], top: Sequence[list[int]], pll: PLL, report: Report
) -> list[list[TokenScore]]:
    """The same of many texts, `top[n]` for text n."""
    ids = [text.ids for text in texts]
    return cast(list[list[TokenScore]], batches.scores(model, ids, _rows(model, texts, pll), top, report))


def steps(model: Model, frame: int = 2) -> Steps:
    """How `model` reads a long text between `frame` tokens of its own: as much in view before a place as behind it."""
    room = max(1, window_of(model) - frame)
    stride = max(1, room // 4)
    return Steps(room, stride, (room - stride) // 2)


def _rows(model: Model, texts: Sequence[Pieces], pll: PLL) -> Rows:
    """One row for each token of each text."""
    mask = model.tokenizer.mask
    if mask is None:
        raise UserError("This model has no mask token.", why="Pseudo-log-likelihood hides one word after another.")
    head, tail = ([] if token is None else [token] for token in (model.tokenizer.start, model.tokenizer.end))
    if pll == "left_only":
        tail = [mask] * AHEAD + tail
    how = steps(model, len(head) + len(tail))
    copies = [(number, copy) for number, text in enumerate(texts) for copy in _copies(text, how, pll)]

    def row(number: int) -> Row:
        text, (asked, first, last, hidden) = copies[number]
        shown = texts[text].ids[first:last]
        for place in range(max(first, hidden.start), min(last, hidden.stop)):
            shown[place - first] = mask
        return Row(head + shown + tail, [asked - first + len(head)], text, [asked])

    return Rows([len(head) + copy.last - copy.first + len(tail) for _, copy in copies], row)


class _Copy(NamedTuple):
    """The tokens `first` up to `last` of a text are in view but for `hidden`; the one at `place` is asked for."""

    place: int
    first: int
    last: int
    hidden: range


def _copies(text: Pieces, how: Steps, pll: PLL) -> Iterator[_Copy]:
    """The copies of one text."""
    word_of = {index: word for word in text.words for index in word}
    for first, last, scored in windows(len(text.ids), *how):
        for index in scored:
            word = word_of.get(index, range(index, index + 1))
            stop = min(last, word.stop) if pll == "left_only" else last
            yield _Copy(index, first, stop, _hidden(index, word, last, pll))


def _hidden(index: int, word: range, last: int, pll: PLL) -> range:
    """Which tokens are masked to score the one at `index` of `word`, in a window that ends before `last`."""
    if pll == "original":
        return range(index, index + 1)
    if pll == "whole_word":
        return word
    return range(index, last if pll == "left_masked" else word.stop)
