"""The text that the lab's own models are trained on and checked with. It does not ship."""

from __future__ import annotations

from pathlib import Path

from core import paths
from core.errors import UserError

TRAINED = ("corpus/wiki.train.txt.xz", "corpus/openstax.train.txt.xz")
HELD_OUT = ("corpus/wiki.valid.txt",)


def files(names: tuple[str, ...]) -> tuple[str, ...]:
    """Files of the corpora by their names, absolute. Raises UserError where they are not on this machine."""
    folder = paths.corpora()
    found = [folder / name for name in names] if folder else [Path(name) for name in names]
    if missing := [path for path in found if not path.is_file()]:
        raise UserError(
            f"There is no file {missing[0]}.",
            why="The lab's models are trained on corpora that do not ship with it.",
            hint="Set LOOKBOTH_DATA to the folder that holds them.",
        )
    return tuple(map(str, found))
