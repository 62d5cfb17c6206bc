"""The words of a long comparison, as JSON until they are looked at: decoding all at once would be felt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import msgspec

from core.messages.results import Word

PAGE = 500
"""Words of a page; only the last may have fewer."""
LISTED = 3_000
"""Words whose whole lists of candidates are kept; later ones keep the first choice, so that an answer stays small."""
KEPT = 8
"""Pages that stay decoded."""

_words = msgspec.json.Decoder(list[Word])


class Pages(Sequence[Word]):
    """A sequence of words, a page of which takes a few milliseconds to open, and nothing while it stays so.

    It may be read by several threads at once.
    """

    def __init__(self, pages: Sequence[bytes]) -> None:
        """`pages`: a JSON list of `PAGE` words each. Raises `msgspec.MsgspecError` where the last one is none."""
        self.raw = [bytes(page) for page in pages]
        last = _words.decode(self.raw[-1]) if self.raw else []
        self._open = {len(self.raw) - 1: last}
        self._length = max(0, len(self.raw) - 1) * PAGE + len(last)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> list[Word]: ...
    def __getitem__(self, index: int | slice) -> Word | list[Word]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._length))]
        at = range(self._length)[index]
        return self.page(at // PAGE)[at % PAGE]

    def __iter__(self) -> Iterator[Word]:
        """Every word, without keeping pages open for it."""
        for page in self.raw:
            yield from _words.decode(page)

    def page(self, number: int) -> list[Word]:
        """A page, counted from 0, which stays open until `KEPT` others were looked at."""
        found = self._open.get(number)
        if found is None:
            found = _words.decode(self.raw[number])
            held = [*self._open.items()][1 - KEPT :]
            self._open = {**dict(held), number: found}
        return found


def plain(value: object) -> object:
    """What an encoder makes of pages: a list of words."""
    if isinstance(value, Pages):
        return list(value)
    raise NotImplementedError(f"{type(value).__name__} is nothing that is sent.")
