"""The text of a sweep: what was typed, a file or folder, or what this machine has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core import paths, texts
from core.messages import SweepProtocol
from core.sweep.units import MOST
from core.text import corpus, documentation

HELD_OUT = {"paired": "corpus/wiki.test.txt", "salamone2021": "eval/wikitext-2/wiki.test.tokens"}
"""By protocol the text that is read where nobody names one, in the folder of `paths.corpora`."""


class Text(NamedTuple):
    """Documents, and what they are called."""

    name: str
    documents: list[str]
    notes: list[str]


def find(typed: str, path: str, protocol: SweepProtocol) -> Text:
    """The text `typed`, else that in the file or folder `path`, else the default one. Raises UserError without any."""
    if typed:
        return _text("the text that was given", _split(typed))
    if path:
        return _text(Path(path).name, corpus.documents(texts.files([path])))
    folder, name = paths.corpora(), HELD_OUT[protocol]
    if folder is not None and (folder / name).is_file():
        return _text(Path(name).name, corpus.documents([folder / name]))
    found = _text("the documentation of Python", corpus.documents([documentation.file()]))
    return found._replace(notes=["No text was named: it reads the Python documentation of this machine.", *found.notes])


def _split(text: str) -> Iterator[str]:
    """Documents stand between blank lines."""
    held: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            held.append(line)
        elif held:
            yield "\n".join(held)
            held = []


def _text(name: str, documents: Iterator[str]) -> Text:
    """As many of `documents` as are read at most."""
    found: list[str] = []
    size = 0
    for document in documents:
        if size + len(document) > MOST and found:
            return Text(name, found, [f"Only the first {size:,} characters of {name} are read."])
        found.append(document)
        size += len(document)
    return Text(name, found, [])
