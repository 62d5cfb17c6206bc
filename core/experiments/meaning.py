"""C5: the vector of a word in different sentences, and while a sentence arrives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core import passages
from core.experiments.experiment import Lab, Measurement, named
from core.experiments.fresh import fresh
from core.experiments.intervals import mean
from core.experiments.lines import line
from core.experiments.senses import BEGINNING, WORDS, Word
from core.experiments.two_ways import INNER, TwoWays
from core.messages import Chart, Line, Number
from core.text.tokens import Tokenizer

NETS = ("bert", "gpt2", "lstm", "bilstm", "static")
SHOWN = 8
"""Tokens after a word that the chart follows."""

Read = Callable[[Tensor], Tensor]
"""ids (B, T) -> states (B, T, width)."""


class Reader(NamedTuple):
    """A network and how it is given a text."""

    read: Read
    tokenizer: Tokenizer
    closed: bool
    """Whether the end token stands behind a text."""


class Seen(NamedTuple):
    """What a network made of one word: cosines, with one row a sentence where it says so."""

    before: np.ndarray
    """(6, 6) between sentences that tell the meaning before the word, the first three of one meaning."""
    after: np.ndarray
    """(6, 6) between those that tell it after the word."""
    unfolding: list[list[float]]
    """For each of the latter, with 0, 1, … of the tokens after the word: the cosine to the vector with none."""
    worst: float
    """The largest change of a vector while the tokens after it arrived, as a share of its length."""


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """Cosines of twelve words in five networks, and what they come to."""
    models = {name: lab.open(name) for name in ("bert", "gpt2", "lstm")}
    control, steps, words = str(knobs["control"]), int(knobs["steps"]), WORDS[: int(knobs["words"])]
    nets: dict[str, Any] = {name: fresh(m.net, seed) if control == "untrained" else m.net for name, m in models.items()}
    total = steps + len(NETS) * len(words)
    both = TwoWays(nets["lstm"], seed)
    if control != "untrained":
        text = _text(models["lstm"].tokenizer)
        both.learn(text, steps, seed, lambda done: lab.report(done, total, f"two-way LSTM, step {done} of {steps}"))
    reads: dict[str, Read] = {name: net.hidden for name, net in nets.items()} | {"bilstm": both.hidden}
    if control == "static":
        reads |= {"gpt2": _table(nets["gpt2"]), "lstm": _table(nets["lstm"]), "bilstm": _table(nets["lstm"])}
    reads["static"] = _table(nets["bert"])
    found: dict[str, list[Seen]] = {name: [] for name in NETS}
    for number, name in enumerate(NETS):
        model = models[{"bilstm": "lstm", "static": "bert"}.get(name, name)]
        reader = Reader(reads[name], model.tokenizer, name == "bert" or name == "bilstm")
        for place, word in enumerate(words):
            found[name].append(look(reader, word, lab.device))
            lab.report(steps + number * len(words) + place + 1, total, f"{name}, “{word.word}”")
        lab.show(_charts(found, seed))
    numbers = {key: value for name in NETS for key, value in _numbers(name, found[name], seed).items()}
    measured = {name: named(model) for name, model in models.items()}
    measured["bilstm"] = f"the LSTM, and a backward half {INNER} wide, {steps} steps on the lab's passages, seed {seed}"
    notes = [
        f"{len(words)} words, each with two meanings, three sentences a meaning that tell it before the word and three "
        "that tell it after. The vector is the last layer's, at the last token of the word.",
        "The fixed table is BERT's own embedding. Its line, and those of GPT-2 and the LSTM after a word, are flat "
        "because nothing that comes later can reach them.",
    ]
    return Measurement(numbers, _charts(found, seed), measured, notes)


def _text(tokenizer: Tokenizer) -> Tensor:
    """The passages that ship with the lab, as one row of tokens."""
    return torch.tensor([token for passage in passages.every() for token in tokenizer.encode(passage.text).ids])


def _table(net: Any) -> Read:
    """A word's vector is its row of the embedding, whatever stands around it."""
    table: Read = net.words if hasattr(net, "words") else net.embedding
    return table


def look(reader: Reader, word: Word, device: torch.device) -> Seen:
    """What a network makes of a word."""
    tokenizer = reader.tokenizer
    start = [] if tokenizer.start is None else [tokenizer.start]

    def framed(ids: list[int]) -> list[int]:
        return [*start, *ids, *([tokenizer.end] if reader.closed and tokenizer.end is not None else [])]

    def cut(left: str, right: str) -> tuple[list[int], int]:
        upto = f"{left} {word.word}"
        return tokenizer.encode(f"{upto} {right}".strip()).ids, len(tokenizer.encode(upto).ids)

    before = [cut(left, "") for sense in word.senses for left in sense.before]
    after = [cut(BEGINNING, right) for sense in word.senses for right in sense.after]
    places = [len(start) + end - 1 for _, end in before]
    first = _vectors(reader.read, [framed(ids) for ids, _ in before], places, device)
    stages = [(ids[:upto], end) for ids, end in after for upto in range(end, len(ids) + 1)]
    states = _vectors(
        reader.read, [framed(ids) for ids, _ in stages], [len(start) + end - 1 for _, end in stages], device
    )
    unfolding, last, worst = [], [], 0.0
    for ids, end in after:
        mine, states = states[: len(ids) - end + 1], states[len(ids) - end + 1 :]
        unfolding.append([float(cosine) for cosine in _cosines(mine)[0]])
        worst = max(worst, float(np.linalg.norm(mine - mine[0], axis=1).max() / np.linalg.norm(mine[0])))
        last.append(mine[-1])
    return Seen(_cosines(first), _cosines(np.stack(last)), unfolding, worst)


@torch.inference_mode()
def _vectors(read: Read, rows: Sequence[list[int]], places: Sequence[int], device: torch.device) -> np.ndarray:
    """The state at one place of each row, (N, width) in double precision; rows of one length are read together."""
    found: dict[int, np.ndarray] = {}
    for length in sorted({len(row) for row in rows}):
        some = [number for number, row in enumerate(rows) if len(row) == length]
        states = read(torch.tensor([rows[number] for number in some], device=device))
        at = torch.tensor([places[number] for number in some], device=device)
        mine = states[torch.arange(len(some), device=device), at]
        found |= dict(zip(some, mine.double().cpu().numpy(), strict=True))
    return np.stack([found[number] for number in range(len(rows))])


def _cosines(vectors: np.ndarray) -> np.ndarray:
    """(N, N) of vectors (N, width), without the digits that are rounding."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines: np.ndarray = (unit @ unit.T).round(9)
    return cosines


def _gap(cosines: np.ndarray) -> float:
    """How much closer sentences of one meaning lie than sentences of two."""
    pairs = list(combinations(range(len(cosines)), 2))
    half = len(cosines) // 2
    same = [cosines[i, j] for i, j in pairs if (i < half) == (j < half)]
    other = [cosines[i, j] for i, j in pairs if (i < half) != (j < half)]
    return float(np.mean(same) - np.mean(other))


def _numbers(name: str, words: Sequence[Seen], seed: int) -> dict[str, Number]:
    """Means over the words, with their intervals."""
    above = np.triu_indices(len(words[0].before), 1)
    moved = [1 - float(np.mean([row[-1] for row in word.unfolding])) for word in words]
    return {
        f"{name}_before_gap": mean([_gap(word.before) for word in words], "cosine", seed),
        f"{name}_before_move": mean([1 - word.before[above].mean() for word in words], "1 - cosine", seed),
        f"{name}_after_gap": mean([_gap(word.after) for word in words], "cosine", seed),
        f"{name}_after_move": mean(moved, "1 - cosine", seed),
        f"{name}_after_worst": Number(max(word.worst for word in words), "of the vector's length", n=len(words)),
    }


def _charts(found: Mapping[str, Sequence[Seen]], seed: int) -> list[Chart]:
    """The words' way as sentences unfold, one of them alone, and who follows meaning."""
    known = {name: words for name, words in found.items() if words}
    bars = []
    for side in ("before", "after"):
        gaps = [mean([_gap(getattr(word, side)) for word in words], "", seed) for words in known.values()]
        bars.append(line(f"told {side} the word", gaps))
    one = WORDS[0]
    ways = {name: words[0].unfolding[0] for name, words in known.items()}
    alone = [Line(name, [float(step) for step in range(len(way))], list(way)) for name, way in ways.items()]
    return [
        Chart("A word's vector while its sentence arrives", x="tokens after the word", y="cosine to its earlier self",
              lines=[_way(name, words, seed) for name, words in known.items()]),
        Chart(f"“{one.word}” in “{BEGINNING} {one.word} {one.senses[0].after[0]}”", x="tokens after the word",
              y="cosine to its earlier self", lines=alone),
        Chart("Sentences of one meaning lie closer than those of two, by", "bars", y="cosine", lines=bars,
              ticks=list(known)),
    ]  # fmt: skip


def _way(name: str, words: Sequence[Seen], seed: int) -> Line:
    """The mean cosine of all sentences that have so many tokens after the word."""
    rows = [row for word in words for row in word.unfolding]
    steps = range(min(SHOWN, max(len(row) for row in rows) - 1) + 1)
    means = [mean([row[step] for row in rows if step < len(row)], "", seed) for step in steps]
    return line(name, means)
