"""Which token starts, ends, masks, pads, and stands for the unknown: told by the JSON files of a model folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import UserError


class Roles(NamedTuple):
    """The ids of the special tokens; None where the vocabulary has no such token."""

    start: int | None
    end: int | None
    mask: int | None
    unknown: int | None
    pad: int | None


class Role(NamedTuple):
    """Where a special token is named."""

    keys: tuple[str, ...]
    """Names in tokenizer_config.json and special_tokens_map.json; with `_id` behind them in config.json."""
    names: tuple[str, ...]
    """Spellings that are looked up in the vocabulary where no file says anything."""


ROLES = {
    "start": Role(("cls_token", "bos_token"), ("[CLS]", "<s>", "<|endoftext|>")),
    "end": Role(("sep_token", "eos_token"), ("[SEP]", "</s>", "<|endoftext|>")),
    "mask": Role(("mask_token",), ("[MASK]", "<mask>")),
    "unknown": Role(("unk_token",), ("[UNK]", "<unk>", "<|endoftext|>")),
    "pad": Role(("pad_token",), ("[PAD]", "<pad>")),
}


def roles(folder: Path, number: Callable[[str], int | None], token: Callable[[int], str | None]) -> Roles:
    """The special tokens of the vocabulary in `folder`, which `number` and `token` look up.

    A file that says there is none (null) keeps the well-known spellings from speaking; an id in config.json stands.
    Raises UserError for a file that is not a JSON object.
    """
    files = [read(folder / name) for name in ("tokenizer_config.json", "special_tokens_map.json")]
    config = read(folder / "config.json")
    return Roles(**{name: _find(role, files, config, number, token) for name, role in ROLES.items()})


def _find(
    role: Role,
    files: list[dict[str, Any]],
    config: dict[str, Any],
    number: Callable[[str], int | None],
    token: Callable[[int], str | None],
) -> int | None:
    for file in files:
        for key in role.keys:
            name = content(file.get(key))
            if name is not None and (found := number(name)) is not None:
                return int(found)
    for key in role.keys:
        said = config.get(f"{key}_id")
        said = said[0] if isinstance(said, list) and said else said
        if isinstance(said, int) and token(said) is not None:
            return said
    if any(key in file for file in files for key in role.keys):
        return None
    ids = (number(name) for name in role.names)
    return next((int(found) for found in ids if found is not None), None)


def content(entry: object) -> str | None:
    """A special token is written as its text, or as an object with a `content`."""
    if isinstance(entry, dict):
        entry = entry.get("content")
    return entry if isinstance(entry, str) else None


def read(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty without the file. Raises UserError for anything else."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read.", why=str(error)) from error
    if not isinstance(found, dict):
        raise UserError(f"{path} cannot be read.", why="It is not a JSON object.")
    return found
