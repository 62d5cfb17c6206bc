"""What is drawn by lot: which pairs are asked, and what an answer is chosen from. A function of the seed alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from core.evaluation.items import Fact, Pair
from core.text.marks import MARK
from core.text.stream import generator

PER_PARADIGM = 50
UNGROUPED = 3350
"""Pairs that are asked where no paradigm is named."""
CHOICES = 10
PAIRS_KEY, FACTS_KEY = 21, 22


def sample(pairs: Sequence[Pair], seed: int) -> list[Pair]:
    """At most `PER_PARADIGM` pairs of each paradigm, in the order of the file.

    What is drawn of a paradigm does not depend on the others.
    """
    homes: dict[str, list[int]] = {}
    for index, pair in enumerate(pairs):
        homes.setdefault(pair.group, []).append(index)
    taken: list[int] = []
    for group, home in homes.items():
        count = PER_PARADIGM if group else UNGROUPED
        drawn = generator(seed, PAIRS_KEY, zlib.crc32(group.encode())).permutation(len(home))[:count]
        taken += [home[place] for place in drawn]
    return [pairs[index] for index in sorted(taken)]


def facts(asked: Sequence[tuple[str, str, str, tuple[str, ...]]], seed: int) -> list[Fact]:
    """Facts from (prompt, answer, group, choices).

    The place of the answer is the first mark in the prompt, else its end. Where a record brings no choices, up to
    nine other answers of its group are drawn.
    """
    answers: dict[str, dict[str, None]] = {}
    for _, answer, group, _ in asked:
        answers.setdefault(group, {})[answer] = None
    found = []
    for index, (prompt, answer, group, choices) in enumerate(asked):
        others = [one for one in dict.fromkeys(choices) if one != answer]
        if not choices:
            rest = [one for one in answers[group] if one != answer]
            drawn = generator(seed, FACTS_KEY, index).permutation(len(rest))[: CHOICES - 1]
            others = [rest[place] for place in sorted(drawn)]
        left, right = _cut(prompt)
        found.append(Fact(left, answer, right, group, (answer, *others)))
    return found


def _cut(prompt: str) -> tuple[str, str]:
    """What stands left and right of the place that is asked about."""
    if mark := MARK.search(prompt):
        return prompt[: mark.start()], prompt[mark.end() :]
    return f"{prompt.rstrip()} ", ""
