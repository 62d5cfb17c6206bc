"""What a set holds: a text, minimal pairs, or cloze facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from core.messages import SetAbout


class Pair(NamedTuple):
    """Two sentences, of which a speaker accepts the first. `group` is the paradigm, empty where none is named."""

    good: str
    bad: str
    group: str


class Fact(NamedTuple):
    """A sentence cut at the answer: `left` + `answer` + `right` is how it reads. `choices` holds the answer first."""

    left: str
    answer: str
    right: str
    group: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A held-out text, line ends and all."""

    about: SetAbout
    text: str


@dataclass(frozen=True)
class Pairs:
    """Minimal pairs in the order of their file."""

    about: SetAbout
    items: tuple[Pair, ...]


@dataclass(frozen=True)
class Facts:
    """Cloze facts in the order of their file."""

    about: SetAbout
    items: tuple[Fact, ...]


Set = Text | Pairs | Facts
