"""C3: accuracy on a new task against the labelled examples, with pre-trained and with untrained weights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.claims.transfer import EXAMPLES
from core.experiments import labelled
from core.experiments.experiment import Lab, Measurement, named
from core.experiments.fresh import fresh
from core.experiments.lines import line
from core.experiments.repeats import over
from core.messages import Chart, Number
from core.models.model import Model
from core.text.stream import generator

MODELS = ("lstm", "gpt2", "bert")
WEIGHTS = ("pretrained", "scratch")
KEY = 3
"""Part of the key of this file's random numbers, beside the seed."""
SHRINK = 0.05
"""Weight of the squared norm (half of it) in the loss of the linear layer."""
STEPS, ROWS, RATE = 100, 16, 2e-3
"""Updates, sentences in each, and the learning rate (AdamW), where every weight learns."""
BATCH = 50
"""Sentences that are read at once where nothing learns."""

Tell = Callable[[], None]


class Sentences(NamedTuple):
    """Sentences as one model reads them: ids (S, T), their lengths (S,) and their labels (S,)."""

    ids: Tensor
    lengths: Tensor
    labels: Tensor

    def at(self, places: slice | Tensor) -> Sentences:
        """Some of them, without the padding that only the others need."""
        lengths = self.lengths[places]
        return Sentences(self.ids[places, : int(lengths.max())], lengths, self.labels[places])


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """Accuracy of every model, with both kinds of weights, at every number of examples, with several seeds."""
    models = {name: lab.open(name) for name in MODELS}
    seeds, tests, learn = int(knobs["seeds"]), int(knobs["tests"]), str(knobs["learn"])
    found: dict[tuple[str, str, int], list[float]] = {}
    total, done = seeds * len(MODELS) * len(WEIGHTS), 0
    for repeat in range(seeds):
        examples = list(islice(labelled.draw(generator(seed, repeat, KEY)), max(EXAMPLES) + tests))
        for name, model in models.items():
            sentences = read(model, examples)
            for which, weights in enumerate(WEIGHTS):
                # Twins of one seed would agree by their weights; two draws are as far apart as luck takes them.
                drawn = int(generator(seed, repeat, KEY, which).integers(2**62))
                real = weights == "pretrained" and knobs["control"] == "none"
                net = model.net if real else fresh(model.net, drawn)
                note = f"{name}, {weights}, seed {repeat + 1} of {seeds}"
                tell = partial(lab.report, done, total, note)
                right = _frozen(net, sentences, tell) if learn == "head" else _tuned(net, sentences, drawn, tell)
                for n, value in right.items():
                    found.setdefault((name, weights, n), []).append(value)
                done += 1
                lab.show(_charts(found))
    described = {name: named(model) for name, model in models.items()}
    return Measurement(_numbers(found), _charts(found), described, _notes(learn))


def read(model: Model, examples: Sequence[labelled.Example]) -> Sentences:
    """Sentences as `model` was trained to see them: behind its start token and, where it sees both sides, before its
    end token."""
    cut = model.tokenizer
    head = [] if cut.start is None else [cut.start]
    tail = [] if cut.end is None or model.net.kind == "causal" else [cut.end]
    rows = [torch.tensor(head + cut.encode(example.text).ids + tail) for example in examples]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=cut.pad or 0)
    labels = torch.tensor([example.label for example in examples])
    lengths = torch.tensor([len(row) for row in rows])
    return Sentences(ids.to(model.device), lengths.to(model.device), labels.to(model.device))


def means(net: Any, some: Sentences) -> Tensor:
    """The mean of the states of each sentence's tokens, (S, width)."""
    count = len(some.lengths)
    inside = torch.arange(some.ids.shape[1], device=some.ids.device) < some.lengths[:, None]
    rows, columns = inside.nonzero(as_tuple=True)
    states = net.states(some.ids, some.lengths, rows, columns)
    sums: Tensor = states.new_zeros(count, states.shape[1]).index_add(0, rows, states)
    return sums / some.lengths[:, None]


def _frozen(net: Any, all_of_them: Sentences, tell: Tell) -> dict[int, float]:
    """Accuracy of a linear layer that learns from the first n sentences, on those behind the longest n."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(all_of_them.labels), BATCH):
            tell()
            parts.append(means(net, all_of_them.at(slice(start, start + BATCH))))
    states, labels, last = torch.cat(parts).clone(), all_of_them.labels, max(EXAMPLES)
    right = {}
    for n in EXAMPLES:
        tell()
        classify = regression(states[:n], labels[:n])
        right[n] = accuracy(classify(states[last:]), labels[last:])
    return right


def regression(x: Tensor, labels: Tensor) -> Callable[[Tensor], Tensor]:
    """Logistic regression with a small penalty on (n, width), brought to mean 0 and deviation 1, by L-BFGS.

    Returns the function from rows (m, width) to logits (m, topics).
    """
    middle, spread = x.mean(0), x.std(0).clamp_min(1e-6)
    weight = x.new_zeros(x.shape[1], len(labelled.TOPICS), requires_grad=True)
    bias = x.new_zeros(len(labelled.TOPICS), requires_grad=True)
    scaled = (x - middle) / spread
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(scaled @ weight + bias, labels) + SHRINK / 2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return lambda rows: ((rows - middle) / spread @ weight + bias).detach()


def _tuned(net: Any, all_of_them: Sentences, seed: int, tell: Tell) -> dict[int, float]:
    """The same where every weight learns; each n begins again from the weights of `net`."""
    last, right = max(EXAMPLES), {}
    for n in EXAMPLES:
        tell()
        random = generator(seed, n, KEY)
        body = copy.deepcopy(net).requires_grad_(True)
        width = means(body, all_of_them.at(slice(1))).shape[1]
        zeros = torch.zeros(len(labelled.TOPICS), width + 1, device=all_of_them.ids.device)
        head = nn.Parameter(zeros)
        optimizer = torch.optim.AdamW([*body.parameters(), head], lr=RATE)
        for step in range(STEPS):
            tell()
            places = torch.from_numpy(random.choice(n, min(n, ROWS), replace=False)).to(zeros.device)
            part = all_of_them.at(places)
            loss = F.cross_entropy(_logits(body, head, part), part.labels)
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1, 10 * (step + 1) / STEPS, 2 * (1 - step / STEPS))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*body.parameters(), head], 1.0)
            optimizer.step()
        logits = []
        with torch.no_grad():
            for start in range(last, len(all_of_them.labels), BATCH):
                tell()
                logits.append(_logits(body, head, all_of_them.at(slice(start, start + BATCH))))
        right[n] = accuracy(torch.cat(logits), all_of_them.labels[last:])
    return right


def _logits(body: Any, head: Tensor, part: Sentences) -> Tensor:
    return F.linear(means(body, part), head[:, :-1], head[:, -1])


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """The share of rows (n, topics) whose largest logit is that of the label (n,)."""
    return float((logits.argmax(1) == labels).float().mean())


def _numbers(found: dict[tuple[str, str, int], list[float]]) -> dict[str, Number]:
    numbers = {f"{name}_{weights}_{n}": over(values, "accuracy", 0, 1) for (name, weights, n), values in found.items()}
    for name in MODELS:
        for n in EXAMPLES:
            pairs = zip(found[name, "pretrained", n], found[name, "scratch", n], strict=True)
            numbers[f"{name}_gain_{n}"] = over([a - b for a, b in pairs], "accuracy", -1, 1)
    return numbers


def _charts(found: dict[tuple[str, str, int], list[float]]) -> list[Chart]:
    lines = []
    for name in MODELS:
        for weights, said in zip(WEIGHTS, ("pre-trained", "from scratch"), strict=True):
            numbers = [over(found[name, weights, n], "", 0, 1) for n in EXAMPLES if (name, weights, n) in found]
            if numbers:
                lines.append(line(f"{name}, {said}", numbers, EXAMPLES))
    return [Chart("Accuracy on new sentences", "lines", "labelled examples", "accuracy", lines, log_x=True)]


def _notes(learn: str) -> list[str]:
    topics = len(labelled.TOPICS)
    how = (
        "Only a linear layer learned; 'from scratch' is the same network with random weights, whose states still tell "
        "words apart."
        if learn == "head"
        else f"Every weight learned, {STEPS} updates of {ROWS} sentences at most; 'from scratch' begins at random."
    )
    return [f"Guessing gets {1 / topics:.0%}. No sentence is both learned from and tested on.", how]
