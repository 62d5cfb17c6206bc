"""What a re-scoring holds: the same sentence with each of several candidates in one place, under every model."""

from __future__ import annotations

from msgspec import field

from core.messages.results import FORMAT, Mark, Method, Struct


class Retold(Struct, frozen=True):
    """One candidate under one model: both values are null where the tokenizer does not know it, and `mark` says so."""

    logprob: float | None
    """Natural log-probability of the whole text with the candidate in it; where masked, its pseudo-log-likelihood."""
    share: float | None
    """Its probability among the candidates that were scored: they are renormalised to 1.

    Candidates that a model reads as the same tokens have one probability, and each an equal part of it.
    """
    mark: Mark = ""


class Rescoring(Struct, frozen=True):
    """Which of `candidates` stood in place of the characters from `start` to `end` of `text`?

    Every model reads both sides: a causal one scores what follows the candidate, a masked one hides each token in
    turn. So the shares of different kinds of model answer one question, although their log-probabilities do not.
    """

    text: str
    start: int
    end: int
    candidates: list[str]
    models: dict[str, Method]
    scores: dict[str, list[Retold]]
    """By model, in the order of the candidates."""
    notes: list[str] = field(default_factory=list)
    """What a reader of the numbers must know, in sentences for a person."""
    version: int = FORMAT
