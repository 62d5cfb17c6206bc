"""What a model says about a few fixed sentences while it learns: the most readable curve of all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.predict import answer
from core.text.tokens import Tokenizer

SENTENCES = (
    "The capital of Italy is [MASK].",
    "She opened the door and [MASK] inside.",
    "The keys to the cabinet [MASK] on the table.",
    "Water is made of hydrogen and [MASK].",
    "He was born in [MASK] and died in 1945.",
)


def take(net: Any, tokenizer: Tokenizer) -> Iterator[dict[str, Any]]:
    """For each sentence its five likeliest answers: {"text", "tops": [[token, probability], ...]}."""
    was_training = net.training
    net.eval()
    for sentence in SENTENCES:
        slots, _ = answer(net, tokenizer, sentence, 5, net.context)
        yield {"text": sentence, "tops": [[best.text, round(best.prob, 5)] for best in slots[0].top]}
    net.train(was_training)
