"""A little room kept in the run's folder, so that a full disk can still be spoken about."""

from __future__ import annotations

import os
from pathlib import Path

from core.training.keep import disk

BYTES = 65_536


def load(run: Path) -> None:
    """Take the room. The bytes are random, for a file system may store nothing of zeros."""
    path = run / "ballast"
    if not path.is_file() or path.stat().st_size != BYTES:
        disk.write(path, os.urandom(BYTES))


def drop(run: Path) -> None:
    """Give it back."""
    disk.remove(run / "ballast")
