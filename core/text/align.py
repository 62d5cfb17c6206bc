"""Lay the tokens of several tokenizers onto the words of one text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from core.text.tokens import Tokens
from core.text.words import Span, cut


@dataclass(frozen=True)
class Group:
    """The smallest stretch of whole words that no token of any encoding crosses: mostly one word.

    `start` and `end` are code points of the text, `joined` says that there are several words. `tokens` gives, for
    each encoding, which of its tokens lie here; the range is empty where a tokenizer dropped every character.
    """

    start: int
    end: int
    joined: bool
    tokens: dict[str, range]


def align(text: str, encodings: dict[str, Tokens]) -> list[Group]:
    """The groups of `text`, in order: each word is in exactly one, and so is each token of each encoding.

    A token of white space belongs to the word after it, at the end of the text to the last. Text without any word
    has no group, whatever the tokens. Takes time linear in words and tokens (times the logarithm of the words).
    """
    words = cut(text)
    if not words:
        return []
    homes = {name: _homes(words, tokens.spans) for name, tokens in encodings.items()}
    group_of = _join(len(words), list(homes.values()))
    total = group_of[-1] + 1
    starts = [0] * total
    ends = [0] * total
    sizes = [0] * total
    for word, group in enumerate(group_of):
        starts[group] = starts[group] if sizes[group] else words[word].start
        ends[group] = words[word].end
        sizes[group] += 1
    ranges = {name: _ranges([group_of[first] for first, _ in home], total) for name, home in homes.items()}
    return [
        Group(starts[n], ends[n], sizes[n] > 1, {name: found[n] for name, found in ranges.items()})
        for n in range(total)
    ]


def _homes(words: list[Span], spans: list[Span]) -> list[tuple[int, int]]:
    """The first and the last word that each token touches, in an order that never steps back.

    A tokenizer that changes the order of characters (canonical order of accents) steps back by a few: its token
    then reaches up to the word that was already begun, so that each group's tokens stay neighbours.
    """
    word_starts = [word.start for word in words]
    word_ends = [word.end for word in words]
    homes = []
    reached = 0
    for span in spans:
        first = min(bisect_right(word_ends, span.start), len(words) - 1)
        last = max(first, bisect_left(word_starts, span.end) - 1, reached if first < reached else 0)
        homes.append((first, last))
        reached = max(reached, last)
    return homes


def _join(count: int, homes: list[list[tuple[int, int]]]) -> list[int]:
    """The number of each word's group, given the words that each token touches."""
    change = [0] * (count + 1)
    for home in homes:
        for first, last in home:
            change[first] += 1
            change[last] -= 1
    # After word n as many tokens are open as the changes up to n add up to; a group ends where none is.
    open_after = list(accumulate(change))
    return list(accumulate((int(open_after[n] == 0) for n in range(count - 1)), initial=0))


def _ranges(groups: list[int], total: int) -> list[range]:
    """For each group the tokens that lie in it, given each token's group in ascending order."""
    counts = [0] * total
    for group in groups:
        counts[group] += 1
    ends = list(accumulate(counts))
    return [range(end - count, end) for end, count in zip(ends, counts, strict=True)]
