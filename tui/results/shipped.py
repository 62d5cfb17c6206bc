"""Results that are there before the engine is: the one that ships, and the one of the last time."""

from __future__ import annotations

from pathlib import Path

import msgspec

from core import paths, runs
from core.messages import Comparison, Pages

LAST = "last-compare.json"
MOST = 2**20
"""Bytes of a kept result: reading it must not be felt."""


def first() -> Path:
    """The result that ships with the lab."""
    return paths.assets() / "results" / "first-compare.json"


def _read(path: Path) -> Comparison | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Comparison)
    except (OSError, msgspec.MsgspecError):
        return None


def recall(draft: str | None) -> tuple[Comparison | None, str]:
    """A comparison to open with and where it comes from: that of the draft, or without a draft the shipped one."""
    ships = _read(first())
    if not draft or (ships and ships.text == draft):
        return ships, "shipped result"
    last = _read(paths.state() / LAST)
    return (last, "kept result") if last and last.text == draft else (None, "")


def keep(comparison: Comparison) -> None:
    """Keep a result for the next start. It can always be computed again, so that a full disk is no error."""
    if isinstance(comparison.words, Pages):
        return
    content = msgspec.json.encode(comparison)
    if len(content) <= MOST:
        try:
            runs.write_atomically(paths.private(paths.state()) / LAST, content)
        except OSError:
            return
