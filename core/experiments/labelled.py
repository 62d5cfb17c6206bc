"""Labelled sentences out of templates: four topics, and nothing but the nouns tells which it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

TOPICS: dict[str, str] = {
    "living things": "bird fish frog insect snake whale horse wolf seed leaf root flower grass forest tree fungus egg "
    "wing feather tail species nest shell worm bee spider lion mouse plant fruit",
    "money": "bank price tax market loan profit wage debt budget trade income bond stock currency payment cost firm "
    "investor customer consumer contract insurance economy factory supplier export import dollar fee demand",
    "music": "song singer album guitar piano drum band concert violin opera melody rhythm chorus orchestra composer "
    "tune lyric symphony choir musician recording single track dance flute trumpet organ tour stage record",
    "war": "army soldier battle general weapon gun sword fort siege troop rifle invasion enemy navy regiment tank "
    "bomb attack defeat victory commander revolt treaty warrior fleet captain camp officer shield rebel",
}
"""What the sentences are about, and the nouns that say so."""

OPENERS = ("", "In the morning ", "Later ", "After some time ", "In that year ", "Every day ", "At first ", "Once ",
           "In the end ", "On the way home ")  # fmt: skip
PEOPLE = ("she", "he", "the old man", "my sister", "a friend", "the teacher", "the boy", "our neighbour", "the woman",
          "everyone")  # fmt: skip
FRAMES = (
    "{who} talked about the {one} and the {two}", "{who} wrote a letter about the {one} and another {two}",
    "{who} asked about a {one} near the {two}", "{who} remembered the {one} more than the {two}",
    "{who} saw the {one} before the {two}", "{who} read that the {one} was not like the {two}",
    "{who} knew the {one} and the {two} well", "{who} thought of a new {one} for the {two}",
    "{who} had a picture of the {one} with its {two}", "{who} wanted to know why the {one} needed the {two}",
)  # fmt: skip
CLOSERS = (".", " again.", " with great interest.", " for a long time.", ", but nobody listened.", " at the table.",
           " in the other room.", " without a word.", ", as always.", " twice.")  # fmt: skip


class Example(NamedTuple):
    """A sentence, and the number of its topic in `TOPICS`."""

    text: str
    label: int


def draw(random: np.random.Generator) -> Iterator[Example]:
    """Sentences without end, the topics in turn, none of them twice."""

    def choose(words: tuple[str, ...]) -> str:
        return words[random.integers(len(words))]

    nouns = [words.split() for words in TOPICS.values()]
    seen: set[str] = set()
    label = 0
    while True:
        one, two = random.choice(nouns[label], 2, replace=False)
        text = choose(OPENERS) + choose(FRAMES).format(who=choose(PEOPLE), one=one, two=two) + choose(CLOSERS)
        if text not in seen:
            seen.add(text)
            yield Example(text[0].upper() + text[1:], label)
            label = (label + 1) % len(nouns)
