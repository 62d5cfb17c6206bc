"""Comparisons that a person saved: one JSON file each, as `lookboth compare --json` prints it."""

from __future__ import annotations

import msgspec

from core.messages import PAGE, Comparison, Pages
from tui.results.store import Saved, Store, name_of

__all__ = ["STORE", "Saved", "check", "every", "find", "folder", "name_of", "read", "save"]


class _Unread(Comparison, frozen=True, kw_only=True):
    """A comparison with its words as they stand in the file."""

    words: list[msgspec.Raw]  # type: ignore[assignment]


def _decode(content: bytes) -> Comparison:
    """A comparison, of which only the frame is decoded at once, and the words page by page.

    The decoder lets no other thread run: all words of a long text together would stop the window for half a second.
    """
    found = msgspec.json.decode(content, type=_Unread)
    raw = [b"[%b]" % b",".join(found.words[at : at + PAGE]) for at in range(0, len(found.words), PAGE)]
    words = Pages(raw)
    return Comparison(**{**msgspec.structs.asdict(found), "words": words if len(raw) > 1 else list(words)})


def _flaw(found: Comparison) -> str:
    """What a comparison lacks."""
    whole = all(word.scores.keys() == found.models.keys() for word in found.words)
    return "" if whole else "Some words have no score under some models."


STORE: Store[Comparison] = Store("comparison", _decode, _flaw)
folder, every, check, save, find, read = STORE.folder, STORE.every, STORE.check, STORE.save, STORE.find, STORE.read
