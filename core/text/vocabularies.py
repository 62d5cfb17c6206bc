"""The files of a tokenizer: from a model folder to a `tokenizers.Tokenizer` and its special tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import tokenizers
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers

from core.errors import UserError


class Roles(NamedTuple):
    """The ids of the special tokens; None where the vocabulary has no such token."""

    start: int | None
    end: int | None
    mask: int | None
    unknown: int | None
    pad: int | None


class _Role(NamedTuple):
    keys: tuple[str, ...]
    """Names in tokenizer_config.json and special_tokens_map.json; with `_id` behind them in config.json."""
    names: tuple[str, ...]
    """Spellings that are looked up in the vocabulary where no file says anything."""


_ROLES = {
    "start": _Role(("cls_token", "bos_token"), ("[CLS]", "<s>", "<|endoftext|>")),
    "end": _Role(("sep_token", "eos_token"), ("[SEP]", "</s>", "<|endoftext|>")),
    "mask": _Role(("mask_token",), ("[MASK]", "<mask>")),
    "unknown": _Role(("unk_token",), ("[UNK]", "<unk>", "<|endoftext|>")),
    "pad": _Role(("pad_token",), ("[PAD]", "<pad>")),
}


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn whatever the tokenizers library throws into a UserError. Its panics are no `Exception`."""
    try:
        yield
    except (UserError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise UserError(what, why=f"{type(error).__name__}: {error}") from error


def build(folder: Path) -> tokenizers.Tokenizer:
    """The tokenizer of a model folder: tokenizer.json, else vocab.txt, else vocab.json with merges.txt.

    Raises UserError, naming the file, when there is none or one cannot be read.
    """
    config = _json(folder / "tokenizer_config.json")
    if (folder / "tokenizer.json").is_file():
        with guarded(f"{folder / 'tokenizer.json'} cannot be read."):
            return tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    if (folder / "vocab.txt").is_file():
        with guarded(f"{folder / 'vocab.txt'} cannot be read."):
            return _word_pieces(folder / "vocab.txt", config)
    if (folder / "vocab.json").is_file():
        if not (folder / "merges.txt").is_file():
            raise UserError(f"{folder} has no tokenizer.", why="Beside vocab.json, merges.txt is missing.")
        with guarded(f"The tokenizer in {folder} (vocab.json, merges.txt) cannot be read."):
            return _byte_pairs(folder, config)
    raise UserError(
        f"{folder} has no tokenizer.",
        why="It has no tokenizer.json, no vocab.txt and no vocab.json.",
        hint="Save the model's tokenizer beside its weights.",
    )


def roles(folder: Path, inner: tokenizers.Tokenizer) -> Roles:
    """Which token starts, ends, masks, pads, and stands for the unknown.

    A file that says there is none (null) keeps the well-known spellings from speaking; an id in config.json stands.
    """
    files = [_json(folder / name) for name in ("tokenizer_config.json", "special_tokens_map.json")]
    config = _json(folder / "config.json")
    return Roles(**{name: _find(role, files, config, inner) for name, role in _ROLES.items()})


def _find(role: _Role, files: list[dict[str, Any]], config: dict[str, Any], inner: tokenizers.Tokenizer) -> int | None:
    for file in files:
        for key in role.keys:
            name = _content(file.get(key))
            if name is not None and (found := inner.token_to_id(name)) is not None:
                return int(found)
    for key in role.keys:
        number = config.get(f"{key}_id")
        number = number[0] if isinstance(number, list) and number else number
        if isinstance(number, int) and inner.id_to_token(number) is not None:
            return number
    if any(key in file for file in files for key in role.keys):
        return None
    ids = (inner.token_to_id(name) for name in role.names)
    return next((int(found) for found in ids if found is not None), None)


def _content(entry: object) -> str | None:
    """A special token is written as its text, or as an object with a `content`."""
    if isinstance(entry, dict):
        entry = entry.get("content")
    return entry if isinstance(entry, str) else None


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read.", why=str(error)) from error
    if not isinstance(found, dict):
        raise UserError(f"{path} cannot be read.", why="It is not a JSON object.")
    return found


def _word_pieces(path: Path, config: dict[str, Any]) -> tokenizers.Tokenizer:
    """BERT's tokenizer, as `transformers` builds it from a vocabulary alone."""
    unknown = _content(config.get("unk_token")) or "[UNK]"
    inner = tokenizers.Tokenizer(models.WordPiece(models.WordPiece.read_file(str(path)), unk_token=unknown))
    inner.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=config.get("tokenize_chinese_chars", True),
        strip_accents=config.get("strip_accents"),
        lowercase=config.get("do_lower_case", True),
    )
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.decoder = decoders.WordPiece(prefix="##")
    _add_special(inner, config)
    return inner


def _byte_pairs(folder: Path, config: dict[str, Any]) -> tokenizers.Tokenizer:
    """GPT-2's tokenizer (and RoBERTa's, which has a mask)."""
    vocabulary, merges = models.BPE.read_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    if any(token.endswith("</w>") for token in vocabulary):
        raise UserError(
            f"The tokenizer in {folder} is not a byte-level BPE.",
            why="Its vocabulary marks the ends of words with </w>.",
            hint="Save it as tokenizer.json.",
        )
    inner = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=bool(config.get("add_prefix_space", False)))
    inner.decoder = decoders.ByteLevel()
    _add_special(inner, config)
    return inner


def _add_special(inner: tokenizers.Tokenizer, config: dict[str, Any]) -> None:
    """Tell the library which entries of a bare vocabulary are special, so that they are decoded as they stand."""
    entries = config.get("added_tokens_decoder")
    for number, entry in sorted(entries.items(), key=lambda item: int(item[0])) if isinstance(entries, dict) else ():
        inner.add_tokens([AddedToken(**entry)])
        if inner.token_to_id(entry["content"]) != int(number):
            raise UserError("tokenizer_config.json does not fit the vocabulary.", why=f"It numbers a token {number}.")
    known = {added.content for added in inner.get_added_tokens_decoder().values()}
    named = [_content(config.get(key)) for role in _ROLES.values() for key in role.keys]
    usual = [name for role in _ROLES.values() for name in role.names]
    for name in dict.fromkeys(name for name in (*named, *usual) if name and name not in known):
        if inner.token_to_id(name) is not None:
            # RoBERTa's mask takes the space before it; without a tokenizer.json, only its spelling tells.
            inner.add_special_tokens([AddedToken(name, lstrip=name == "<mask>", normalized=False, special=True)])
