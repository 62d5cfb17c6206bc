"""Comparisons that a person saved: one JSON file each, as `lookboth compare --json` prints it."""

from __future__ import annotations

from core.messages import Comparison
from tui.results.store import Saved, Store, name_of

__all__ = ["STORE", "Saved", "check", "every", "find", "folder", "name_of", "read", "save"]


def _flaw(found: Comparison) -> str:
    """What a comparison lacks."""
    whole = all(word.scores.keys() == found.models.keys() for word in found.words)
    return "" if whole else "Some words have no score under some models."


STORE: Store[Comparison] = Store("comparison", Comparison, _flaw)
folder, every, check, save, find, read = STORE.folder, STORE.every, STORE.check, STORE.save, STORE.find, STORE.read
