"""What a person saved under a name, and opens again: one JSON file each, as the verb of the same kind prints it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from core import paths, runs
from core.errors import UserError
from core.messages import FORMAT, Comparison, Curves
from tui.results.files import as_json
from tui.text import one_line

LONGEST = 80
"""Characters of a name."""
MOST = 2**28
"""Bytes of a file that is opened at once."""
T = TypeVar("T", bound=Comparison | Curves)


class Saved(NamedTuple):
    """One saved result, as a list shows it."""

    name: str
    time: float
    """Seconds since the epoch."""
    path: Path
    ships: bool = False
    """It came with the lab."""


class Store(Generic[T]):
    """All saved results of one kind."""

    def __init__(self, noun: str, decode: Callable[[bytes], T], flaw: Callable[[T], str]) -> None:
        """`noun`: one of them in a word, and the name of the folder with an s. `flaw`: what one lacks, or ""

        Both `decode` and `flaw` raise `msgspec.MsgspecError` for what is no such JSON.
        """
        self.noun, self._decode, self._flaw = noun, decode, flaw

    def folder(self) -> Path:
        """Where they are kept."""
        return paths.data() / f"{self.noun}s"

    def shipped(self) -> Path:
        """Where those stand that ship with the lab."""
        return paths.assets() / "results" / f"{self.noun}s"

    def every(self) -> list[Saved]:
        """What was saved, the newest first, and then what ships."""
        found = []
        for ships, folder in enumerate((self.folder(), self.shipped())):
            for path in folder.glob("*.json"):
                try:
                    found.append(Saved(path.stem, path.stat().st_mtime, path, bool(ships)))
                except OSError:  # removed in this moment
                    continue
        return sorted(found, key=lambda one: (one.ships, 0 if one.ships else -one.time, one.name))

    def check(self, name: str) -> Path:
        """The file that `name` would be saved as. Raises UserError for what is no name, or is taken."""
        name = name.strip()
        if not name or len(name) > LONGEST or name.startswith(".") or not re.fullmatch(r"[\w .,+@()-]+", name):
            why = f"Letters, digits, spaces and . , + @ ( ) - _, up to {LONGEST}."
            raise UserError("That cannot be a name.", why=why)
        path = self.folder() / f"{name}.json"
        if path.exists():
            raise UserError(f"There is a {self.noun} {name} already.", hint="Choose another name.")
        return path

    def save(self, value: T, name: str) -> Path:
        """Keep `value` under `name`; the file. Raises UserError where that cannot be."""
        path = self.check(name)
        try:
            paths.private(path.parent)
            runs.write_atomically(path, as_json(value).encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise UserError(f"{path} cannot be written.", why=error.strerror or str(error)) from error
        return path

    def find(self, reference: str) -> Path:
        """The file that a name or a path means. Raises UserError where there is none."""
        name = f"{reference}.json"
        for one in (Path(reference).expanduser(), self.folder() / name, self.shipped() / name):
            if one.is_file():
                return one
        hint = f"Give a file, or a name of those in {self.folder()}."
        raise UserError(f"There is no {self.noun} {reference}.", hint=hint)

    def origin(self, path: Path) -> str:
        """Where the result in this file comes from, as a caption says it."""
        return f"{'shipped' if path.parent == self.shipped() else 'saved'} as {one_line(path.stem)}"

    def read(self, path: Path) -> T:
        """What is in a file, whoever wrote it. Raises UserError where it is none."""
        try:
            if path.stat().st_size > MOST:
                raise UserError(f"{path} is too large.", why=f"At most {MOST // 2**20} MiB are opened.")
            found = self._decode(path.read_bytes())
            flaw = self._flaw(found)
        except OSError as error:
            raise UserError(f"{path} cannot be read.", why=error.strerror or str(error)) from error
        except msgspec.MsgspecError as error:
            raise UserError(f"{path} holds no {self.noun}.", why=f"{error}.") from error
        if found.version > FORMAT:
            why = f"It is of version {found.version}, not {FORMAT}."
            raise UserError(f"{path} was written by a newer lab.", why=why)
        if flaw:
            raise UserError(f"{path} is not whole.", why=flaw)
        return found


def name_of(words: str) -> str:
    """A name for what nobody named: its first words and the day."""
    first = "-".join(re.findall(r"\w+", words)[:4]).lower()[: LONGEST // 2]
    return f"{first or 'text'}-{time.strftime('%Y-%m-%d')}"
