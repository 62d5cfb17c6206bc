"""What a model says about a few sentences while it learns: the most readable curve of all."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.predict import around, before
from core.text.marks import ask_causal, ask_masked
from core.text.stream import Stream, generator
from core.text.tokens import Tokenizer

SENTENCE = re.compile(r"[^.!?\n]{20,90}[.!?]")
WORD = re.compile(r"(?<= )[A-Za-z]{3,}\b")
OWN = 3
"""Sentences that come from the run's own held-out text."""
LOOKED_AT = 20_000
"""Tokens of it among which they are found."""


class Sentence(NamedTuple):
    """A text with one [MASK], and the word that belongs there, with the space before it."""

    text: str
    answer: str


SENTENCES = (
    Sentence("The capital of Italy is [MASK].", " Rome"),
    Sentence("She opened the door and [MASK] inside.", " went"),
    Sentence("The keys to the cabinet [MASK] on the table.", " were"),
    Sentence("Water is made of hydrogen and [MASK].", " oxygen"),
    Sentence("He was born in 1901 and [MASK] in 1945.", " died"),
)


def chosen(tokenizer: Tokenizer, held_out: Stream, seed: int) -> list[Sentence]:
    """The fixed sentences and up to three of the held-out text, each with one of its words hidden."""
    ids = held_out.ids[:LOOKED_AT].tolist()
    documents: list[list[int]] = [[]]
    for token in ids:
        documents.append([]) if token == held_out.end else documents[-1].append(token)
    texts = [tokenizer.decode(document) for document in documents]
    found = [match[0].strip() for text in texts for match in SENTENCE.finditer(text)]
    usable = [text for text in dict.fromkeys(found) if WORD.search(text) and "[" not in text and "___" not in text]
    random = generator(seed, 5)
    picked = [usable[int(index)] for index in random.permutation(len(usable))[:OWN]]
    own = []
    for text in picked:
        words = list(WORD.finditer(text))
        word = words[int(random.integers(len(words)))]
        own.append(Sentence(f"{text[: word.start()]}[MASK]{text[word.end() :]}", f" {word[0]}"))
    return [*SENTENCES, *own]


def take(net: Any, tokenizer: Tokenizer, sentences: list[Sentence]) -> list[dict[str, Any]]:
    """For each sentence the answer's probability and rank (of its first token), and the five likeliest tokens.

    Rows {"text", "answer", "prob", "rank", "tops": [[token, probability], ...]}. A causal model sees the left only.
    """
    was_training = net.training
    net.eval()
    rows = []
    for sentence in sentences:
        right = tokenizer.encode(sentence.answer).ids[0]
        logprobs = _logprobs(net, tokenizer, sentence.text)
        probs, ids = logprobs.exp().topk(5)
        tops = [
            [tokenizer.show(token), round(prob, 5)] for prob, token in zip(probs.tolist(), ids.tolist(), strict=True)
        ]
        rank = int((logprobs > logprobs[right]).sum()) + 1
        rows.append(sentence._asdict() | {"prob": float(logprobs[right].exp()), "rank": rank, "tops": tops})
    net.train(was_training)
    return rows


@torch.inference_mode()
def _logprobs(net: Any, tokenizer: Tokenizer, text: str) -> Tensor:
    """Log-probabilities (vocabulary,) at the mask of `text`, on the CPU."""
    if net.kind == "masked":
        asked = ask_masked(text, tokenizer)
        window, place = around(asked.ids, asked.places[0].index, tokenizer, net.context)
    else:
        questions, _ = ask_causal(text, tokenizer)
        window, place = before(questions[0][0], tokenizer, net.context)
    device = next(net.parameters()).device
    ids, row, column = (torch.tensor(part, device=device) for part in ([window], [0], [place]))
    logits: Tensor = net.read(ids, None, row, column)
    return logits[0].float().log_softmax(-1).cpu()
