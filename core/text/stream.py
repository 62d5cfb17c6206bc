"""Text as one long row of token ids, and the windows that a step reads from it.

Everything random is a function of (seed, epoch, step): a resumed run reads the same windows, and the three models
of a trio read the same text in the same order. The ids lie in a file that is mapped, so that a text of any length
takes no memory of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from core import paths, texts
from core.errors import UserError
from core.settings import Frame, TrainSettings
from core.text import encoding, sentences
from core.text.corpus import documents
from core.text.encoding import Part, Tell
from core.text.sentences import Windows

LEAST_HELD_OUT = 2048
"""Tokens that every 50th document must come to."""
FEW_HELD_OUT = 10
"""Of a shorter text the last tenth is held out."""
LEAST_SENTENCES = 14
"""Tokens in the shortest window of whole sentences, but for its special tokens."""
_BLOCK = 1 << 22


def generator(*key: int) -> np.random.Generator:
    """A source of random numbers that is a pure function of up to four integers (Philox: Salmon et al. 2011)."""
    return np.random.Generator(np.random.Philox(key=_hashed(key)))


def generators(keys: Iterable[tuple[int, ...]]) -> Iterator[np.random.Generator]:
    """`generator` of one key after another, each good until the next: a new one for each would cost four times more."""
    source = np.random.Philox(key=0)
    random, state = np.random.Generator(source), source.state
    for key in keys:
        state["state"]["key"] = _hashed(key)
        source.state = state
        yield random


def _hashed(key: tuple[int, ...]) -> np.ndarray:
    return np.frombuffer(hashlib.sha256(repr(key).encode()).digest()[:16], np.uint64)


class Stream:
    """Documents joined by [SEP], with the places where paragraphs and sentences begin.

    `widths` says how many characters each token stands for, where that was written down; `newline` is the token of a
    line end, -1 where the tokenizer has none.
    """

    def __init__(
        self, ids: np.ndarray, starts: np.ndarray, start: int, end: int, widths: np.ndarray | None = None,
        digest: str = "", sentences: np.ndarray | None = None, newline: int = -1,
    ) -> None:  # fmt: skip
        self.ids, self.starts, self.start, self.end, self.widths, self._digest = ids, starts, start, end, widths, digest
        self.sentences, self.newline = np.zeros(0, np.int64) if sentences is None else sentences, newline

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
        return next(self.lengths(settings, step))

    def lengths(self, settings: TrainSettings, first: int = 0) -> Iterator[int]:
        """`length` of step `first`, and of all steps after it."""
        if settings.frame == "sentences":
            for step in count(first):
                packed, chosen = self._sentences_of(settings, step)
                yield int(packed.lengths[chosen[0]]) + 2
        else:
            for random in generators((settings.seed, step, 1) for step in count(first)):
                full = random.random() >= settings.short
                yield settings.length if full else int(random.integers(16, settings.length + 1))

    def _begins(self, settings: TrainSettings, step: int, short: bool) -> np.ndarray:
        """Where the windows of `step` begin, (rows,)."""
        if settings.frame == "sentences":
            packed, chosen = self._sentences_of(settings, step)
            chosen_begins: np.ndarray = packed.begins[chosen]
            return chosen_begins
        full = _inside(settings)
        last = len(self.ids) - settings.length - (settings.frame == "bare")
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

    @lru_cache(maxsize=2)  # noqa: B019 - one stream lives as long as its process
    def _packed(self, seed: int, full: int, short: float) -> Windows:
        """The windows of whole sentences: of `full` tokens at most, a share `short` of them of a random length."""
        first = np.asarray(self.sentences)
        if not len(first):
            raise UserError("The text has no sentences.", why="None was found in it.", hint="Train on crops of it.")
        last = np.append(first[1:], len(self.ids))
        while (joint := np.isin(self.ids[last - 1], (self.end, self.newline)) & (last > first + 1)).any():
            last = last - joint  # neither a line end nor [SEP] is a part of the sentence before it
        least = min(LEAST_SENTENCES, full)
        random = generator(seed, 6)
        wanted = np.where(random.random(len(first)) < short, random.integers(least, full + 1, len(first)), full)
        return sentences.pack(first, last, wanted, least, full)

    @lru_cache(maxsize=2)  # noqa: B019
    def _sorted(self, seed: int, full: int, short: float, rows: int, epoch: int) -> np.ndarray:
        """The windows of whole sentences in the batches of an epoch, (batches, rows); as many in every epoch."""
        found = sentences.batches(self._packed(seed, full, short).lengths, rows, generator(seed, epoch))
        if not len(found):
            raise UserError(
                "The text is too short to train on.",
                why=f"No {rows} windows of whole sentences are equally long.",
                hint="Give more text, or fewer rows.",
            )
        return found

    def _sentences_of(self, settings: TrainSettings, step: int) -> tuple[Windows, np.ndarray]:
        """All windows of whole sentences, and the numbers of those that `step` reads, (rows,)."""
        key = (settings.seed, _inside(settings), settings.short)
        epoch, index = divmod(step, len(self._sorted(*key, settings.rows, 0)))
        return self._packed(*key), self._sorted(*key, settings.rows, epoch)[index]

    def documents(self, settings: TrainSettings, step: int) -> list[int]:
        """In which documents the windows of `step` begin, counted from 1: to say where something went wrong."""
        begins = self._begins(settings, step, self.length(settings, step) < settings.length)
        blocks = range(0, len(self.ids), _BLOCK)
        ends = np.concatenate([np.flatnonzero(self.ids[at : at + _BLOCK] == self.end) + at for at in blocks])
        return [int(number) + 1 for number in np.searchsorted(ends, begins)]

    def batch(self, settings: TrainSettings, step: int, masked: bool) -> Tensor:
        """What `step` reads: ids (rows, length) where `masked`, else with what comes next, framed as `framed` says.

        All models of a trio read the same text at the same places. A causal one reads `length` ids as well: of the
        last it only says what it is, so that every position of the window is trained. Full windows are random
        crops, so that no position is special. Short ones begin where a paragraph does, as the texts that people type
        do. Windows of whole sentences are of any length, in one step of one.
        """
        length = self.length(settings, step)
        begins = self._begins(settings, step, short=length < settings.length)
        read = {"crops": length - 2 * masked, "sentences": length - 2, "bare": length + (not masked)}
        text = self.ids[begins[:, None] + np.arange(read[settings.frame])]
        return self.framed(torch.from_numpy(text.astype(np.int64)), masked, settings.frame)

    def framed(self, text: Tensor, masked: bool, frame: Frame = "crops") -> Tensor:
        """(B, n) text -> (B, n + 2) with [CLS] and [SEP], or (B, n + 1) with [CLS] alone for a causal model.

        Sentences stand between both in either case; a bare text stays as long as it is.
        """
        if frame == "bare":
            return text.where(text != self.end, self.newline)
        start, end = (torch.full((len(text), 1), token) for token in (self.start, self.end))
        return torch.cat([start, text, end] if masked or frame == "sentences" else [start, text], dim=1)

    def looked_at(self, settings: TrainSettings, windows: int, masked: bool) -> list[Tensor]:
        """The first `windows` full windows of a held-out text, framed, in stacks (N, length) of one length each."""
        full = _inside(settings)
        if settings.frame == "sentences":
            packed = self._packed(0, full, 0.0)
            begins, lengths = packed.begins[:windows], packed.lengths[:windows]
        else:
            begins = np.arange(min(windows, len(self) // full)) * full
            lengths = np.full(len(begins), full)
        stacks = [(int(one), begins[lengths == one]) for one in np.unique(lengths)]
        read = [self.ids[places[:, None] + np.arange(one)].astype(np.int64) for one, places in stacks]
        return [self.framed(torch.from_numpy(text), masked, settings.frame) for text in read]


def _inside(settings: TrainSettings) -> int:
    """Tokens of text in a full window of a masked model."""
    return settings.length - (0 if settings.frame == "bare" else 2)


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
            ids, starts, begun = (_mapped(folder / f"{share}.{name}.npy") for name in ("ids", "starts", "sentences"))
            widths = None if share == "training" else _mapped(folder / f"{share}.widths.npy")
            return Stream(ids, starts, start, end, widths, parts[share].digest, begun, encoding.line_end(tokenizer))
    except OSError as error:
        raise UserError(
            "The text cannot be prepared.", why=f"{error}.", hint=f"See that there is room in {paths.cache()}."
        ) from error
    whole = load(files, tokenizer_folder, "all", field, tell)
    assert whole.widths is not None
    cut = len(whole) - len(whole) // FEW_HELD_OUT
    first, last = (0, cut) if share == "training" else (cut, len(whole))
    starts, begun = (places[(places >= first) & (places < last)] - first for places in (whole.starts, whole.sentences))
    return Stream(whole.ids[first:last], starts, start, end, whole.widths[first:last], "", begun, whole.newline)


def _cached(files: list[Path], tokenizer: Tokenizer, end: int, split: bool, field: str, tell: Tell) -> Path:
    """The folder with the ids of `files`, written now where it is not there yet."""
    inside = [found for path in files for found in (sorted(texts.within(path)) if path.is_dir() else [path])]
    for path in inside:
        if not path.exists():
            raise UserError(f"There is no file {path}.")
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in inside]
    key = json.dumps([5, stats, split, field, tokenizer.to_str()])
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
