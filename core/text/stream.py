"""Text as one long row of token ids, and the windows that a step reads from it.

Everything random is a function of (seed, epoch, step): a resumed run reads the same windows, and the three models
of a trio read the same text in the same order. The ids lie in a file that is mapped, so that a text of any length
takes no memory of its own.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from core import paths, texts
from core.errors import UserError
from core.settings import TrainSettings
from core.text import encoding
from core.text.corpus import documents
from core.text.encoding import Part, Tell

LEAST_HELD_OUT = 2048
"""Tokens that every 50th document must come to."""
FEW_HELD_OUT = 10
"""Of a shorter text the last tenth is held out."""
_BLOCK = 1 << 22


def generator(*key: int) -> np.random.Generator:
    """A source of random numbers that is a pure function of up to four integers (Philox: Salmon et al. 2011)."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest[:16], np.uint64)))


class Stream:
    """Documents joined by [SEP], with the places where paragraphs begin.

    `widths` says how many characters each token stands for, where that was written down.
    """

    def __init__(
        self, ids: np.ndarray, starts: np.ndarray, start: int, end: int, widths: np.ndarray | None = None,
        digest: str = "",
    ) -> None:  # fmt: skip
        self.ids, self.starts, self.start, self.end, self.widths, self._digest = ids, starts, start, end, widths, digest

    def __len__(self) -> int:
        return len(self.ids)

    def digest(self) -> str:
        """First 12 hex digits of the SHA-256 of the ids, as little-endian 16-bit numbers."""
        if not self._digest:
            self._digest = hashlib.sha256(np.ascontiguousarray(self.ids, "<u2").data).hexdigest()[:12]
        return self._digest

    def characters(self, first: int, last: int) -> int | None:
        """Characters that the tokens from `first` up to `last` stand for; None where nobody wrote it down."""
        return None if self.widths is None else int(self.widths[first:last].sum(dtype=np.int64))

    def unigram(self, vocabulary: int) -> Tensor:
        """Log-probability of every token (vocabulary,) by add-one counts."""
        counts = np.ones(vocabulary)
        for first in range(0, len(self.ids), _BLOCK):
            counts += np.bincount(self.ids[first : first + _BLOCK], minlength=vocabulary)
        return torch.from_numpy(np.log(counts / counts.sum())).float()

    @lru_cache(maxsize=2)  # noqa: B019 - one stream lives as long as its process
    def _order(self, seed: int, epoch: int, length: int) -> tuple[int, np.ndarray]:
        """Where an epoch's first window begins, and the order in which its windows are read."""
        random = generator(seed, epoch)
        count = (len(self.ids) - length) // length
        if count < 1:
            raise UserError("The text is too short to train on.", why=f"It has {len(self.ids)} tokens.")
        return int(random.integers(length)), random.permutation(count)

    def length(self, settings: TrainSettings, step: int) -> int:
        """How many tokens the windows of `step` hold, special tokens counted."""
        random = generator(settings.seed, step, 1)
        if random.random() >= settings.short:
            return settings.length
        return int(random.integers(16, settings.length + 1))

    def _begins(self, settings: TrainSettings, step: int, short: bool) -> np.ndarray:
        """Where the windows of `step` begin, (rows,)."""
        full = settings.length - 2
        last = len(self.ids) - settings.length
        samples = np.arange(step * settings.rows, (step + 1) * settings.rows)
        epochs, index = np.divmod(samples, max(1, (len(self.ids) - full) // full))
        begins = np.empty(settings.rows, np.int64)
        for epoch in np.unique(epochs):
            offset, order = self._order(settings.seed, int(epoch), full)
            begins[epochs == epoch] = offset + order[index[epochs == epoch]] * full
        begins = np.minimum(begins, last)
        if short and len(self.starts):
            place = np.searchsorted(self.starts, begins)
            found = self.starts[np.minimum(place, len(self.starts) - 1)]
            begins = np.where(place < len(self.starts), np.minimum(found, last), begins)
        return begins

    def documents(self, settings: TrainSettings, step: int) -> list[int]:
        """In which documents the windows of `step` begin, counted from 1: to say where something went wrong."""
        begins = self._begins(settings, step, self.length(settings, step) < settings.length)
        blocks = range(0, len(self.ids), _BLOCK)
        ends = np.concatenate([np.flatnonzero(self.ids[at : at + _BLOCK] == self.end) + at for at in blocks])
        return [int(number) + 1 for number in np.searchsorted(ends, begins)]

    def batch(self, settings: TrainSettings, step: int, masked: bool) -> Tensor:
        """[CLS], text and [SEP] as (rows, length) ids where `masked`; else [CLS] and text, (rows, length + 1) ids.

        All models of a trio read the same text at the same places. A causal one reads `length` ids as well: of the
        last it only says what it is, so that every position of the window is trained. Full windows are random
        crops, so that no position is special. Short ones begin where a paragraph does, as the texts that people type
        do.
        """
        length = self.length(settings, step)
        begins = self._begins(settings, step, short=length < settings.length)
        text = self.ids[begins[:, None] + np.arange(length - (2 if masked else 0))]
        return self.framed(torch.from_numpy(text.astype(np.int64)), masked)

    def framed(self, text: Tensor, masked: bool) -> Tensor:
        """(B, n) text -> (B, n + 2) with [CLS] and [SEP], or (B, n + 1) with [CLS] alone for a causal model."""
        start, end = (torch.full((len(text), 1), token) for token in (self.start, self.end))
        return torch.cat([start, text, end] if masked else [start, text], dim=1)


def load(
    files: list[Path], tokenizer_folder: Path, share: str = "all", field: str = "text", tell: Tell | None = None
) -> Stream:
    """The stream of `files` (`field` of their JSON lines), cut once and kept in a cache while nothing changes.

    `share`: "all", "training" (without every 50th document) or "held out" (only those; the last tenth where they
    come to little). `tell` hears how many bytes of text were read, and may raise to end it.
    Raises UserError when there is no text, when the tokenizer does not fit, or when the cache cannot be written.
    """
    tokenizer, start, end = _tokenizer(tokenizer_folder)
    told = tell or (lambda _: None)
    try:
        folder = _cached(files, tokenizer, end, share != "all", field, told)
        parts = msgspec.json.decode((folder / "about.json").read_bytes(), type=dict[str, Part])
        if share == "all" or parts["held out"].tokens >= LEAST_HELD_OUT:
            columns = [_mapped(folder / f"{share}.{name}.npy") for name in ("ids", "starts")]
            widths = None if share == "training" else _mapped(folder / f"{share}.widths.npy")
            return Stream(columns[0], columns[1], start, end, widths, parts[share].digest)
    except OSError as error:
        raise UserError(
            "The text cannot be prepared.", why=f"{error}.", hint=f"See that there is room in {paths.cache()}."
        ) from error
    whole = load(files, tokenizer_folder, "all", field, tell)
    assert whole.widths is not None
    cut = len(whole) - len(whole) // FEW_HELD_OUT
    first, last = (0, cut) if share == "training" else (cut, len(whole))
    inside = whole.starts[(whole.starts >= first) & (whole.starts < last)] - first
    return Stream(whole.ids[first:last], inside, start, end, whole.widths[first:last])


def _cached(files: list[Path], tokenizer: Tokenizer, end: int, split: bool, field: str, tell: Tell) -> Path:
    """The folder with the ids of `files`, written now where it is not there yet."""
    inside = [found for path in files for found in (sorted(texts.within(path)) if path.is_dir() else [path])]
    for path in inside:
        if not path.exists():
            raise UserError(f"There is no file {path}.")
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in inside]
    key = json.dumps([4, stats, split, field, tokenizer.to_str()])
    folder = paths.private(paths.cache() / "streams") / hashlib.sha256(key.encode()).hexdigest()[:24]
    if not folder.is_dir():
        encoding.write(folder, documents(files, field), tokenizer, end, split, tell)
    return folder


def _mapped(path: Path) -> np.ndarray:
    return np.asarray(np.lib.format.open_memmap(path, mode="r"))  # refuses arrays of objects


def _tokenizer(folder: Path) -> tuple[Tokenizer, int, int]:
    """The tokenizer of a folder with its [CLS] and [SEP]. It reads text as the lab does everywhere: whole, unpadded,
    and "[MASK]" in it as ordinary characters."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    start, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if start is None or end is None:
        raise UserError(f"The tokenizer in {folder} cannot be trained with.", why="It needs [CLS] and [SEP].")
    if (size := tokenizer.get_vocab_size()) > 2**16:
        raise UserError(f"The tokenizer in {folder} has {size:,} entries.", why="At most 65,536 can be trained.")
    return tokenizer, start, end
