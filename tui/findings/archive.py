"""The findings of this machine, a JSON file each, and those that ship with the lab. Everything here reads files."""

from __future__ import annotations

import contextlib
import re
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

import msgspec

from core import paths, runs
from core.errors import UserError
from core.messages import FORMAT, Chart, Finding

MOST = 2**26
"""Bytes of a finding that are read: a chart has a few hundred points."""


class Kept(NamedTuple):
    """One file of the archive. `finding` is None where the file is damaged: then `trouble` says how."""

    path: Path
    made: float
    """Seconds since the epoch."""
    finding: Finding | None
    trouble: str = ""


def home() -> Path:
    """The folder of all findings."""
    return paths.data() / "findings"


def save(finding: Finding) -> Path:
    """Keep `finding` in a file of its own. Raises UserError where nothing can be written."""
    stem = f"{finding.claim}-{_form(finding.thorough)}-{time.strftime('%Y%m%d-%H%M%S')}"
    content = msgspec.json.format(msgspec.json.encode(finding))
    try:
        paths.private(home())
        for attempt in count(1):
            path = home() / (f"{stem}.json" if attempt == 1 else f"{stem}-{attempt}.json")
            with contextlib.suppress(FileExistsError):
                path.touch(exist_ok=False)  # so that two of one second never share a file
                break
        runs.write_atomically(path, content)
    except OSError as error:
        raise UserError("The finding cannot be kept.", why=error.strerror or str(error)) from error
    return path


def every() -> list[Kept]:
    """All of them, the newest first, damaged ones among them."""
    return [_kept(path, made) for path, made in _files("*.json")]


def latest(claim: str, thorough: bool | None = None) -> Kept | None:
    """The newest one of `claim` that can be read and is of no control; with `thorough` only of that form."""
    form = "*" if thorough is None else _form(thorough)
    looked = (_kept(path, made) for path, made in _files(f"{claim.upper()}-{form}-*.json"))
    return next((one for one in looked if one.finding is not None and not control(one.finding)), None)


def control(finding: Finding) -> str:
    """The control that it was measured with, or "": a control's verdict says nothing about the claim."""
    chosen = str(finding.knobs.get("control", "none"))
    return "" if chosen == "none" else chosen


def shipped(claim: str, thorough: bool) -> Finding | None:
    """What the lab itself found for `claim`; None where that does not ship."""
    try:
        return read(paths.assets() / "results" / "findings" / f"{claim.upper()}-{_form(thorough)}.json")
    except UserError:
        return None


def read(path: Path) -> Finding:
    """The finding in a file, whoever wrote it. Raises UserError where it holds none."""
    try:
        if path.stat().st_size > MOST:
            raise UserError(f"{path} is too large to be a finding.")
        found = msgspec.json.decode(path.read_bytes(), type=Finding)
    except OSError as error:
        raise UserError(f"{path} cannot be read.", why=error.strerror or str(error)) from error
    except msgspec.MsgspecError as error:
        raise UserError(f"{path} holds no finding.", why=f"{error}.") from error
    if found.version > FORMAT:
        raise UserError(f"{path} was written by a newer lab.", why=f"It is of version {found.version}, not {FORMAT}.")
    if flaw := _flaw(found):
        raise UserError(f"{path} is not whole.", why=flaw)
    return found


def _form(thorough: bool) -> str:
    return "thorough" if thorough else "quick"


def _files(pattern: str) -> list[tuple[Path, float]]:
    """With the time of each; one that is claimed but not written yet is no finding."""
    found = []
    for path in home().glob(pattern):
        with contextlib.suppress(OSError):  # somebody may delete one while we look
            status = path.stat()
            if status.st_size:
                found.append((path, status.st_mtime))
    return sorted(found, key=lambda one: (-one[1], one[0].name))


def _kept(path: Path, made: float) -> Kept:
    try:
        return Kept(path, made, read(path))
    except UserError as error:
        return Kept(path, made, None, str(error))


def _flaw(found: Finding) -> str:
    """What a finding lacks that whoever draws it relies on."""
    if not re.fullmatch(r"C([1-9]|10)", found.claim):
        return "It is of no claim."
    return "" if all(map(_drawable, found.charts)) else "A chart has lines or rows of different lengths."


def _drawable(chart: Chart) -> bool:
    lines = all(len(one.x) == len(one.y) for one in chart.lines)
    bands = all(len(band) in (0, len(one.y)) for one in chart.lines for band in (one.low, one.high))
    return lines and bands and len({len(row) for row in chart.cells}) <= 1
