"""Minimal pairs: is the sentence that speakers accept the likelier one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum

from core.evaluation.items import Pair, Pairs
from core.evaluation.job import Found, Job, Rows, key
from core.messages import FirstToken, Measure, Rate
from core.models.model import Model
from core.rates import rate
from core.scoring import causal, masked
from core.scoring.masked import Pieces, pieces
from core.scoring.tokens import Report

TOGETHER = 500
"""Pairs in a part: the work of seconds, half a minute for a masked model on a slow machine."""
TIE = 1e-4
"""Nats within which two sentences are equally likely: the rounding of float32 lies below."""
_LOOKED_AT = 200


def plan(model: Model, asked: Pairs) -> Job:
    """How `model` is asked about minimal pairs.

    Causal models: the log-likelihood of each sentence from the start token on (a model without one: from its second
    token on). Masked models: pseudo-log-likelihood, each token hidden with the later pieces of its word (PLL-word-l2r:
    Kauf & Ivanova 2023, arXiv 2305.10588). A tie counts 0.5.
    """
    pairs = asked.items
    work = _work(model, [text for pair in pairs[:: max(1, len(pairs) // _LOOKED_AT)] for text in pair[:2]])
    chunks = [
        Likelihoods(model, pairs[at : at + TOGETHER], work * len(pairs[at : at + TOGETHER]))
        for at in range(0, len(pairs), TOGETHER)
    ]
    if model.identity.kind == "masked":
        method = "PLL-word-l2r"
    else:
        method = "log-likelihood" + ("" if model.tokenizer.start is not None else " from the second token on")
    return Job(method, chunks, lambda parts: _conclude(pairs, [row for part in parts for row in part]))


def _work(model: Model, sentences: list[str]) -> float:
    """Tokens that go through the network for a pair like these."""
    lengths = [len(model.tokenizer.encode(sentence).ids) + 2 for sentence in sentences]
    masks = model.identity.kind == "masked"
    return 2 * sum(length * (length - 2) if masks else length for length in lengths) / len(lengths)


@dataclass(frozen=True)
class Likelihoods:
    """A part: [[log p of the good, log p of the bad sentence, unknown tokens, whether both could be read], …]."""

    model: Model
    pairs: Sequence[Pair]
    work: float

    @cached_property
    def _read(self) -> tuple[list[Pieces], list[int]]:
        """Every sentence, the good ones at even places, and how many of its tokens are unknown."""
        found, unknown = [], []
        for text in (text for pair in self.pairs for text in pair[:2]):
            tokens = self.model.tokenizer.encode(text)
            found.append(pieces(text, tokens) if self.model.identity.kind == "masked" else Pieces(tokens.ids, []))
            unknown.append(sum(tokens.unknown))
        return found, unknown

    def key(self) -> str:
        return key(self.model, "pairs", self._read[0])

    def run(self, report: Report) -> Rows:
        texts, unknown = self._read
        seen = [index for index, text in enumerate(texts) if text.ids]
        scores: Sequence[Sequence[float | None]]
        if self.model.identity.kind == "masked":
            scores = masked.logprobs(self.model, [texts[index] for index in seen], "within_word_l2r", report)
        else:
            first: FirstToken = "skip" if self.model.tokenizer.start is None else "bos"
            scores = causal.logprobs(self.model, [texts[index].ids for index in seen], first, report)
        total = {n: fsum(value for value in scores[at] if value is not None) for at, n in enumerate(seen)}
        return [
            [total.get(good, 0.0), total.get(good + 1, 0.0), float(unknown[good] + unknown[good + 1]),
             float(good in total and good + 1 in total)]
            for good in range(0, len(texts), 2)
        ]  # fmt: skip


def _conclude(pairs: Sequence[Pair], rows: Rows) -> Found:
    credits: dict[str, list[float]] = {}
    ties = 0
    for pair, (good, bad, _, readable) in zip(pairs, rows, strict=True):
        tie = not readable or abs(good - bad) <= TIE
        ties += tie
        credits.setdefault(pair.group, []).append(0.5 if tie else float(good > bad))
    notes = []
    if unread := sum(not row[3] for row in rows):
        notes.append(
            f"cannot read a sentence of {unread:,} pair(s), of which its tokenizer drops all; they count as ties"
        )
    if unknown := int(sum(row[2] for row in rows)):
        notes.append(f"reads {unknown:,} token(s) of the pairs as unknown")
    whole = rate(sum(map(sum, credits.values())), len(pairs))
    groups: dict[str, Rate] = {group: rate(sum(mine), len(mine)) for group, mine in credits.items() if group}
    measures = [
        Measure(name="accuracy", unit="share", value=whole.value, rate=whole, n=len(pairs)),
        Measure(name="ties", unit="", value=float(ties), n=len(pairs)),
    ]
    return Found(measures, groups, notes)
