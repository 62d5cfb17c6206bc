"""The rows of a run: appended, so that a reader can always trust them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import msgspec

from core.training.keep import disk

TAIL = 65_536
"""Bytes at the end of the rows in which the number of the last attempt is found."""


def attempt(path: Path) -> int:
    """The number of the attempt that begins now: one more than that of the last rows."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return 1
    last = 0
    for line in lines:
        try:
            last = max(last, msgspec.json.decode(line).get("attempt", 0))
        except (msgspec.DecodeError, AttributeError, TypeError):  # the first line of the tail, or a torn one
            continue
    return last + 1


class Journal:
    """Append-only JSON lines. A line that was cut short is closed with a newline, never rewritten."""

    def __init__(self, path: Path, attempt: int) -> None:
        self._path, self._attempt = path, attempt
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(self._file).st_size
        self._torn = size > 0 and os.pread(self._file, 1, size - 1) != b"\n"

    def add(self, row: dict[str, Any]) -> None:
        """Append one row; numbers that are not finite become null. Raises OSError when the disk is full."""
        line = msgspec.json.encode(row | {"attempt": self._attempt, "time": time.time()}) + b"\n"
        seal, self._torn = b"\n" if self._torn else b"", True
        disk.append(self._file, seal + line)
        self._torn = False

    def flush(self) -> None:
        """Make everything appended so far durable."""
        disk.flush(self._path)

    def close(self) -> None:
        os.close(self._file)
