"""Tiny BERTs that differ in one thing: whether [CLS] and [SEP] stood around their sentences in pre-training.

They read as BERT did, two sentences at a time: [CLS] a [SEP] b [SEP].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.experiments import labelled
from core.experiments.fresh import weigh
from core.experiments.labelled import Example
from core.models.nets.bert import Bert
from core.settings import Shape
from core.text.stream import generator
from core.training.cross_entropy import nats

PAD, CLS, SEP, MASK = range(4)
WIDTH, LAYERS, HEADS, ROWS = 48, 2, 4, 32
RATE, TUNING_RATE = 3e-3, 1e-3
HIDDEN = 0.2
"""Share of the words that are masked in pre-training."""
LONGEST = 64
KEY = 9
"""Part of the key of this file's random numbers, beside the seed."""

Tell = Callable[[int], None]
"""Called with the steps that are done."""


Row = Sequence[list[int]]
"""One sentence, or two that are read together."""


class Sentences:
    """Sentences as ids of words: `pairs` to learn from, `tried` to fill gaps in, then single ones with their topics."""

    def __init__(self, pairs: int, tried: int, labels: int, asked: int, seed: int) -> None:
        paired = 2 * (pairs + tried)
        drawn = list(islice(labelled.draw(generator(seed, KEY)), paired + labels + asked))
        words = sorted({word for example in drawn for word in _words(example)})
        number = {word: place for place, word in enumerate(words, MASK + 1)}
        self.vocabulary = len(number) + MASK + 1
        ids = [[number[word] for word in _words(example)] for example in drawn]
        topics = torch.tensor([example.label for example in drawn[paired:]])
        order = generator(seed, KEY + 1).permutation(paired)
        both: list[Row] = [(ids[one], ids[two]) for one, two in order.reshape(-1, 2)]
        self.tried, self.pairs = both[:tried], both[tried:]
        self.labelled, self.asked = ids[paired : paired + labels], ids[paired + labels :]
        self.labels, self.answers = topics[:labels], topics[labels:]


def _words(example: Example) -> list[str]:
    """In small letters, without stops and commas: nothing but a mark then says where a sentence ends."""
    return re.findall(r"\w+", example.text.lower())


def framed(rows: Sequence[Row], head: bool, tails: bool) -> tuple[Tensor, Tensor]:
    """Rows with [CLS] before and [SEP] behind each sentence, as asked: padded ids (B, T) and their lengths (B,)."""
    full = [[CLS] * head + [word for part in row for word in [*part, *[SEP] * tails]] for row in rows]
    lengths = torch.tensor([len(row) for row in full])
    return torch.tensor([row + [PAD] * (int(lengths.max()) - len(row)) for row in full]), lengths


def pretrained(text: Sentences, marks: bool, steps: int, seed: int, tell: Tell) -> Bert:
    """A tiny BERT that learnt to fill gaps in `text.pre`, with [CLS] and [SEP] around each sentence or without."""
    shape = Shape(
        vocabulary=text.vocabulary, layers=LAYERS, width=WIDTH, heads=HEADS, inner=2 * WIDTH, positions=LONGEST
    )
    net: Bert = weigh(Bert.from_config(Bert.shaped(shape)).start(), seed, std=0.05)
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, betas=(0.9, 0.98))
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 30) * (1 - step / steps)
        rows = [text.pairs[int(n)] for n in torch.randint(len(text.pairs), (ROWS,), generator=random)]
        ids, lengths = framed(rows, marks, marks)
        chosen = (torch.rand(ids.shape, generator=random) < HIDDEN) & (ids > MASK)
        with torch.enable_grad():
            states = net.hidden(ids.masked_fill(chosen, MASK), lengths)[chosen]
            loss = nats(net, states, ids[chosen])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        tell(step + 1)
    return net.eval()


@torch.no_grad()
def surprisal(net: Bert, rows: Sequence[Row], head: bool, tails: bool) -> np.ndarray:
    """Mean nats of every word of each row (N,), each hidden in turn, between the marks that are asked for."""
    found = []
    for row in rows:
        ids = framed([row], head, tails)[0][0]
        places = torch.nonzero(ids > MASK)[:, 0]
        copies = ids.repeat(len(places), 1)
        every = torch.arange(len(places))
        copies[every, places] = MASK
        found.append(float(F.cross_entropy(net.read(copies, None, every, places), ids[places])))
    return np.array(found)


def tuned(net: Bert, text: Sentences, count: int, steps: int, seed: int, tell: Tell) -> np.ndarray:
    """Fine-tune a copy of `net` on `count` labelled sentences, all in [CLS] … [SEP], the topic read off [CLS].

    Returns which of `text.asked` it then gets right (N,). A net that never saw the marks gets fresh vectors for them.
    """
    made = Bert.from_config(net.config())
    made.load_state_dict(net.state_dict())
    random = torch.Generator().manual_seed(seed)
    head = weigh(torch.nn.Linear(WIDTH, len(labelled.TOPICS)), seed, std=0.1)
    order = torch.randperm(len(text.labelled), generator=random)[:count].tolist()
    optimizer = torch.optim.AdamW([*made.parameters(), *head.parameters()], lr=TUNING_RATE)
    for step in range(steps):
        some = [order[int(n)] for n in torch.randint(count, (min(count, 16),), generator=random)]
        ids, lengths = framed([[text.labelled[n]] for n in some], True, True)
        with torch.enable_grad():
            loss = F.cross_entropy(head(made.hidden(ids, lengths)[:, 0]), text.labels[some])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        tell(step + 1)
    with torch.no_grad():
        said = head(made.hidden(*framed([[row] for row in text.asked], True, True))[:, 0]).argmax(-1)
    right: np.ndarray = (said == text.answers).numpy().astype(float)
    return right
