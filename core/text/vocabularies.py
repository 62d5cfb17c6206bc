"""The files of a tokenizer: from a model folder to a `tokenizers.Tokenizer` and its special tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers

from core.errors import UserError
from core.text.roles import ROLES, Roles, content, read
from core.text.roles import roles as find


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
    config = read(folder / "tokenizer_config.json")
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
    """Which token starts, ends, masks, pads, and stands for the unknown."""
    return find(folder, inner.token_to_id, inner.id_to_token)


def _word_pieces(path: Path, config: dict[str, Any]) -> tokenizers.Tokenizer:
    """BERT's tokenizer, as `transformers` builds it from a vocabulary alone."""
    unknown = content(config.get("unk_token")) or "[UNK]"
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
    named = [content(config.get(key)) for role in ROLES.values() for key in role.keys]
    usual = [name for role in ROLES.values() for name in role.names]
    for name in dict.fromkeys(name for name in (*named, *usual) if name and name not in known):
        if inner.token_to_id(name) is not None:
            # RoBERTa's mask takes the space before it; without a tokenizer.json, only its spelling tells.
            inner.add_special_tokens([AddedToken(name, lstrip=name == "<mask>", normalized=False, special=True)])
