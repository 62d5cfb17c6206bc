"""Text files: one whole file to look at, or a stream of documents to train on."""

from __future__ import annotations

import codecs
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from core import parquet, texts
from core.errors import UserError

LARGEST = 2 << 30
"""Bytes of text that `read` takes, after decompression."""
LONGEST = 1 << 20
"""Characters after which `documents` cuts a document."""
LONGEST_LINE = 1 << 26
"""Characters of one JSON line."""
_BLOCK = 1 << 20


def read(path: Path) -> str:
    """The text of one UTF-8 file, line ends as they are, a byte order mark dropped; `.xz` is decompressed.

    Raises UserError for a file that is missing, a folder, unreadable, empty, binary or over 2 GiB.
    """
    text = "".join(_blocks(path, LARGEST))
    if not text:
        raise UserError(f"{path} is empty.", hint="Give a file with some text in it.")
    return text


def documents(paths: list[Path], field: str = "text") -> Iterator[str]:
    """The documents of files and of folders (their text files, in order of name), one after another.

    In plain text documents stand between blank lines; their lines keep their ends, except the last. A line of a
    .jsonl file is an object whose `field` is one document, blank lines and all; so is a row of a .parquet file. Files
    are streamed: in memory are one document and one block. A document of more than `LONGEST` characters comes in
    several pieces, cut after a line where it has lines.
    Raises UserError, when it gets there, for what `read` refuses, for a line that holds no text under `field`, and
    when there was no text at all.
    """
    empty = True
    for path in _files(paths):
        for document in _documents(path, field):
            empty = False
            yield document
    if empty:
        raise UserError(f"There is no text in {', '.join(map(str, paths)) or 'an empty list of files'}.")


def _documents(path: Path, field: str) -> Iterator[str]:
    if path.suffix == parquet.SUFFIX:
        for text in parquet.column(path, field):
            yield from _cut(text.rstrip("\r\n"))
    elif path.name.endswith(texts.LINES):
        yield from _records(path, field)
    else:
        yield from _split(_lines(_blocks(path), LONGEST))


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(texts.within(path))
        if not inside:
            why = f"It holds no file that ends in {', '.join(texts.SUFFIXES)}."
            raise UserError(f"{path} has no text in it.", why=why)
        yield from inside


def _blocks(path: Path, largest: int | None = None) -> Iterator[str]:
    """The file in pieces of about one MiB."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    started = False
    try:
        with _open(path) as file:
            while True:
                block = file.read(_BLOCK)
                if text := _decoded(path, decoder, block, done):
                    yield text if started else text.removeprefix("\ufeff")
                    started = True
                done += len(block)
                if not block:
                    return
                if largest is not None and done > largest:
                    raise UserError(
                        f"{path} is too large.",
                        why=f"It holds more than {largest >> 30} GiB of text.",
                        hint="Split it.",
                    )
    except (lzma.LZMAError, EOFError) as error:
        raise UserError(f"{path} cannot be decompressed.", why=str(error), hint="Fetch it again.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read.", why=error.strerror or str(error)) from error


def _decoded(path: Path, decoder: codecs.IncrementalDecoder, block: bytes, done: int) -> str:
    try:
        return texts.decoded(decoder, block, done, last=not block)
    except ValueError as error:
        raise UserError(f"{path} is not a text file.", why=str(error), hint="Save it as UTF-8 text.") from error


def _open(path: Path) -> IO[bytes]:
    if path.is_dir():
        raise UserError(f"{path} is a folder.", hint="Give one text file.")
    if not path.exists():
        raise UserError(f"There is no file {path}.")
    return lzma.open(path) if path.suffix == ".xz" else path.open("rb")


def _lines(blocks: Iterable[str], longest: int) -> Iterator[str]:
    """Lines with their ends; one longer than `longest` comes in pieces."""
    rest = ""
    for block in blocks:
        lines = (rest + block).split("\n")
        rest = lines.pop()
        for line in lines:
            yield from _pieces(line + "\n", longest)
        while len(rest) > longest:
            yield rest[:longest]
            rest = rest[longest:]
    if rest:
        yield rest


def _pieces(line: str, longest: int) -> Iterator[str]:
    for start in range(0, len(line), longest):
        yield line[start : start + longest]


def _records(path: Path, field: str) -> Iterator[str]:
    """The documents of a file of JSON lines; blank lines between them are passed over."""
    for number, line in enumerate(_lines(_blocks(path), LONGEST_LINE), 1):
        if not line.strip():
            continue
        if len(line) >= LONGEST_LINE:
            raise UserError(f"Line {number:,} of {path} is longer than {LONGEST_LINE >> 20} million characters.")
        yield from _cut(texts.record(line, field, f"Line {number:,} of {path}").rstrip("\r\n"))


def _cut(document: str) -> Iterator[str]:
    """Pieces of at most `LONGEST` characters, cut after a line where there is one."""
    while len(document) > LONGEST:
        end = document.rfind("\n", 0, LONGEST) + 1 or LONGEST
        if piece := document[:end].rstrip("\r\n"):
            yield piece
        document = document[end:]
    if document.strip():
        yield document


def _split(lines: Iterable[str]) -> Iterator[str]:
    """Documents out of lines."""
    held: list[str] = []
    size = 0
    for line in lines:
        blank = not line.strip()
        if held and (blank or size + len(line) > LONGEST):
            yield "".join(held).rstrip("\r\n")
            held, size = [], 0
        if not blank:
            held.append(line)
            size += len(line)
    if held:
        yield "".join(held).rstrip("\r\n")
