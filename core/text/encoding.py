"""Text files as token ids on disk: cut once, in one pass, whatever fits into memory; then mapped by every reader."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from tokenizers import Encoding, Tokenizer

from core.text import sentences

HELD_OUT_EVERY = 50
BATCH = 1 << 21
"""Characters that are cut at once."""
FORGOTTEN = 24 * 3600
"""Seconds after which what an unfinished writer left behind is removed."""

Tell = Callable[[int], None]
"""Called with the bytes of text read so far; what it raises ends the reading."""


class Part(msgspec.Struct, frozen=True):
    """What is known of one share of a text."""

    tokens: int
    digest: str
    """First 12 hex digits of the SHA-256 of the ids, as little-endian 16-bit numbers."""


class Column:
    """A `.npy` file of one dimension that grows at its end."""

    def __init__(self, path: Path, kind: str) -> None:
        self.count, self._kind = 0, np.dtype(kind)
        self._file: Any = path.open("xb")
        self._head()
        self._length = self._file.tell()

    def _head(self) -> None:
        told = {"descr": self._kind.str, "fortran_order": False, "shape": (self.count,)}
        np.lib.format.write_array_header_1_0(self._file, told)  # numpy leaves room for the count to grow

    def add(self, values: np.ndarray) -> None:
        self._file.write(values.astype(self._kind).data)
        self.count += len(values)

    def close(self) -> None:
        """Write down how many there are, and wait for the disk."""
        self._file.seek(0)
        self._head()
        assert self._file.tell() == self._length
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


class Share:
    """One share of a text: its ids, where its paragraphs and its sentences start, and the characters that each token
    stands for. A paragraph starts a sentence."""

    def __init__(self, folder: Path, name: str, widths: bool) -> None:
        self.ids = Column(folder / f"{name}.ids.npy", "<u2")
        self.starts = Column(folder / f"{name}.starts.npy", "<i8")
        self.sentences = Column(folder / f"{name}.sentences.npy", "<i8")
        self.widths = Column(folder / f"{name}.widths.npy", "<u4") if widths else None
        self._hash = hashlib.sha256()

    def add(self, document: str, encoding: Encoding, newline: int, end: int) -> None:
        """One document and the [SEP] after it, which stands for the line end between two documents."""
        row = np.array([*encoding.ids, end], "<u2")
        paragraphs = np.flatnonzero(np.concatenate([[newline], row[:-1]]) == newline)
        inside = np.searchsorted([last for _, last in encoding.offsets], sentences.starts(document), "right")
        begun = np.union1d(paragraphs, inside)
        self.starts.add(self.ids.count + paragraphs)
        self.sentences.add(self.ids.count + begun[(row[begun] != newline) & (begun < len(encoding.ids))])
        self.ids.add(row)
        self._hash.update(row.data)
        if self.widths is not None:
            # A token stands for everything up to where the next one begins; of several in one place, the last does.
            begins = np.array([first for first, _ in encoding.offsets] + [len(document), len(document) + 1])
            begins[0] = 0
            self.widths.add(np.diff(np.maximum.accumulate(begins)))

    def close(self) -> Part:
        for column in (self.ids, self.starts, self.sentences, self.widths):
            if column is not None:
                column.close()
        return Part(tokens=self.ids.count, digest=self._hash.hexdigest()[:12])


def line_end(tokenizer: Tokenizer) -> int:
    """The token of a line end; -1 where there is none, as in WordPiece."""
    return int((tokenizer.encode("\n", add_special_tokens=False).ids or [-1])[-1])


def write(folder: Path, documents: Iterable[str], tokenizer: Tokenizer, end: int, split: bool, tell: Tell) -> None:
    """Make `folder` hold the shares of `documents`: "training" and "held out" where `split`, else "all".

    It appears whole or not at all; where another process was faster, its folder stays.
    """
    newline = line_end(tokenizer)
    _sweep(folder.parent)
    temporary = folder.parent / f".writing-{folder.name}-{os.getpid()}-{time.monotonic_ns()}"
    temporary.mkdir()
    try:
        # Only what is evaluated on needs to know its characters.
        names = ("training", "held out") if split else ("all",)
        shares = {name: Share(temporary, name, widths=name != "training") for name in names}
        number, done = 0, 0
        for batch in _batches(documents):
            for document, encoding in zip(batch, tokenizer.encode_batch(batch, add_special_tokens=False), strict=True):
                held = number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
                name = ("held out" if held else "training") if split else "all"
                shares[name].add(document, encoding, newline, end)
                number, done = number + 1, done + len(document.encode()) + 1
            tell(done)
        parts = {name: share.close() for name, share in shares.items()}
        with open(temporary / "about.json", "wb") as file:
            file.write(msgspec.json.encode(parts))
            file.flush()
            os.fsync(file.fileno())  # or a crash of the machine leaves a text that is there and cannot be read
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _batches(documents: Iterable[str]) -> Iterator[list[str]]:
    """Documents in lists of about BATCH characters, so that a long text is never in memory."""
    batch: list[str] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _sweep(folder: Path) -> None:
    """Remove what writers that were killed left behind."""
    for left in folder.glob(".writing-*"):
        if time.time() - left.stat().st_mtime > FORGOTTEN:
            shutil.rmtree(left, ignore_errors=True)
