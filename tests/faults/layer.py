"""A file layer that stops the world before any one operation of a save, or fails it.

`Layer` stands in for the functions of `core.training.keep.disk`. It counts; at operation `at` it raises `Crash`, as if
the power went, or the OSError it was given. Of what is written or removed a part may have been done. After a crash
nothing works any more, so that no `finally` of a dead process tidies up.

`Layer.forget` then takes what no fsync made durable: bytes become zeros, renames are undone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.training.keep import disk

NAMES = ("write", "append", "flush", "rename", "make", "remove")


class Crash(BaseException):
    """The process is dead."""


@dataclass(frozen=True)
class Operation:
    """One change of a file that was asked for."""

    name: str
    path: str
    """The name of the file or folder; empty for one that is already open."""
    parts: int = 1
    """Bytes to write, or files to remove: what may be done in part."""

    def prefixes(self) -> list[int]:
        """How much of it may have been done by a crash."""
        if self.name == "append":
            return sorted({0, min(1, self.parts - 1), self.parts // 2, self.parts - 1})
        return sorted({0, self.parts // 2}) if self.name == "remove" else [0]


class Layer:
    """While it is entered, every operation of the trainer on files goes through here."""

    def __init__(self, at: int = -1, prefix: int = 0, error: int = 0) -> None:
        self.seen: list[Operation] = []
        self._at, self._prefix, self._error = at, prefix, error
        self._dead = False
        self._durable: dict[int, int] = {}
        """Bytes of a file, by its inode, that are safe; files that are not here are safe as a whole."""
        self._renamed: list[tuple[Path, Path]] = []
        self._real: dict[str, Callable[..., Any]] = {}
        self._fsync = os.fsync

    def __enter__(self) -> Layer:
        for name in NAMES:
            self._real[name] = getattr(disk, name)
            setattr(disk, name, getattr(self, f"_{name}"))
        os.fsync = self._synced  # type: ignore[assignment] # nothing needs to be durable here, and it takes long
        return self

    def __exit__(self, *_: object) -> None:
        for name, function in self._real.items():
            setattr(disk, name, function)
        os.fsync = self._fsync

    def _step(
        self, name: str, path: Path | None, parts: int = 1, partly: Callable[[int], object] = lambda _: None
    ) -> None:
        """Count an operation; at the chosen one do `prefix` parts of it, then fail or die."""
        if self._dead:
            raise Crash
        self.seen.append(Operation(name, path.name if path else "", parts))
        if len(self.seen) - 1 != self._at:
            return
        if self._prefix:
            partly(self._prefix)
        if self._error:
            raise OSError(self._error, os.strerror(self._error))
        self._dead = True
        raise Crash

    def _write(self, path: Path, content: bytes) -> None:
        self._step("write", path)
        self._real["write"](path, content)

    def _append(self, descriptor: int, content: bytes) -> None:
        self._durable.setdefault(os.fstat(descriptor).st_ino, os.fstat(descriptor).st_size)
        self._step("append", None, len(content), lambda prefix: self._real["append"](descriptor, content[:prefix]))
        self._real["append"](descriptor, content)

    def _flush(self, path: Path) -> None:
        self._step("flush", path)
        self._real["flush"](path)

    def _synced(self, descriptor: int) -> None:
        if not self._dead:
            self._durable.pop(os.fstat(descriptor).st_ino, None)
            there = os.fstat(descriptor)
            self._renamed = [pair for pair in self._renamed if not os.path.samestat(pair[1].parent.stat(), there)]

    def _rename(self, old: Path, new: Path) -> None:
        self._step("rename", old)
        if not new.exists():
            self._renamed.append((old, new))
        self._real["rename"](old, new)

    def _make(self, folder: Path) -> None:
        self._step("make", folder)
        self._real["make"](folder)

    def _remove(self, path: Path) -> None:
        files = sorted(path.iterdir()) if path.is_dir() else []

        def partly(prefix: int) -> None:
            self._renamed.clear()  # a journal keeps the order: who loses a rename loses what came after it
            for file in files[:prefix]:
                file.unlink()

        self._step("remove", path, len(files), partly)
        partly(0)
        self._real["remove"](path)

    def forget(self, folder: Path) -> None:
        """Take from the files in `folder` what a crash of the machine would: all that was not made durable."""
        for old, new in reversed(self._renamed):
            if new.exists():
                new.rename(old)
        for path in folder.rglob("*"):
            if path.is_file() and (safe := self._durable.get(path.stat().st_ino)) is not None:
                with open(path, "r+b") as file:
                    size = file.seek(0, os.SEEK_END)
                    file.seek(min(safe, size))
                    file.write(bytes(size - min(safe, size)))
