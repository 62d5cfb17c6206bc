"""Trainers with one thing left out, for the harnesses to find: whoever finds nothing here would find nothing at all.

Each function spoils the trainer of this process. `patch` is `setattr`, or that of pytest's monkeypatch.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from core.runs import Progress
from core.training.keep import checkpoint, disk

Patch = Callable[[Any, str, Any], None]
Broken = Callable[[Patch], None]


def no_rename(patch: Patch) -> None:
    """A checkpoint is written straight into its place."""

    def commit(files: dict[str, bytes], temporary: Path, final: Path) -> None:
        temporary.mkdir()
        disk.make(final)
        for name, content in files.items():
            disk.write(final / name, content)
            disk.flush(final / name)
        disk.flush(final)
        temporary.rmdir()

    patch(checkpoint, "_commit", commit)


def no_flush(patch: Patch) -> None:
    """Nothing is made durable."""
    patch(disk, "flush", lambda path: None)


def no_manifest(patch: Patch) -> None:
    """A checkpoint is taken for whole without a look at its manifest."""
    patch(checkpoint, "intact", lambda folder: True)


def no_optimizer(patch: Patch) -> None:
    """What the optimizer knew is forgotten on resume."""
    restore = checkpoint.restore

    def forgetful(folder: Path, net: Any, optimizer: Any) -> Progress:
        progress = restore(folder, net, optimizer)
        optimizer.state.clear()
        return progress

    patch(checkpoint, "restore", forgetful)


def no_progress(patch: Patch) -> None:
    """The weights are there on resume, and the trainer thinks that it begins."""
    restore = checkpoint.restore

    def forgetful(folder: Path, net: Any, optimizer: Any) -> Progress:
        return msgspec.structs.replace(restore(folder, net, optimizer), step=0, tokens=0)

    patch(checkpoint, "restore", forgetful)
