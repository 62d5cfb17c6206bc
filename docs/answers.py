"""The file of what BERT said at the gaps of some sentences."""

from __future__ import annotations

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """One sentence and its likeliest fillings with their probabilities."""

    text: str
    top: list[tuple[str, float]]


class Answers(msgspec.Struct, frozen=True):
    """`assets/results/sentences.json`."""

    model: str
    revision: str
    answers: list[Answer]
    command: str = "python -m docs.sentences"


def encoded(answers: Answers) -> bytes:
    """The file's contents."""
    return msgspec.json.format(msgspec.json.encode(answers), indent=1) + b"\n"


def decoded(content: bytes) -> Answers:
    """Raises msgspec.DecodeError for anything else."""
    return msgspec.json.decode(content, type=Answers)
