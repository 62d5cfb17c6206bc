"""More made-up answers about a text: from the left alone, and re-scored."""

from __future__ import annotations

import math

import msgspec

from core.messages import Comparison, Rescore, Rescoring, Retold
from tests.tui.fakes import comparison


def alone(full: Comparison, more: float = 2.0, method: str = "left_only") -> Comparison:
    """The masked models of `full` from the left alone: every word needs `more` bits than with both sides."""
    names = [name for name, one in full.models.items() if one.kind == "masked"]
    words = []
    for word in full.words:
        scores = {}
        for name in names:
            bits = word.scores[name].surprisal_bits
            changed = None if bits is None else bits + more
            scores[name] = msgspec.structs.replace(word.scores[name], surprisal_bits=changed, saw="left")
        words.append(msgspec.structs.replace(word, scores=scores))
    models = {name: msgspec.structs.replace(full.models[name], method=method) for name in names}
    return msgspec.structs.replace(full, models=models, words=words)


def rescoring(asked: Rescore) -> Rescoring:
    """The n-th candidate has half the share of the one before; the last one is not known to the first model."""
    shares = [0.5 ** (at + 1) for at in range(len(asked.candidates))]
    column = [Retold(logprob=-30 + math.log(share), share=share) for share in shares]
    scores = {name: list(column) for name in asked.models}
    scores[asked.models[0]][-1] = Retold(logprob=None, share=None, mark="unknown")
    return Rescoring(
        text=asked.text, start=asked.start, end=asked.end, candidates=asked.candidates,
        models=comparison(models=asked.models).models, scores=scores,
    )  # fmt: skip
