"""Text files: one whole file to look at, or a stream of documents to train on."""

from __future__ import annotations

import codecs
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from core.errors import UserError

LARGEST = 2 << 30
"""Bytes of text that `read` takes, after decompression."""
LONGEST = 1 << 20
"""Characters after which `documents` cuts a document that has no blank line."""
SUFFIXES = (".txt", ".txt.xz", ".md")
_BLOCK = 1 << 20


def read(path: Path) -> str:
    """The text of one UTF-8 file, line ends as they are, a byte order mark dropped; `.xz` is decompressed.

    Raises UserError for a file that is missing, a folder, unreadable, empty, binary or over 2 GiB.
    """
    text = "".join(_blocks(path, LARGEST))
    if not text:
        raise UserError(f"{path} is empty.", hint="Give a file with some text in it.")
    return text


def documents(paths: list[Path]) -> Iterator[str]:
    """The documents of files and of folders (their *.txt, *.txt.xz and *.md, in order of name), one after another.

    Documents stand between blank lines; their lines keep their ends, except the last. Files are streamed: in memory
    are one document and one block. A document of more than `LONGEST` characters comes in several pieces, cut after
    a line where it has lines.
    Raises UserError, when it gets there, for what `read` refuses, and when there was no text at all.
    """
    empty = True
    for path in _files(paths):
        for document in _split(_lines(_blocks(path))):
            empty = False
            yield document
    if empty:
        raise UserError(f"There is no text in {', '.join(map(str, paths)) or 'an empty list of files'}.")


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.is_file())
        if not inside:
            raise UserError(f"{path} has no text in it.", why=f"It holds no file that ends in {', '.join(SUFFIXES)}.")
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
                if (null := block.find(b"\0")) >= 0:
                    raise _binary(path, f"byte {done + null} is NUL")
                held = len(decoder.getstate()[0])
                try:
                    text = decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    raise _binary(path, f"byte {done - held + error.start} is not UTF-8") from error
                if text:
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


def _open(path: Path) -> IO[bytes]:
    if path.is_dir():
        raise UserError(f"{path} is a folder.", hint="Give one text file.")
    if not path.exists():
        raise UserError(f"There is no file {path}.")
    return lzma.open(path) if path.suffix == ".xz" else path.open("rb")


def _binary(path: Path, why: str) -> UserError:
    return UserError(f"{path} is not a text file.", why=f"{why[0].upper()}{why[1:]}.", hint="Save it as UTF-8 text.")


def _lines(blocks: Iterable[str]) -> Iterator[str]:
    """Lines with their ends; one longer than `LONGEST` comes in pieces."""
    rest = ""
    for block in blocks:
        lines = (rest + block).split("\n")
        rest = lines.pop()
        for line in lines:
            yield from _pieces(line + "\n")
        while len(rest) > LONGEST:
            yield rest[:LONGEST]
            rest = rest[LONGEST:]
    if rest:
        yield rest


def _pieces(line: str) -> Iterator[str]:
    for start in range(0, len(line), LONGEST):
        yield line[start : start + LONGEST]


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
