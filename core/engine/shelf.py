"""The models that the engine keeps ready."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core import catalogue

if TYPE_CHECKING:
    from core.models.model import Model

KEPT = 6
"""Models kept at most."""
BYTES = 4 * 2**30
"""Bytes of weights kept at most, counted as float32. One model is always kept, however large."""

Key = tuple[str, str, int]


class Shelf:
    """Keeps the models that were asked for last; loads the others anew."""

    def __init__(self, load: Callable[[catalogue.Entry], Model]) -> None:
        self._load = load
        self._models: OrderedDict[Key, Model] = OrderedDict()

    def get(self, name: str, opening: Callable[[], None] = lambda: None) -> Model:
        """The model that `name` means at this moment; `opening` is called before one has to be loaded.

        Raises UserError when there is none or it cannot be opened.
        """
        entry = catalogue.resolve(name)
        key = (entry.name, entry.folder, _changed(Path(entry.folder)))
        if key not in self._models:
            opening()
            self._models[key] = self._load(entry)
        self._models.move_to_end(key)
        while len(self._models) > 1 and self._too_much():
            self._models.popitem(last=False)
        return self._models[key]

    def clear(self) -> None:
        """Let go of every model."""
        self._models.clear()

    def _too_much(self) -> bool:
        weights = sum(4 * model.identity.parameters for model in self._models.values())
        return len(self._models) > KEPT or weights > BYTES


def _changed(folder: Path) -> int:
    """When a file of the folder last changed, so that a folder that was written anew is read anew."""
    return max((path.stat().st_mtime_ns for path in folder.iterdir()), default=0)
