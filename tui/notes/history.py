"""The notes that a person visited, to go back and forth between them."""

from __future__ import annotations


class History:
    """Keys of notes in the order of the visits; a visit after going back forgets what lay ahead."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._at = -1

    def visit(self, key: str) -> None:
        """`key` is read now. Reading on in the same note is no new visit."""
        if self._at >= 0 and self._keys[self._at] == key:
            return
        self._keys[self._at + 1 :] = [key]
        self._at += 1

    def ahead(self, by: int) -> str | None:
        """The key `by` visits further (before, if negative), or None at the end."""
        at = self._at + by
        return self._keys[at] if 0 <= at < len(self._keys) else None

    def go(self, by: int) -> str | None:
        """As `ahead`, and be there from now on."""
        key = self.ahead(by)
        if key is not None:
            self._at += by
        return key
