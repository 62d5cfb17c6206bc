"""The trainer's side of the run folder: appending rows that a reader can always trust."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path
from typing import Any

import msgspec


class Journal:
    """Append-only JSON lines. A line that a crash cut short is closed with a newline, never rewritten."""

    def __init__(self, path: Path, attempt: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._attempt = attempt
        if size := os.fstat(self._file).st_size:
            with open(path, "rb") as reader:
                reader.seek(size - 1)
                if reader.read(1) != b"\n":
                    self._write(b"\n")

    def add(self, row: dict[str, Any]) -> None:
        """Append one row; numbers that are not finite become null. Raises OSError when the disk is full."""
        finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        self._write(msgspec.json.encode(finite | {"attempt": self._attempt, "time": time.time()}) + b"\n")

    def _write(self, content: bytes) -> None:
        while content:  # a nearly full disk may take only a part of a line
            content = content[os.write(self._file, content) :]

    def flush(self) -> None:
        """Make everything appended so far durable."""
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)
