"""Which of these words stood here? Every model reads the whole text with each of them put in: all see both sides.

A masked model at its mask and a causal one at the next place answer different questions. Re-scoring asks one: the
log-likelihood of the text for a causal model, its pseudo-log-likelihood for a masked one, for each candidate.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from core.compare import method_of
from core.errors import UserError
from core.messages import PLL, FirstToken, Mark, Rescoring, Retold
from core.models.model import Model
from core.scoring import causal, masked
from core.text.tokens import Tokens

MOST = 50
"""Candidates in one question."""
PLL_USED: PLL = "within_word_l2r"

Progress = Callable[[int, int, str], None]


def rescore(
    models: dict[str, Model], text: str, start: int, end: int, candidates: Sequence[str], progress: Progress
) -> Rescoring:
    """Score `text` with each candidate in place of the characters from `start` to `end`.

    Log-probabilities are natural, summed over all tokens of the text. Raises UserError for a place outside the text,
    fewer than two different candidates, more than `MOST`, and a text that is longer than a model's window.
    """
    candidates = list(dict.fromkeys(word for word in (word.strip() for word in candidates) if word))
    if not 0 <= start < end <= len(text):
        raise UserError(f"Characters {start} to {end} are no place of this text.")
    if not 2 <= len(candidates) <= MOST:
        hint = f"Give 2 to {MOST} different words."
        raise UserError(f"{len(candidates)} candidates cannot be compared.", hint=hint)
    texts = [text[:start] + word + text[end:] for word in candidates]
    read = {name: [model.tokenizer.encode(one) for one in texts] for name, model in models.items()}
    total, done = sum(len(one.ids) for encodings in read.values() for one in encodings), 0
    scores: dict[str, list[Retold]] = {}
    notes: list[str] = []
    for name, model in models.items():
        must_fit(model, name, read[name], "re-scored")

        def report(tokens: int, of: int, base: int = done, name: str = name) -> None:
            progress(base + tokens, total, f"re-scoring with {name}")

        sums = _sums(model, texts, read[name], report)
        marks = [_mark(one, start, start + len(word)) for one, word in zip(read[name], candidates, strict=True)]
        same = Counter(tuple(one.ids) for one in read[name])
        scores[name] = _shared(sums, marks, [same[tuple(one.ids)] for one in read[name]])
        notes += _alike(name, zip(candidates, read[name], marks, strict=True))
        done += sum(len(one.ids) for one in read[name])
    methods = {name: method_of(model, PLL_USED, first_token(model)) for name, model in models.items()}
    return Rescoring(text=text, start=start, end=end, candidates=candidates, models=methods, scores=scores, notes=notes)


def first_token(model: Model) -> FirstToken:
    """How the first token of a text is scored where nobody chose: from the start token, if there is one."""
    return "bos" if model.tokenizer.start is not None else "skip"


def must_fit(model: Model, name: str, encodings: Sequence[Tokens], done: str) -> None:
    """Raise UserError for a text that is longer than the window: two texts would be read by different contexts."""
    ends = (model.tokenizer.start, model.tokenizer.end if model.identity.kind == "masked" else None)
    longest = max(len(one.ids) for one in encodings) + sum(end is not None for end in ends)
    if longest > model.identity.context:
        why = f"It has {longest} tokens, and {name} reads {model.identity.context}."
        raise UserError(f"The text is too long to be {done}.", why=why, hint="Take one sentence.")


def _sums(
    model: Model, texts: Sequence[str], encodings: Sequence[Tokens], report: Callable[[int, int], None]
) -> list[float]:
    """The log-probability of each text."""
    if model.identity.kind == "causal":
        found = causal.logprobs(model, [one.ids for one in encodings], first_token(model), report)
        return [math.fsum(value for value in row if value is not None) for row in found]
    read = [masked.pieces(text, one) for text, one in zip(texts, encodings, strict=True)]
    return [math.fsum(row) for row in masked.logprobs(model, read, PLL_USED, report)]


def _mark(encoding: Tokens, start: int, end: int) -> Mark:
    """Whether the tokenizer knows the word at these characters."""
    mine = [at for at, span in enumerate(encoding.spans) if span.start < end and span.end > start]
    if not mine:
        return "dropped"
    return "unknown" if any(encoding.unknown[at] for at in mine) else ""


def _alike(name: str, candidates: Iterable[tuple[str, Tokens, Mark]]) -> Iterator[str]:
    """Which candidates a model knows and cannot tell apart."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for word, one, mark in candidates:
        if not mark:
            groups.setdefault(tuple(one.ids), []).append(word)
    for words in groups.values():
        if len(words) > 1:
            yield f"{name} reads {', '.join(words)} as the same tokens: each has an equal part of one share."


def _shared(sums: Sequence[float], marks: Sequence[Mark], same: Sequence[int]) -> list[Retold]:
    """Log-probabilities as they are, and renormalised over what the model knows and can tell apart.

    `same`: how many of the candidates are the same to the model as each.
    """
    best = max((value for value, mark in zip(sums, marks, strict=True) if not mark), default=0.0)
    parts = [
        0.0 if mark else math.exp(value - best) / many for value, mark, many in zip(sums, marks, same, strict=True)
    ]
    whole = math.fsum(parts)
    return [
        Retold(logprob=None, share=None, mark=mark) if mark else Retold(logprob=value, share=part / whole)
        for value, mark, part in zip(sums, marks, parts, strict=True)
    ]
