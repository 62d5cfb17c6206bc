"""Tokens: what a model reads of a text, and where in the text each of them lies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tokenizers

from core.text import vocabularies
from core.text.roles import Roles
from core.text.words import Span

_SURROGATE = re.compile("[\ud800-\udfff]")
_BROKEN = re.compile("[\udc80-\udcff]+")
_BYTES = re.compile(r"(?:<0x[0-9A-F]{2}>)+")


@dataclass(frozen=True)
class Tokens:
    """A text as token ids.

    `spans` are code points of the original text. Several tokens may share one span (the bytes of one emoji).
    White space at the edges of a span is left out, unless the token is white space only; a span is empty where a
    token stands for no character of the text.
    """

    ids: list[int]
    spans: list[Span]
    unknown: list[bool]
    """True where the vocabulary had no token for the characters."""


class Tokenizer:
    """A model's tokenizer, with special tokens only where the lab puts them.

    `start`, `end`, `mask`, `unknown` and `pad` are ids, None where the vocabulary has none. `mask_takes_space` says
    that the mask swallows the white space on its left.
    """

    def __init__(self, inner: tokenizers.Tokenizer, roles: Roles) -> None:
        # A post-processor adds special tokens and moves offsets, differently in each model (`trim_offsets`);
        # truncation and padding saved with a tokenizer would cut or lengthen a text without a word.
        inner.post_processor = None
        inner.no_truncation()
        inner.no_padding()
        inner.encode_special_tokens = True
        self._inner = inner
        self.vocabulary: int = inner.get_vocab_size(with_added_tokens=True)
        self.start, self.end, self.mask, self.unknown, self.pad = roles
        self._added = {number: token.content for number, token in inner.get_added_tokens_decoder().items()}
        added = inner.get_added_tokens_decoder().get(self.mask) if self.mask is not None else None
        self.mask_takes_space: bool = added is not None and added.lstrip
        decoder = json.loads(inner.decoder.__getstate__()) if inner.decoder is not None else None
        self._spelling = _spelling(json.dumps(decoder, ensure_ascii=False))

    @classmethod
    def load(cls, folder: Path) -> Tokenizer:
        """The tokenizer of a model folder.

        tokenizer.json, else vocab.txt (WordPiece, lower case unless tokenizer_config.json says otherwise), else
        vocab.json and merges.txt (byte-level BPE). Raises UserError that names the file.
        """
        inner = vocabularies.build(folder)
        return cls(inner, vocabularies.roles(folder, inner))

    def encode(self, text: str) -> Tokens:
        """`text` as tokens, and nothing but text: "[MASK]" or "<|endoftext|>" in it are ordinary characters.

        No special tokens are added. Lone surrogates, which no tokenizer takes, are read as U+FFFD.
        """
        clean = _SURROGATE.sub("\ufffd", text)
        with vocabularies.guarded("The tokenizer failed on this text."):
            encoding = self._inner.encode(clean, add_special_tokens=False)
        ids: list[int] = encoding.ids
        spans = [_trimmed(clean, start, end) for start, end in encoding.offsets]
        return Tokens(ids, spans, [token == self.unknown for token in ids])

    def show(self, token_id: int) -> str:
        """One token as a person may read it: " the", "##s", ‹F0 9F› for bytes that are no whole character."""
        if token_id in self._added:
            return str(self._added[token_id])
        token = self._inner.id_to_token(token_id)
        if token is None:
            # Some models have more outputs than their tokenizer has tokens.
            return f"‹no token {token_id}›"
        if self._spelling == "bytes":
            return _from_bytes(token)
        if self._spelling == "spaces":
            return _BYTES.sub(lambda run: _readable(bytes.fromhex(run[0][3:-1].replace("><0x", ""))), token).replace(
                "▁", " "
            )
        return str(token)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens, special tokens by their names; bytes that are no whole character as U+FFFD."""
        with vocabularies.guarded("The tokenizer failed on these tokens."):
            return str(self._inner.decode(list(ids), skip_special_tokens=False))


def _trimmed(text: str, start: int, end: int) -> Span:
    left, right = start, end
    while left < right and text[left].isspace():
        left += 1
    if left == right:
        return Span(start, end)
    while text[right - 1].isspace():
        right -= 1
    return Span(left, right)


def _spelling(decoder: str) -> str:
    """How the vocabulary writes a token, told by the tokenizer's own decoder."""
    if '"ByteLevel"' in decoder:
        return "bytes"
    return "spaces" if "▁" in decoder else "pieces"


def _alphabet() -> dict[str, int]:
    """The character that stands for each byte in a byte-level vocabulary (`bytes_to_unicode` of GPT-2's encoder.py)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(others)}


_ALPHABET = _alphabet()


def _from_bytes(token: str) -> str:
    if not all(letter in _ALPHABET for letter in token):
        return token
    return _readable(bytes(_ALPHABET[letter] for letter in token))


def _readable(data: bytes) -> str:
    """UTF-8 as text, with what is not UTF-8 in hexadecimal."""
    text = data.decode("utf-8", "surrogateescape")
    return _BROKEN.sub(lambda run: f"‹{run[0].encode('ascii', 'surrogateescape').hex(' ').upper()}›", text)
