"""The study passages that ship with the lab: short texts to compare models on."""

from __future__ import annotations

from functools import cache

import msgspec

from core import paths
from core.errors import UserError

KINDS = ("encyclopaedic", "everyday", "dialogue", "ambiguous", "agreement")


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One text with its title and its kind."""

    title: str
    kind: str
    text: str


@cache
def every() -> tuple[Passage, ...]:
    """All passages, kind by kind, in the order of their files. Raises UserError when the assets are missing."""
    found = []
    for kind in KINDS:
        path = paths.assets() / "passages" / f"{kind}.txt"
        try:
            content = path.read_text("utf-8")
        except OSError as error:
            raise UserError(f"The passages called {kind} are missing.", why=str(error), hint="Reinstall.") from error
        for block in content.split("# ")[1:]:
            title, _, text = block.partition("\n")
            found.append(Passage(title=title.strip(), kind=kind, text=text.strip()))
    return tuple(found)
