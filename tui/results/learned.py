"""How the bundled models learned, as it ships beside their weights."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from core import catalogue, learning
from tui.runs.scrub import Look, Sentence


class Learned(NamedTuple):
    """One model: its name, what it is, and what it said of each sentence while it learned."""

    name: str
    about: str
    sentences: tuple[Sentence, ...]


def bundled() -> list[Learned]:
    """The bundled models of which it is known. Reads small files: meant for a thread."""
    found = []
    for entry in catalogue.bundled():
        if known := learning.beside(Path(entry.folder)):
            about = f"{known.steps:,} steps, weights {known.revision}"
            found.append(Learned(entry.name, about, _sentences(known)))
    return found


def _sentences(known: learning.Learning) -> tuple[Sentence, ...]:
    looks: dict[tuple[str, str], list[Look]] = {}
    for said in known.samples:
        looks.setdefault((said.text, said.answer), []).append(Look(said.step, said.prob, said.rank, said.tops))
    return tuple(Sentence(text, answer, tuple(each)) for (text, answer), each in looks.items())
