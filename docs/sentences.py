"""Twenty-three sentences with a gap, and what the bundled BERT says: good and bad alike, for its card.

.venv/bin/python -m docs.sentences
"""

from __future__ import annotations

import torch

from core import catalogue, paths
from core.models.load import load
from core.predict import predict
from core.runs import write_atomically
from docs.answers import Answer, Answers, encoded

PATH = paths.assets() / "results" / "sentences.json"
TOP = 5
SENTENCES = (
    "The capital of Italy is [MASK].",
    "She opened the door and [MASK] inside.",
    "The keys to the cabinet [MASK] on the table.",
    "He was born in London in the [MASK] 1912.",
    "The river flows [MASK] the sea.",
    "They have lived here [MASK] 1998.",
    "The band released its first [MASK] in 1983.",
    "The film was directed [MASK] John Ford.",
    "The children [MASK] playing in the garden.",
    "The child [MASK] playing in the garden.",
    "She is one [MASK] the best players in the world.",
    "The town lies in the north [MASK] the country.",
    "In the [MASK] of the war the city was destroyed.",
    "He studied law at the [MASK] of Oxford.",
    "It is not only cheap [MASK] also good.",
    "The more you read, the [MASK] you know.",
    "Neither the doctor [MASK] the nurse was there.",
    "Cells are the basic unit of [MASK].",
    "Water freezes at a low [MASK].",
    "The price rises when demand is [MASK] than supply.",
    "World War [MASK] ended in 1945.",
    "The opposite of hot is [MASK].",
    "A robin is a kind of [MASK].",
)


def ask() -> Answers:
    """BERT's first words at each gap."""
    model = load(catalogue.resolve("bert"), torch.device("cpu"))
    answers = []
    for text in SENTENCES:
        slot = predict(model, text, TOP).slots[0]
        answers.append(Answer(text=text, top=[(one.text, one.prob) for one in slot.top]))
    return Answers(model="bert", revision=model.identity.revision, answers=answers)


if __name__ == "__main__":
    write_atomically(PATH, encoded(ask()))
