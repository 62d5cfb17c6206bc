"""The text files of a run: found, looked at and weighed before anything reads them whole. No torch."""

from __future__ import annotations

import codecs
import hashlib
import json
import lzma
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from core import parquet, paths
from core.errors import UserError

SUFFIXES = (".txt", ".txt.xz", ".md", ".jsonl", ".jsonl.xz", parquet.SUFFIX)
"""Files that are text when they lie in a folder. A file that is named itself may be called anything."""
LINES = (".jsonl", ".jsonl.xz")
"""Files that hold one JSON object a line."""
LOOK = 64 * 1024
"""Bytes of each file that are looked at before a run is started on it."""
MOST_FILES = 20_000
"""Files and folders that are looked through for text."""
_BLOCK = 1 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")


def files(texts: Iterable[str], field: str = "text") -> list[Path]:
    """The text files that `texts` name, absolute, each once; folders are looked through.

    Raises UserError for what is missing, empty or no text, and for JSON lines without `field`.
    """
    found: dict[Path, None] = {}
    for text in texts:
        path = Path(text).expanduser()
        found |= dict.fromkeys(readable(file, field) for file in ([path] if path.is_file() else _inside(path)))
    if not sum(map(weight, found)):
        names = ", ".join(map(str, list(found)[:3])) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        raise UserError(f"There is no text in {names or 'an empty list of files'}.", hint="Name files with some text.")
    return list(found)


def _inside(path: Path) -> list[Path]:
    if path.is_dir() and (inside := sorted(within(path))):
        return inside
    if path.is_dir():
        why = f"It is a folder without a file that ends in {', '.join(SUFFIXES)}."
    else:
        why = "It is not a file." if path.exists() else "There is no such file or folder."
    raise UserError(f"There is nothing to read in {path}.", why=why, hint="Name text files or folders of them.")


def within(folder: Path) -> Iterator[Path]:
    """The text files under `folder`. Somebody may have named the root of a disk, so the walk has an end."""
    seen = 0
    for parent, _, names in os.walk(folder, onerror=_refuse):
        seen += len(names) + 1
        if seen > MOST_FILES:
            raise UserError(f"{folder} holds too many files.", hint="Name the folder with the texts itself.")
        inside = (Path(parent, name) for name in names if name.endswith(SUFFIXES))
        yield from (path for path in inside if path.is_file())


def _refuse(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be read.", why=f"{error.strerror}.") from error


def readable(file: Path, field: str = "text") -> Path:
    """`file`, absolute, once its beginning was seen to be text. Raises UserError when it is not."""
    if file.suffix == parquet.SUFFIX:
        parquet.check(file, field)
        return file.resolve()
    try:
        with open(file, "rb") as opened:
            start = opened.read(LOOK)
        if file.suffix == ".xz":
            start = lzma.LZMADecompressor().decompress(start, LOOK)
    except (lzma.LZMAError, EOFError) as error:
        raise UserError(f"{file} cannot be decompressed.", why=f"{error}.", hint="Fetch it again.") from error
    except OSError as error:
        raise UserError(f"{file} cannot be read.", why=f"{error.strerror or error}.") from error
    try:
        text = decoded(codecs.getincrementaldecoder("utf-8")(), start)
    except ValueError as error:
        raise UserError(f"{file} is not a text file.", why=str(error), hint="Save it as UTF-8 text.") from error
    first, newline, _ = text.removeprefix("\ufeff").lstrip().partition("\n")
    if newline and file.name.endswith(LINES):
        record(first, field, f"The first line of {file}")
    return file.resolve()


def decoded(decoder: codecs.IncrementalDecoder, block: bytes, done: int = 0, last: bool = False) -> str:
    """The text in the next `block` of a file, after `done` bytes. Raises ValueError that says which byte is none."""
    held = len(decoder.getstate()[0])
    if (nul := block.find(b"\0")) >= 0:
        raise ValueError(f"Byte {done + nul:,} is NUL.")
    try:
        return decoder.decode(block, last)
    except UnicodeDecodeError as error:
        raise ValueError(f"Byte {done - held + error.start:,} is not UTF-8.") from error


def record(line: str, field: str, where: str) -> str:
    """The text in one JSON line. Raises UserError, beginning with `where`, when it has none under `field`."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where} is not JSON.", why=f"{error}.", hint="Each line must be one JSON object.") from error
    if not isinstance(found, dict):
        raise UserError(f"{where} is not a JSON object.", hint='Each line must look like {"text": "some words"}.')
    if field not in found:
        fields = ", ".join(str(name)[:40] for name in list(found)[:20]) or "none"
        raise UserError(
            f'{where} has no field "{field}".', why=f"Its fields: {fields}.", hint="Name the one with the text."
        )
    if not isinstance(text := found[field], str):
        raise UserError(f'In {where[0].lower()}{where[1:]} the field "{field}" is not a text.')
    return _SURROGATE.sub("\ufffd", text)


def weight(file: Path) -> int:
    """Bytes of text in `file`; text in an .xz file is about four times as long as the file, in Parquet twice."""
    return file.stat().st_size * {".xz": 4, parquet.SUFFIX: 2}.get(file.suffix, 1)


def store(stream: BinaryIO, folder: Path | None = None) -> Path:
    """Keep what `stream` says, to its end, as a file named by its SHA-256 in `folder` (that of the lab's own texts).

    Raises UserError for what is no text or empty, or when the folder cannot be written.
    """
    kept = folder or paths.data() / "texts"
    try:
        partial = paths.private(kept) / f".{os.getpid()}.partial"
        try:
            with open(partial, "wb") as file:
                name = f"{_copy(stream, file)[:12]}.txt"
            return partial.replace(kept / name)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise UserError("The standard input cannot be kept.", why=f"{error}.") from error


def _copy(stream: BinaryIO, file: BinaryIO) -> str:
    """Copy a text, durably; its SHA-256 in hexadecimal."""
    decoder, digest, done, blank = codecs.getincrementaldecoder("utf-8")(), hashlib.sha256(), 0, True
    while True:
        block = stream.read(_BLOCK)
        try:
            text = decoded(decoder, block, done, last=not block)
        except ValueError as error:
            raise UserError("The standard input is not text.", why=str(error), hint="Give UTF-8 text.") from error
        blank = blank and not text.removeprefix("\ufeff").strip()
        if not block:
            break
        file.write(block)
        digest.update(block)
        done += len(block)
    if blank:
        raise UserError("The standard input is empty.", hint="Pipe some text into it.")
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()
