"""The door for model folders: what may be opened, decided before any library sees the folder.

Only names on a list are opened, none of them a pickle and none of them code; links may not lead out of the folder;
sizes are checked before anything is allocated. Every refusal is a UserError that names the file and the way out.
Imports no torch, and reads the small files and the headers of the weights only.
"""

from __future__ import annotations

import fnmatch
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.messages import Kind
from core.models import config as configs
from core.models import header

MIB = 2**20
LIMITS = {
    "config.json": MIB, "generation_config.json": MIB, "special_tokens_map.json": MIB, "preprocessor_config.json": MIB,
    "chat_template.jinja": MIB, "added_tokens.json": 16 * MIB, "tokenizer_config.json": 16 * MIB,
    "*.safetensors.index.json": 16 * MIB, "tokenizer.json": 64 * MIB, "vocab.json": 64 * MIB, "vocab.txt": 64 * MIB,
    "merges.txt": 64 * MIB,
    "*.model": 64 * MIB, "*.safetensors": None,
}  # fmt: skip
"""The names that may be opened, and how large each may be in bytes. Weights are measured by their own header."""

CODE = (".py", ".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".h5", ".msgpack", ".npz", ".npy", ".joblib")
"""Endings of files that can run code when they are opened, or that often do."""


@dataclass(frozen=True)
class Intake:
    """What was let in. `weights` are paths as they stand in the folder, in the order of their names."""

    folder: Path
    kind: Kind
    config: dict[str, Any]
    weights: tuple[Path, ...]
    pieces: dict[str, header.Piece]
    unopened: tuple[str, ...]
    """Names of files in the folder that could hold code and were left alone."""


def take(folder: Path) -> Intake:
    """Check the model folder `folder`. Raises UserError for everything that the lab will not open."""
    names = _names(folder)
    for name in names:
        _allowed(folder, name)
    if "config.json" not in names:
        raise UserError(f"{folder} is not a model folder.", why="It has no config.json.", hint=again(folder))
    path = folder / "config.json"
    config = configs.clean(_table(path), path)
    kind = configs.kind(config, path)
    weights = _weights(folder, names)
    pieces: dict[str, header.Piece] = {}
    for file in weights:
        pieces |= header.read(file, again(folder))
    configs.fits(config, pieces, path)
    configs.has_head(config, pieces, folder)
    unopened = tuple(name for name in names if name.endswith(CODE))
    return Intake(folder, kind, config, weights, pieces, unopened)


def _names(folder: Path) -> list[str]:
    """The names of everything in the folder that is not a folder itself, in order."""
    try:
        return sorted(entry.name for entry in os.scandir(folder) if not entry.is_dir())
    except OSError as error:
        raise UserError(f"{folder} cannot be read.", why=error.strerror or str(error)) from error


def _allowed(folder: Path, name: str) -> None:
    """Check one file of a name on the list: a plain file, inside the folder, not too large."""
    pattern = next((pattern for pattern in LIMITS if fnmatch.fnmatchcase(name, pattern)), None)
    if pattern is None:
        return
    path = folder / name
    try:
        real = path.resolve(strict=True)
        status = real.stat()
    except (OSError, RuntimeError) as error:
        raise UserError(f"{path} leads to nothing.", why="The link's target is missing.", hint=again(folder)) from error
    if not _inside(real, folder.resolve()):
        raise UserError(
            f"{path} leads out of its folder.",
            why=f"It is a link to {real}; only links within a folder, or within the hub cache, are followed.",
            hint="Put the file itself in its place.",
        )
    if not stat.S_ISREG(status.st_mode):
        raise UserError(f"{path} is not a plain file.", hint="Put the file itself in its place.")
    limit = LIMITS[pattern]
    if limit is not None and status.st_size > limit:
        raise UserError(
            f"{path} is too large.",
            why=f"It has {status.st_size / MIB:.1f} MiB; at most {limit // MIB} MiB are read of such a file.",
            hint="No model needs that much; get the file again from where it was published.",
        )


def _inside(real: Path, folder: Path) -> bool:
    """Whether `real` is in `folder`, or among the blobs of the hub-cache model whose snapshot `folder` is."""
    return real.parent == folder or (_hub(folder) is not None and real.parent == folder.parents[1] / "blobs")


def _hub(folder: Path) -> str | None:
    """The hub name of the model whose snapshot `folder` is, or None outside the hub cache."""
    snapshot = folder.resolve()
    if len(snapshot.parents) < 2 or snapshot.parent.name != "snapshots":
        return None
    owner = snapshot.parents[1].name
    return owner.removeprefix("models--").replace("--", "/") if owner.startswith("models--") else None


def again(folder: Path) -> str:
    """How to get a whole copy of what is in `folder`."""
    hub = _hub(folder)
    return f"Get it again: hf download {hub} --force-download" if hub else "Download or copy it again."


def _table(path: Path) -> dict[str, Any]:
    """A JSON file that holds an object. Its size was checked before."""
    try:
        table = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read.", why=str(error), hint=again(path.parent)) from error
    if not isinstance(table, dict):
        raise UserError(f"{path} is not a JSON object.", hint=again(path.parent))
    return table


def _weights(folder: Path, names: list[str]) -> tuple[Path, ...]:
    """The files that hold the weights: `model.safetensors`, or the parts that its index names."""
    if "model.safetensors" in names:
        return (folder / "model.safetensors",)
    if "model.safetensors.index.json" not in names:
        raise _no_weights(folder, names)
    index = folder / "model.safetensors.index.json"
    places = _table(index).get("weight_map")
    if not isinstance(places, dict) or not places:
        raise UserError(f"{index} names no files.", hint=again(folder))
    parts = set()
    for part in places.values():
        if not isinstance(part, str) or Path(part).name != part or not part.endswith(".safetensors"):
            raise UserError(
                f"{index} names {str(part)[:80]!r}.",
                why="It may name only safetensors files in its own folder.",
                hint="Do not use a model whose index points elsewhere.",
            )
        parts.add(part)
    if missing := sorted(parts - set(names)):
        what = f"{folder} is not complete: {missing[0]} is missing."
        raise UserError(what, why=_unfinished(folder) or f"{index.name} names {len(parts)} parts.", hint=again(folder))
    return tuple(folder / part for part in sorted(parts))


def _no_weights(folder: Path, names: list[str]) -> UserError:
    """The refusal of a folder without safetensors weights: why, and what can be done about it."""
    if unfinished := _unfinished(folder):
        return UserError(f"{folder} is not complete.", why=unfinished, hint=again(folder))
    unsafe = [name for name in names if name.endswith(CODE) and not name.endswith(".py")]
    if unsafe:
        return UserError(
            f"{folder} holds its weights only as {unsafe[0]}, which is not opened.",
            why="Such a file can run code when it is opened.",
            hint="If you trust where it came from, convert it: open it with transformers and write it with "
            "model.save_pretrained(FOLDER, safe_serialization=True).",
        )
    found = [name for name in names if name.endswith((".safetensors", ".gguf"))]
    why = f"It has {', '.join(found[:3])}, but no model.safetensors and no index." if found else ""
    return UserError(f"{folder} has no weights: model.safetensors is missing.", why=why, hint=again(folder))


def _unfinished(folder: Path) -> str:
    """A sentence about the remains of a download that never ended, or nothing."""
    places = [folder, folder / ".cache" / "huggingface" / "download"]
    if _hub(folder):
        places.append(folder.resolve().parents[1] / "blobs")
    for place in places:
        for rest in sorted(place.glob("*.incomplete")):
            return f"A download did not finish: {rest} is left of it."
    return ""
