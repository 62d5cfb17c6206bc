"""Text as one long row of token ids, and the windows that a step reads from it.

Everything random is a function of (seed, epoch, step): a resumed run reads the same windows, and the three models
of a trio read the same text in the same order.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from core import paths
from core.errors import UserError
from core.settings import TrainSettings
from core.text.corpus import documents

HELD_OUT_EVERY = 50
LEAST_HELD_OUT = 2048
"""Tokens that every 50th document must come to."""
FEW_HELD_OUT = 10
"""Of a shorter text the last tenth is held out."""


def generator(*key: int) -> np.random.Generator:
    """A source of random numbers that is a pure function of up to four integers (Philox: Salmon et al. 2011)."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest[:16], np.uint64)))


class Stream:
    """Documents joined by [SEP], with the places where paragraphs begin."""

    def __init__(self, ids: np.ndarray, starts: np.ndarray, start: int, end: int) -> None:
        self.ids, self.starts, self.start, self.end = ids, starts, start, end

    def __len__(self) -> int:
        return len(self.ids)

    @lru_cache(maxsize=2)  # noqa: B019 - one stream lives as long as its process
    def _order(self, seed: int, epoch: int, length: int) -> tuple[int, np.ndarray]:
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

    def batch(self, settings: TrainSettings, step: int, masked: bool) -> Tensor:
        """[CLS], text and [SEP] as (rows, length) ids where `masked`; else [CLS] and text, (rows, length + 1) ids.

        All models of a trio read the same text at the same places. A causal one reads `length` ids as well: of the
        last it only says what it is, so that every position of the window is trained. Full windows are random
        crops, so that no position is special. Short ones begin where a paragraph does, as the texts that people type
        do.
        """
        full = settings.length - 2
        short = self.length(settings, step) < settings.length
        length = self.length(settings, step) - (2 if masked else 0)
        last = len(self.ids) - settings.length
        first = step * settings.rows
        rows = []
        for sample in range(first, first + settings.rows):
            epoch, index = divmod(sample, max(1, (len(self.ids) - full) // full))
            offset, order = self._order(settings.seed, epoch, full)
            begin = min(offset + int(order[index]) * full, last)
            if short:
                place = int(np.searchsorted(self.starts, begin))
                begin = min(int(self.starts[place]), last) if place < len(self.starts) else begin
            rows.append(self.ids[begin : begin + length])
        text = torch.from_numpy(np.stack(rows).astype(np.int64))
        return self.framed(text, masked)

    def framed(self, text: Tensor, masked: bool) -> Tensor:
        """(B, n) text -> (B, n + 2) with [CLS] and [SEP], or (B, n + 1) with [CLS] alone for a causal model."""
        start, end = (torch.full((len(text), 1), token) for token in (self.start, self.end))
        return torch.cat([start, text, end] if masked else [start, text], dim=1)

    def unigram(self, vocabulary: int) -> Tensor:
        """Log-probability of every token (vocabulary,) by add-one counts."""
        counts = np.bincount(self.ids, minlength=vocabulary).astype(np.float64) + 1.0
        return torch.from_numpy(np.log(counts / counts.sum())).float()


def _encode(files: list[Path], tokenizer: Tokenizer, start: int, end: int, share: str) -> Stream:
    """All documents of one share. Where every 50th document is too little text, the last tenth is held out instead."""
    newline = (tokenizer.encode("\n", add_special_tokens=False).ids or [-1])[-1]  # WordPiece has no token for it
    rows: list[np.ndarray] = []
    for batch in batched(documents(files), 512):
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            rows.append(np.array([*encoding.ids, end], np.uint16))
    held = [number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 for number in range(len(rows))]
    if share == "all" or sum(len(row) for row, out in zip(rows, held, strict=True) if out) >= LEAST_HELD_OUT:
        wanted = share == "held out"
        return _joined(
            [r for r, out in zip(rows, held, strict=True) if share == "all" or out == wanted], newline, start, end
        )
    whole = _joined(rows, newline, start, end)
    cut = len(whole) - len(whole) // FEW_HELD_OUT
    first, last = (0, cut) if share == "training" else (cut, len(whole))
    inside = whole.starts[(whole.starts >= first) & (whole.starts < last)] - first
    return Stream(whole.ids[first:last], inside, start, end)


def _joined(rows: list[np.ndarray], newline: int, start: int, end: int) -> Stream:
    starts, total = [], 0
    for row in rows:
        starts.append(total + np.flatnonzero(np.concatenate([[newline], row[:-1]]) == newline))
        total += len(row)
    return Stream(np.concatenate(rows), np.concatenate(starts).astype(np.int64), start, end)


def batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Lists of up to `size` items (itertools.batched comes with Python 3.12)."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def load(files: list[Path], tokenizer_folder: Path, share: str = "all") -> Stream:
    """The stream of `files`, from a cache when the files and the tokenizer have not changed.

    `share`: "all", "training" (without every 50th document) or "held out" (only those). Raises UserError when
    there is no text.
    """
    tokenizer = Tokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
    # As the lab reads text everywhere: whole, unpadded, and "[MASK]" in it as ordinary characters.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    start, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if start is None or end is None:
        raise UserError(f"The tokenizer in {tokenizer_folder} cannot be trained with.", why="It needs [CLS] and [SEP].")
    if (size := tokenizer.get_vocab_size()) > 2**16:
        raise UserError(
            f"The tokenizer in {tokenizer_folder} has {size:,} entries.", why="At most 65,536 can be trained."
        )
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    key = json.dumps([3, stats, share, (tokenizer_folder / "tokenizer.json").read_text("utf-8")])
    cached = paths.private(paths.cache() / "streams") / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.safetensors"
    if cached.is_file():
        saved = load_file(cached)
        return Stream(saved["ids"], saved["starts"], start, end)
    stream = _encode(files, tokenizer, start, end, share)
    temporary = cached.with_suffix(f".partial-{os.getpid()}")
    save_file({"ids": stream.ids, "starts": stream.starts}, temporary)
    temporary.replace(cached)
    return stream
