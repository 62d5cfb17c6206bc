"""Which of ten words stood here? One question that a masked and a causal model can both answer, both sides known.

A masked model ranks the candidates at the mask. A causal one ranks them by the log-likelihood of the whole window
with each of them put in; what stands left of the place is the same for all, so only the rest is summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.errors import UserError
from core.text.stream import Stream, generator
from core.text.tokens import Tokenizer

PLACES, CANDIDATES = 200, 10
BATCH = 32
"""Windows that a masked model reads at once."""
KEY = 11
"""Part of the key of this file's random numbers, beside the seed."""


@dataclass(frozen=True)
class Places:
    """The questions, the same for every model that is asked."""

    text: Tensor
    """(P, n) ids of full windows of held-out text, without special tokens."""
    columns: Tensor
    """(P,) the asked place in each window."""
    candidates: Tensor
    """(P, K) ids of whole words, all different, the one that stood there first."""

    def __len__(self) -> int:
        return len(self.columns)


def whole_words(tokenizer: Tokenizer) -> tuple[Tensor, Tensor]:
    """Of every entry of a vocabulary (V,), whether it is a word with its left edge, and whether it goes on a word.

    Byte-level and SentencePiece vocabularies mark the left edge by a space, WordPiece all other pieces by "##".
    """
    shown = [tokenizer.show(token) for token in range(tokenizer.vocabulary)]
    spaced = any(text.startswith(" ") for text in shown)
    if spaced:
        begins = [text.startswith(" ") and text[1:].isalpha() for text in shown]
        goes_on = [text[:1].isalnum() or text.startswith("‹") for text in shown]  # ‹: a part of a letter
    else:
        begins = [text.isalpha() for text in shown]
        goes_on = [text.startswith("##") for text in shown]
    return torch.tensor(begins), torch.tensor(goes_on)


def places(
    held_out: Stream, unigram: Tensor, tokenizer: Tokenizer, length: int, seed: int, count: int = PLACES
) -> Places:
    """Up to `count` places in full windows of `length` tokens where a word of one token stands.

    Each has nine other words beside it, drawn without replacement from the training unigram (V,) of log-probabilities
    over words of one token (Gumbel-top-k: Kool et al. 2019, arXiv 1903.06059). Everything is a function of `seed`.
    Raises UserError where the held-out text has no such place, or the vocabulary too few words.
    """
    full = length - 2
    windows = len(held_out) // full
    text = torch.from_numpy(np.asarray(held_out.ids[: windows * full]).astype(np.int64)).view(windows, full)
    begins, goes_on = whole_words(tokenizer)
    words = begins.nonzero().flatten()
    found = (begins[text[:, :-1]] & ~goes_on[text[:, 1:]]).nonzero()
    if not len(found) or len(words) < CANDIDATES:
        raise UserError(
            "No cloze can be made of the held-out text.",
            why=f"It has {len(found)} words of one token, and the tokenizer knows {len(words)}.",
        )
    random = generator(seed, KEY)
    chosen = found[np.sort(random.permutation(len(found))[:count])]
    rows, columns = chosen.unbind(1)
    truth = text[rows, columns]
    noise = torch.from_numpy(random.gumbel(size=(len(truth), len(words)))) + unigram[words].double()
    noise[words[None, :] == truth[:, None]] = -torch.inf
    others = words[noise.topk(CANDIDATES - 1, dim=1).indices]
    return Places(text[rows], columns, torch.cat([truth[:, None], others], dim=1))


@torch.inference_mode()
def scores(net: Any, asked: Places, start: int, end: int, mask: int) -> Tensor:
    """Log-probabilities (P, K) of the candidates, each but for a constant of its place. Dropout must be off."""
    device = next(net.parameters()).device
    return _masked(net, asked, start, end, mask, device) if net.kind == "masked" else _causal(net, asked, start, device)


def _masked(net: Any, asked: Places, start: int, end: int, mask: int, device: torch.device) -> Tensor:
    found = []
    for first in range(0, len(asked), BATCH):
        text, columns, candidates = (
            part[first : first + BATCH] for part in (asked.text, asked.columns, asked.candidates)
        )
        hidden = torch.nn.functional.pad(text, (1, 0), value=start)
        hidden = torch.nn.functional.pad(hidden, (0, 1), value=end)
        rows = torch.arange(len(text))
        hidden[rows, columns + 1] = mask
        logits = net.read(hidden.to(device), None, rows.to(device), (columns + 1).to(device))
        found.append(logits.float().cpu().gather(1, candidates))
    return torch.cat(found)


def _causal(net: Any, asked: Places, start: int, device: torch.device) -> Tensor:
    found = []
    for text, column, candidates in zip(asked.text, asked.columns.tolist(), asked.candidates, strict=True):
        ids = torch.nn.functional.pad(text, (1, 0), value=start).repeat(len(candidates), 1)
        ids[:, column + 1] = candidates
        wanted = ids[:, column + 1 :].to(device)  # place i of a causal model says what stands at i + 1
        rows = torch.arange(len(ids)).repeat_interleave(wanted.shape[1])
        columns = torch.arange(column, ids.shape[1] - 1).repeat(len(ids))
        logits = net.read(ids[:, :-1].to(device), None, rows.to(device), columns.to(device)).float()
        said = logits.gather(1, wanted.reshape(-1, 1)) - logits.logsumexp(1, keepdim=True)
        found.append(said.view(len(ids), -1).double().sum(1).cpu())
    return torch.stack(found)


def credit(scored: Tensor) -> Tensor:
    """(P, K) scores, the truth first -> (P,) one over the number of best candidates where it is among them, else 0."""
    best = scored == scored.amax(1, keepdim=True)
    return best[:, 0].double() / best.sum(1)
