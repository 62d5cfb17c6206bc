"""The text of a scan: what was typed, a file or folder, or a held-out text of this machine; streamed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core import paths, texts
from core.errors import UserError
from core.scan.passages import passages
from core.text import corpus, documentation

HELD_OUT = "corpus/wiki.test.txt"
"""What is read where nobody names a text, in the folder of `paths.corpora`."""


class Piece(NamedTuple):
    """A passage of a source: its number, the file it stands in, and how many bytes were read when it ends."""

    number: int
    file: str
    done: int
    text: str


class Source(NamedTuple):
    """A text that is there, and about how many bytes it has."""

    name: str
    files: list[Path]
    typed: str
    size: int
    notes: list[str]

    def pieces(self) -> Iterator[Piece]:
        """All passages, one after another: in memory is one document. Raises UserError for files that are no text."""
        number = done = 0
        for file, document in self._documents():
            for text in passages(document):
                yield Piece(number, file, done, text)
                number += 1
            done = min(self.size, done + len(document.encode("utf-8", "replace")) + 1)

    def _documents(self) -> Iterator[tuple[str, str]]:
        if not self.files:
            yield from (("", block) for block in self.typed.split("\n\n"))
        for path in self.files:
            if texts.weight(path):
                yield from ((path.name, document) for document in corpus.documents([path]))


def find(typed: str, path: str) -> Source:
    """The text `typed`, else the file or folder `path`, else the default one. Raises UserError where there is none."""
    if typed.strip():
        return Source("the text that was given", [], typed, len(typed.encode("utf-8", "replace")), [])
    if path:
        if not Path(path).expanduser().exists():
            raise UserError(f"There is no file or folder {path}.", hint="Check the name.")
        return _named(Path(path).name, texts.files([path]))
    folder = paths.corpora()
    if folder is not None and (folder / HELD_OUT).is_file():
        return _named(Path(HELD_OUT).name, [folder / HELD_OUT])
    notes = ["No text was named: it reads the Python documentation of this machine."]
    return _named("the documentation of Python", [documentation.file()])._replace(notes=notes)


def _named(name: str, files: list[Path]) -> Source:
    return Source(name, files, "", sum(map(texts.weight, files)), [])
