"""The models on this machine: what ships, checkpoints of own runs, local folders, the hub cache.

Reads file names and small JSON files only; it opens no weights and imports no torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from core import paths, runs
from core.errors import UserError

Source = Literal["bundled", "run", "folder", "cache"]
BUNDLED = ("bert", "gpt2", "lstm")
STUDIED = ("bert-crops", "bert-sentences", "bert-bare")
"""Three tiny masked models that differ in their training windows (see `core.studies.positions`)."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A model that can be asked for by `name`."""

    name: str
    source: Source
    folder: str
    architecture: str
    kind: Literal["masked", "causal", ""]
    """Empty where the configuration does not say."""


LARGEST_CONFIG = 2**20


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_CONFIG:
            return {}  # a pipe would hang whoever reads it
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}


def _entry(name: str, source: Source, folder: Path) -> Entry:
    names = _config(folder).get("architectures")
    architecture = str(names[0]) if isinstance(names, list) and names else ""
    kind: Literal["masked", "causal", ""] = ""
    if architecture.endswith("ForMaskedLM"):
        kind = "masked"
    elif architecture.endswith(("ForCausalLM", "LMHeadModel")):
        kind = "causal"
    return Entry(name=name, source=source, folder=str(folder), architecture=architecture, kind=kind)


def bundled() -> Iterator[Entry]:
    """The trio that ships with the lab."""
    return _shipped(BUNDLED)


def studied() -> Iterator[Entry]:
    """The models for the position claim, which ship as well."""
    return _shipped(STUDIED)


def _shipped(names: Sequence[str]) -> Iterator[Entry]:
    for name in names:
        folder = paths.assets() / "models" / name
        if (folder / "config.json").is_file():
            yield _entry(name, "bundled", folder)


def of_runs() -> Iterator[Entry]:
    """The newest checkpoint of each run, newest run first."""
    for run in runs.every():
        if steps := run.checkpoints:
            yield _entry(run.id, "run", steps[-1])


def cached() -> Iterator[Entry]:
    """Models that other programs left in the Hugging Face hub cache."""
    for repository in sorted(paths.hub_cache().glob("models--*")):
        snapshots = [path for path in repository.glob("snapshots/*") if (path / "config.json").is_file()]
        if snapshots:
            name = repository.name.removeprefix("models--").replace("--", "/")
            yield _entry(name, "cache", _current(repository, snapshots))


def _current(repository: Path, snapshots: list[Path]) -> Path:
    """The snapshot that refs/main names; without one that is here, the newest."""
    try:
        wanted = (repository / "refs" / "main").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        wanted = ""
    return next((path for path in snapshots if path.name == wanted), max(snapshots, key=lambda p: p.stat().st_mtime))


def every() -> list[Entry]:
    """All models of this machine, except local folders, which are opened by their path."""
    return [*bundled(), *studied(), *of_runs(), *cached()]


def resolve(reference: str) -> Entry:
    """The model that `reference` names: `bert`, a run's id (`ID` or `ID@STEP`), a path, or a cached hub name.

    A bundled name wins over a folder of that name; write `./bert` for the folder.
    Raises UserError when nothing fits.
    """
    for entry in (*bundled(), *studied()):
        if entry.name == reference:
            return entry
    run_id, _, step = reference.partition("@")
    if "/" not in run_id and (paths.runs() / run_id / "run.json").is_file():
        return _checkpoint(reference, runs.Run(paths.runs() / run_id), step)
    folder = Path(reference).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise UserError(f"{folder} is not a model folder.", why="It has no config.json.")
        return _entry(reference, "folder", folder.resolve())
    for entry in cached():
        if entry.name == reference:
            return entry
    raise UserError(
        f"There is no model called {reference}.",
        hint="See `lookboth models`, or give the path of a Hugging Face folder.",
    )


def _checkpoint(reference: str, run: runs.Run, step: str) -> Entry:
    steps = {str(int(path.name.removeprefix("step-"))): path for path in run.checkpoints}
    if not steps:
        raise UserError(f"The run {run.id} has no checkpoint yet.", hint="Wait for its first one.")
    if step and step not in steps:
        raise UserError(f"The run {run.id} has no checkpoint at step {step}.", hint=f"It has {', '.join(steps)}.")
    return _entry(reference, "run", steps[step] if step else list(steps.values())[-1])
