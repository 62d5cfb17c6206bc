"""Random crops of a text, the same for all models, and a second set that ends where sentences do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import UserError
from core.sweep.conditions import RIGHT
from core.sweep.slots import END
from core.sweep.units import Document
from core.text.stream import generator

KEY = 21
"""Part of the key of this file's random numbers, beside the seed."""
SPARE = 4
"""Tokens beside a window and what follows it: two special ones and two masks."""
FIT = 0.95
"""Share of crops that must fit into the shortest context. The rest, whose words have the most pieces, is left out."""


@dataclass(frozen=True)
class Window:
    """The units `first` up to `first + length` of a document, and the `RIGHT` that follow."""

    document: Document
    first: int
    length: int

    def ids(self, name: str) -> list[int]:
        """Its tokens for the model `name`."""
        return self.document.tokens(name, self.first, self.first + self.length)

    def right(self, name: str) -> list[list[int]]:
        """The tokens of each unit that follows."""
        last = self.first + self.length
        return [self.document.tokens(name, last + r, last + r + 1) for r in range(RIGHT)]

    def place(self, name: str, position: int) -> int | None:
        """Which of `ids` is the target at `position`; None where no target word stands there."""
        bounds, unit = self.document.bounds[name], self.first + position
        return bounds[unit] - bounds[self.first] if self.document.target[unit] else None


@dataclass(frozen=True)
class Drawn:
    """The windows of a sweep."""

    length: int
    crops: list[Window]
    """Random ones."""
    endings: list[Window]
    """Random ones of those whose last unit is a target word with a full stop after it."""


def draw(documents: Sequence[Document], contexts: Mapping[str, int], length: int, count: int, seed: int) -> Drawn:
    """Up to `count` windows of each sort, without replacement, as long as `length` and the `contexts` allow.

    `contexts` has the longest window of each model in tokens. Raises UserError where no window can be made.
    """
    longest = _longest(documents, contexts, length)
    random = generator(seed, KEY)

    def some(wanted: Callable[[Window], bool]) -> list[Window]:
        sizes = [max(0, len(document) - longest - RIGHT + 1) for document in documents]
        ends = np.cumsum(sizes)
        found: list[Window] = []
        for at in random.permutation(int(ends[-1])):
            number = int(np.searchsorted(ends, at, side="right"))
            window = Window(documents[number], int(at - ends[number] + sizes[number]), longest)
            if _fits(window, contexts) and wanted(window):
                found.append(window)
                if len(found) == count:
                    break
        return found

    return Drawn(longest, some(lambda _: True), some(_ends_a_sentence))


def _ends_a_sentence(window: Window) -> bool:
    after = window.first + window.length
    return window.document.stop[after] and window.document.target[after - 1]


def _fits(window: Window, contexts: Mapping[str, int]) -> bool:
    first, last = window.first, window.first + window.length + RIGHT
    return all(
        window.document.bounds[name][last] - window.document.bounds[name][first] + SPARE <= context
        for name, context in contexts.items()
    )


def _longest(documents: Sequence[Document], contexts: Mapping[str, int], length: int) -> int:
    """The most units, up to `length`, of which nearly all crops fit into every context."""
    bounds = [{name: np.asarray(document.bounds[name]) for name in contexts} for document in documents]
    for units in range(min(length, min(contexts.values()) - SPARE - RIGHT), 2 * END - 1, -1):
        span = units + RIGHT
        fitting = [
            np.all(
                [at[name][span:] - at[name][:-span] + SPARE <= context for name, context in contexts.items()], axis=0
            )
            for at, document in zip(bounds, documents, strict=True)
            if len(document) >= span
        ]
        if fitting and np.concatenate(fitting).mean() >= FIT:
            return units
    raise UserError(
        "No window can be made of this text.",
        why=f"Its longest passage has {max(map(len, documents), default=0)} units; {2 * END + RIGHT} are needed, "
        "and must fit into every model.",
        hint="Give a longer text: what stands between two blank lines is read as one passage.",
    )
