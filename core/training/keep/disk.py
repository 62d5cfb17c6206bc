"""The few ways in which the trainer changes files, so that a test can make any one of them fail."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Full(OSError):
    """There is no room for `needed` bytes."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(errno.ENOSPC, f"{size(needed)} are needed and {size(free)} are free")
        self.needed, self.free = needed, free


def size(count: float) -> str:
    """Bytes for a person: 79 MB, 1.25 GB."""
    unit = 0
    while count >= 999.5 and unit < len(UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.3g} {UNITS[unit]}"


def full(error: BaseException) -> bool:
    """Whether a disk, a quota or a limit on files is what stood in the way."""
    return isinstance(error, OSError) and error.errno in FULL


def room(folder: Path) -> int:
    """Bytes that can still be written into `folder`."""
    return shutil.disk_usage(folder).free


def write(path: Path, content: bytes) -> None:
    """Make or replace a file, not yet durably."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        append(descriptor, content)
    finally:
        os.close(descriptor)


def append(descriptor: int, content: bytes) -> None:
    """Write to an open file. A nearly full disk takes a part and reports no error: the rest is offered again."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def flush(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(old: Path, new: Path) -> None:
    """Give a file or a folder another name, in one step."""
    old.rename(new)


def make(folder: Path) -> None:
    """Make a folder, and those above it."""
    folder.mkdir(parents=True, exist_ok=True)


def remove(path: Path) -> None:
    """Remove a file or a whole folder, where there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def replace(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace a file in one step: a reader sees the old one or the new one, whole.

    A run has one writer, or the processes of one team, several of which may say how it ended: each has a temporary
    file of its own. What one leaves when it is killed in here, the next one writes over.
    """
    temporary = path.with_name(f".{path.name}.new{os.environ.get('RANK', '')}")
    write(temporary, content)
    if durable:
        flush(temporary)
    rename(temporary, path)
