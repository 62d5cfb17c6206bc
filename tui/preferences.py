"""What the app remembers between two evenings: the theme, the chosen models, and texts not yet finished.

Two small JSON files: `preferences.json` in `paths.config()` and `drafts.json` in `paths.state()`. A file that
cannot be read is left as it is under another name, and said; the app starts with what it knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from core import paths, runs
from core.errors import UserError


class Preferences(msgspec.Struct, kw_only=True):
    """What a person chose."""

    theme: str = ""
    """Empty: the default."""
    models: dict[str, list[str]] = {}
    """The names of the models of a pane, by pane."""
    ranks: tuple[int, ...] = ()
    """Where the buckets of ranks end; empty: the default."""
    bookmarks: list[str] = []
    """The keys of notes, in the order in which they were marked."""


class Drafts(msgspec.Struct, kw_only=True):
    """What a person typed, by the field it was typed into."""

    texts: dict[str, str] = {}


T = TypeVar("T", Preferences, Drafts)
FILES = {Preferences: "preferences.json", Drafts: "drafts.json"}


def path_of(kind: type[Preferences] | type[Drafts]) -> Path:
    """The file that holds `kind`."""
    folder = paths.config() if kind is Preferences else paths.state()
    return folder / FILES[kind]


def load(kind: type[T]) -> tuple[T, str]:
    """What was saved, or an empty one; and a sentence for the person when the file could not be used."""
    path = path_of(kind)
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind), ""
    except FileNotFoundError:
        return kind(), ""
    except OSError as error:
        return kind(), f"{path} cannot be read ({error.strerror}); starting without it."
    except msgspec.DecodeError:
        return kind(), _set_aside(path)


def _set_aside(path: Path) -> str:
    broken = path.with_name(path.name + ".broken")
    try:
        path.replace(broken)
    except OSError as error:
        return f"{path} is damaged and cannot be moved away ({error.strerror}); starting without it."
    return f"{path} was damaged; it is kept as {broken.name}, starting without it."


def save(value: Preferences | Drafts) -> None:
    """Write `value` to its file in one step. Raises UserError when that fails."""
    path = path_of(type(value))
    try:
        paths.private(path.parent)
        runs.write_atomically(path, msgspec.json.format(msgspec.json.encode(value)))
    except OSError as error:
        raise UserError(f"{path} cannot be written.", why=error.strerror or str(error)) from error
