"""The evaluations of this machine: a folder each, named by what was asked, so that the same question goes on in it."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core import paths, runs
from core import sets as known
from core.errors import UserError
from core.messages import Evaluation

RESULT, ASKED = "evaluation.json", "asked.json"
MOST = 2**26
"""Bytes of a result that are read: the largest sets have a few hundred groups a model."""
LONGEST = 60
"""Characters of a name before the part that makes it unique."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation is of: the same question has the same name."""

    models: list[str]
    sets: list[str]
    everything: bool = False
    seed: int = 1

    @property
    def name(self) -> str:
        """Stable, readable, and different for every other question."""
        words = [_stem(one) for one in (*self.models, *self.sets)]
        readable = "-".join([*words, *(["all"] if self.everything else []), f"seed{self.seed}"])
        mark = hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:6]
        return f"{readable[:LONGEST].rstrip('-.')}-{mark}"


def _stem(reference: str) -> str:
    """The part of a path or name that a person would call it by, in letters that any disk takes."""
    last = Path(reference).name
    for suffix in (".xz", ".txt", ".jsonl"):
        last = last.removesuffix(suffix)
    return re.sub(r"[^A-Za-z0-9._]+", "-", last).strip("-.") or "x"


@dataclass(frozen=True)
class Kept:
    """An evaluation that lies on this machine: finished, in progress, left, or damaged (`trouble`)."""

    name: str
    changed: float
    """Seconds since the epoch."""
    asked: Asked | None = None
    evaluation: Evaluation | None = None
    trouble: str = ""

    @property
    def state(self) -> str:
        """In one word: complete, unfinished or damaged."""
        if self.trouble:
            return "damaged"
        return "complete" if self.evaluation and self.evaluation.complete else "unfinished"

    @property
    def models(self) -> str:
        """Their names, with commas between."""
        return ", ".join(self.asked.models if self.asked else self.evaluation.models if self.evaluation else [])

    @property
    def sets(self) -> str:
        """Their names, with commas between."""
        if self.evaluation and self.evaluation.sets:
            return ", ".join(one.name for one in self.evaluation.sets)
        return ", ".join(_stem(one) for one in self.asked.sets) if self.asked else ""


def home() -> Path:
    """The folder of all evaluations."""
    return paths.data() / "evaluations"


def here() -> list[str]:
    """The names of the known sets that are on this machine."""
    found = []
    for name in known.KNOWN:
        with contextlib.suppress(UserError):
            known.locate(name)
            found.append(name)
    return found


def begin(asked: Asked, name: str = "") -> Path:
    """The folder in which `asked` is worked on, made if need be.

    Raises UserError for a name that is no plain one, or that another question has, or where nothing can be written.
    """
    name = name or asked.name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}", name):
        raise UserError(f"{name!r} cannot name an evaluation.", hint="Use letters, digits, dots, dashes, underscores.")
    folder = home() / name
    earlier = _asked(folder)
    if earlier not in (None, asked):
        raise UserError(f"{name} is another evaluation.", why="It has other models, sets or seed.", hint="Rename it.")
    try:
        paths.private(folder)
        if earlier is None:
            runs.write_atomically(folder / ASKED, msgspec.json.encode(asked))
    except OSError as error:
        raise UserError("The evaluation has no place to be kept.", why=str(error)) from error
    return folder


def save(folder: Path, evaluation: Evaluation) -> None:
    """Write a result that came from an engine on another machine. Raises UserError."""
    try:
        runs.write_atomically(folder / RESULT, msgspec.json.format(msgspec.json.encode(evaluation)))
    except OSError as error:
        raise UserError("The evaluation cannot be written.", why=str(error)) from error


def read(reference: str) -> tuple[str, Evaluation]:
    """The evaluation in a file, in a folder, or of a name, and what it is called. Raises UserError."""
    named, given = home() / reference / RESULT, Path(reference).expanduser()
    path = next((one for one in (named, given / RESULT, given) if one.is_file()), None)
    if path is None:
        raise UserError(f"There is no evaluation {reference}.", hint="See `lookboth eval --list`, or name a file.")
    return (path.parent.name if path.name == RESULT else path.stem), _result(path)


def _result(path: Path) -> Evaluation:
    try:
        if path.stat().st_size > MOST:
            raise UserError(f"{path} is too large to be an evaluation.")
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except OSError as error:
        raise UserError(f"{path} cannot be read.", why=error.strerror or str(error)) from error
    except msgspec.MsgspecError as error:
        raise UserError(f"{path} is no evaluation.", why=str(error)) from error


def _asked(folder: Path) -> Asked | None:
    try:
        return msgspec.json.decode((folder / ASKED).read_bytes(), type=Asked)
    except (OSError, msgspec.MsgspecError):
        return None


class Archive:
    """All evaluations of this machine; what did not change is read once."""

    def __init__(self) -> None:
        self._known: dict[Path, Kept] = {}

    def look(self) -> list[Kept]:
        """Those that are there now, the one that changed last first. For a thread: it reads files."""
        found = {}
        for folder in home().glob("*/"):
            with contextlib.suppress(OSError):  # somebody may delete one while we look
                changed = max(path.stat().st_mtime for path in _files(folder))
                known = self._known.get(folder)
                found[folder] = known if known and known.changed == changed else _kept(folder, changed)
        self._known = found
        return sorted(found.values(), key=lambda kept: (-kept.changed, kept.name))


def _files(folder: Path) -> Sequence[Path]:
    return [path for path in (folder / RESULT, folder / ASKED) if path.exists()] or [folder]


def _kept(folder: Path, changed: float) -> Kept:
    asked, result = _asked(folder), folder / RESULT
    if not result.exists():
        trouble = "" if asked else "Nothing is in it."
        return Kept(folder.name, changed, asked, trouble=trouble)
    try:
        return Kept(folder.name, changed, asked, _result(result))
    except UserError as error:
        return Kept(folder.name, changed, asked, trouble=str(error))
