"""How a vocabulary takes "[CLS] a [SEP] b": which marks are entries of it, and what becomes of typed ones."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from core import catalogue, paths
from core.text.tokens import Tokenizer

TYPED = "[CLS] a [SEP] b"
MARKS = ("[CLS]", "[SEP]")
KNOWN = ("bert-base-uncased", "gpt2")
"""The published vocabularies: BERT's (Devlin et al. 2019) and GPT-2's (Radford et al. 2019)."""
FILE = "special-tokens.json"
MADE = (
    "Made by core.experiments.vocabularies.write from vocab.txt of bert-base-uncased and from vocab.json and "
    "merges.txt of gpt2, as their authors published them."
)


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """What one vocabulary makes of the marks."""

    entries: int
    marks: dict[str, int]
    """Its own tokens for the beginning and the end of a text, with their ids."""
    pieces: list[str]
    ids: list[int]
    """TYPED as ordinary text: the pieces and their ids."""


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """The result file."""

    made: str
    typed: str
    vocabularies: dict[str, Vocabulary]


def look(tokenizer: Tokenizer) -> Vocabulary:
    """What `tokenizer` makes of the marks."""
    own = {tokenizer.show(token): token for token in (tokenizer.start, tokenizer.end) if token is not None}
    ids = tokenizer.encode(TYPED).ids
    return Vocabulary(entries=tokenizer.vocabulary, marks=own, pieces=[tokenizer.show(token) for token in ids], ids=ids)


def shipped() -> Shipped:
    """The result file that ships with the lab."""
    return msgspec.json.decode((paths.assets() / "results" / FILE).read_bytes(), type=Shipped)


def known() -> tuple[dict[str, Vocabulary], list[str]]:
    """The published vocabularies, and those of them that were read just now since the model is on this machine."""
    found = dict(shipped().vocabularies)
    here = {entry.name: Path(entry.folder) for entry in catalogue.every() if entry.source == "cache"}
    live = [name for name in here if name.rpartition("/")[2] in KNOWN]
    for name in live:
        found[name.rpartition("/")[2]] = look(Tokenizer.load(here[name]))
    return found, live


def write(folders: Path, to: Path) -> None:
    """Make the result file at `to` from the folders of the published vocabularies, which lie in `folders`."""
    found = {name: look(Tokenizer.load(folders / name)) for name in KNOWN}
    raw = msgspec.json.encode(Shipped(made=MADE, typed=TYPED, vocabularies=found))
    to.write_text(json.dumps(json.loads(raw), indent=1, ensure_ascii=False) + "\n", "utf-8")
