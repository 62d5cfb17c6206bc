"""How a predicted token goes into a text."""

from __future__ import annotations

import re

from core.messages import Slot

BYTES = re.compile(r"‹[0-9A-F]{2}(?: [0-9A-F]{2})*›")
"""A token that is a part of a character, as the engine shows it."""


def insertion(text: str, slot: Slot, token: str) -> tuple[str, int, int] | None:
    """What to write and which characters of `text` it replaces, or None for a token that no text can hold.

    A token of a byte-level vocabulary brings its own space or continues the word before the slot. A WordPiece is a
    word of its own unless it starts with `##`.
    """
    if BYTES.search(token):
        return None
    end = len(text) if slot.kind == "next" else slot.end
    start = slot.start
    while start > 0 and text[start - 1] == " ":
        start -= 1
    if token.startswith("##") and len(token) > 2:
        return token[2:], start, end
    if any(one.text.startswith(" ") for one in slot.top):
        return (token if start else token.lstrip(" ")), start, end
    joins = start == slot.start and start > 0 and text[start - 1].isalnum() and token[:1].isalnum()
    return (f" {token}" if joins else token), slot.start, end
