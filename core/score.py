"""How likely was each token? Surprisal for causal models, pseudo-log-likelihood for masked ones.

Every log-probability is natural (nats), taken from a softmax in float32 over the whole vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import UserError
from core.messages import PLL, Candidate, FirstToken
from core.models.model import Model
from core.predict import around, candidates

BUDGET = 8192
"""Tokens in a batch: large enough for the processor, small enough for any memory."""
LOGITS = 2**26
"""Most numbers in one table of logits (256 MiB): a large vocabulary makes smaller batches and windows."""

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class TokenScore:
    """One token: log p in nats, its rank (1 = most likely), the entropy in bits of the distribution it came from."""

    logprob: float
    rank: int
    entropy: float
    top: list[Candidate]


def bits(nats: float) -> float:
    """A log-probability in nats as surprisal in bits: -log2 p."""
    return -nats / math.log(2) + 0.0  # never -0.0


def _measure(logits: Tensor, targets: Tensor, top: list[int], model: Model) -> list[TokenScore]:
    """Scores of `targets` (N,) under `logits` (N, vocabulary); `top[i]` candidates are kept for target i."""
    logprobs = torch.log_softmax(logits.float(), dim=-1).cpu()
    mine = logprobs.gather(1, targets[:, None])
    ranks = (logprobs > mine).sum(-1) + 1
    # A probability of zero contributes nothing, where 0 * -inf would be NaN.
    entropy = torch.special.entr(logprobs.exp()).sum(-1) / math.log(2)
    return [
        TokenScore(float(mine[i, 0]), int(ranks[i]), float(entropy[i]), candidates(logprobs[i], model.tokenizer, n))
        if n
        else TokenScore(float(mine[i, 0]), int(ranks[i]), float(entropy[i]), [])
        for i, n in enumerate(top)
    ]


def window_of(model: Model) -> int:
    """The tokens that one window holds: the model's context, or fewer where its logits would not fit in memory."""
    return min(model.identity.context, max(64, LOGITS // model.identity.vocabulary))


# --- causal --------------------------------------------------------------------------------------------------


def _windows(count: int, room: int) -> Iterator[tuple[int, int, int]]:
    """Cut `count` tokens into (first, last, scored from): every later window keeps half a window as context."""
    if count <= room:
        yield 0, count, 0
        return
    stride = max(1, room // 2)
    yield 0, room, 0
    done = room
    while done < count:
        last = min(done + stride, count)
        yield last - room, last, done
        done = last


@torch.inference_mode()
def surprisal(
    model: Model, ids: list[int], top: list[int], first_token: FirstToken, report: Report
) -> list[TokenScore | None]:
    """Each token's score given the tokens left of it; None for a first token that nothing predicts.

    `first_token`: `bos` conditions on the model's start token, `skip` leaves the first token without a score.
    A text longer than the model's window is read in overlapping windows: every token sees at least half a window.
    Raises UserError when `bos` is asked of a model without a start token.
    """
    start = model.tokenizer.start
    if first_token == "bos" and start is None:
        raise UserError("This model has no start token.", hint="Ask with the first token skipped.")
    head = [start] if first_token == "bos" and start is not None else []
    scores: list[TokenScore | None] = [None] * len(ids)
    device = next(model.net.parameters()).device
    for first, last, scored in _windows(len(ids), window_of(model) - len(head)):
        window = head + ids[first:last]
        targets = range(max(scored, first + 1 - len(head)), last)
        if targets:
            columns = torch.tensor([index - first + len(head) - 1 for index in targets])
            batch = torch.tensor([window]).to(device)
            logits = model.net.read(batch, None, torch.zeros_like(columns).to(device), columns.to(device))
            wanted = torch.tensor(ids[targets.start : targets.stop])
            scores[targets.start : targets.stop] = _measure(logits, wanted, top[targets.start : targets.stop], model)
        report(last, len(ids))
    return scores


# --- masked --------------------------------------------------------------------------------------------------


def _hidden_places(index: int, word: range, pll: PLL) -> range:
    """Which tokens are masked to score the one at `index` of `word`.

    original: itself (Salazar et al. 2020, arXiv 1910.14659); within_word_l2r: itself and the word's later pieces,
    whole_word: all its pieces (Kauf & Ivanova 2023, arXiv 2305.10588).
    """
    if pll == "original":
        return range(index, index + 1)
    return range(index, word.stop) if pll == "within_word_l2r" else word


@torch.inference_mode()
def pseudo_log_likelihood(
    model: Model, ids: list[int], words: list[range], top: list[int], pll: PLL, report: Report
) -> list[TokenScore]:
    """Each token's score with itself hidden and both sides in view. `words` gives the pieces that hide together.

    Every token is one row of its own: the text with its places masked, cut to a window around it where the text
    is longer. Raises UserError when the model has no mask token.
    """
    mask, context = model.tokenizer.mask, model.identity.context
    if mask is None:
        raise UserError("This model has no mask token.", why="Pseudo-log-likelihood hides one word after another.")
    word_of = {index: word for word in words for index in word}
    scores: list[TokenScore] = []
    rows: list[list[int]] = []
    places: list[int] = []
    left, right = (int(token is not None) for token in (model.tokenizer.start, model.tokenizer.end))
    length = min(len(ids) + left + right, context)
    size = max(1, min(BUDGET // length, LOGITS // model.identity.vocabulary))
    device = next(model.net.parameters()).device

    for index in range(len(ids)):
        window, place = around(ids, index, model.tokenizer, context)
        for hidden in _hidden_places(index, word_of.get(index, range(index, index + 1)), pll):
            if left <= place + hidden - index < len(window) - right:
                window[place + hidden - index] = mask
        rows.append(window)
        places.append(place)
        if len(rows) == size or index == len(ids) - 1:
            columns = torch.tensor(places)
            logits = model.net.read(
                torch.tensor(rows).to(device), None, torch.arange(len(rows)).to(device), columns.to(device)
            )
            done = len(scores)
            wanted = torch.tensor(ids[done : index + 1])
            scores += _measure(logits, wanted, top[done : index + 1], model)
            rows, places = [], []
            report(index + 1, len(ids))
    return scores
