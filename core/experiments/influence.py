"""C8: change one token, and see at which places the prediction moves, and by how much."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core import passages
from core.experiments.experiment import Lab, Measurement, named
from core.experiments.intervals import mean, ratio
from core.messages import Chart, Line, Number
from core.models.model import Model
from core.models.nets.parts import attend, split_heads
from core.text.stream import generator
from core.text.tokens import Tokenizer

MODELS = ("bert", "gpt2", "lstm")
KEY = 8
"""Part of the key of this file's random numbers, beside the seed."""


class Windows(NamedTuple):
    """What is read, for every model the same tokens."""

    ids: Tensor
    """(W, n) beginnings of passages."""
    others: Tensor
    """(W, n) what each token is changed into: a token of these passages, never the token itself."""


class Heard(NamedTuple):
    """Of W windows: what token j, when it was changed, did at place i."""

    bits: np.ndarray
    """(W, n, n) [window, i, j]: the largest change of any log-probability; NaN where j was not changed yet."""
    moved: np.ndarray
    """(W, n, n): whether any logit is another number now, to the last bit."""


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """The three maps, what they come to on either side, and how they fall with distance."""
    models = {name: lab.open(name) for name in MODELS}
    count, length = int(knobs["windows"]), int(knobs["tokens"])
    found: dict[str, Heard] = {}
    texts: dict[str, Windows] = {}
    for number, (name, model) in enumerate(models.items()):
        texts[name] = draw(model.tokenizer, count, length, seed)
        found[name] = Heard(np.full((count, length, length), np.nan), np.zeros((count, length, length), bool))
        hidden = reader(model, str(knobs["control"]))

        def grown(step: int, name: str = name, number: int = number) -> None:
            lab.report(number * length + step, len(models) * length, f"{name}, token {step} of {length}")
            lab.show(_charts(found, models, texts))

        listen(model, hidden, texts[name], found[name], grown)
    numbers = {key: value for name in MODELS for key, value in _numbers(name, found[name], seed).items()}
    notes = [
        f"{count} passages that ship with the lab, the first {length} tokens of each, and every token changed once "
        "into another one of theirs. The maps show the first passage, the curves the mean over all.",
        "BERT reads the text as it is, with nothing masked. GPT-2 and the LSTM answer for the token after the place.",
    ]
    return Measurement(numbers, _charts(found, models, texts), {n: named(m) for n, m in models.items()}, notes)


def draw(tokenizer: Tokenizer, count: int, length: int, seed: int) -> Windows:
    """The first `length` tokens of `count` passages."""
    random = generator(seed, KEY)
    texts = [tokens for passage in passages.every() if len(tokens := tokenizer.encode(passage.text).ids) >= length]
    ids = np.array([texts[number][:length] for number in random.permutation(len(texts))[:count]])
    pool, at = np.unique(ids, return_inverse=True)
    at = at.reshape(ids.shape) + random.integers(1, len(pool), size=ids.shape)
    return Windows(torch.from_numpy(ids), torch.from_numpy(pool[at % len(pool)]))


def reader(model: Model, control: str) -> Callable[[Tensor], Tensor]:
    """ids (B, T) -> states (B, T, width) of the model's network, or of the same weights under another mask."""
    net: Any = model.net
    if control == "causal-mask" and net.kind == "masked":
        return lambda ids: net.hidden(ids, causal=True)
    if control == "no-mask" and hasattr(net, "blocks") and net.kind == "causal":
        return lambda ids: _both_sides(net, ids)
    return lambda ids: net.hidden(ids)


def _both_sides(net: Any, ids: Tensor) -> Tensor:
    """What GPT-2 computes when every place may look at every other."""
    x: Tensor = net.words(ids) + net.positions.weight[: ids.shape[1]]
    for block in net.blocks:
        q, k, v = (split_heads(part, block.heads) for part in block.qkv(block.norm_attention(x)).chunk(3, dim=-1))
        x = block.rest(x, attend(q, k, v, None))
    return x


@torch.no_grad()
def listen(
    model: Model, hidden: Callable[[Tensor], Tensor], text: Windows, heard: Heard, grown: Callable[[int], None]
) -> None:
    """Fill `heard`, one changed token after another; `grown` is called with how many there are.

    Every reading has the same shape and a window keeps its row, so that what is computed alike is equal to the bit.
    Inference mode is not used: there BERT gathers equal tokens first, and the shape would follow the text.
    """
    net: Any = model.net
    tokenizer = model.tokenizer
    head = [] if tokenizer.start is None else [tokenizer.start]
    tail = [tokenizer.end] if net.kind == "masked" and tokenizer.end is not None else []
    count, length = text.ids.shape
    ids = torch.cat([torch.tensor(head).repeat(count, 1), text.ids, torch.tensor(tail).repeat(count, 1)], 1).long()
    shown = slice(len(head), len(head) + length)

    def logits(of: Tensor) -> Tensor:
        read: Tensor = net.head(hidden(of.to(model.device))[:, shown].flatten(0, 1))
        return read.view(count, length, -1)

    before = logits(ids)
    known = before.log_softmax(-1)
    for j in range(length):
        changed = ids.clone()
        changed[:, len(head) + j] = text.others[:, j]
        after = logits(changed)
        heard.moved[:, :, j] = (after != before).any(-1).cpu().numpy()
        heard.bits[:, :, j] = ((after.log_softmax(-1) - known).abs().amax(-1) / math.log(2)).cpu().numpy()
        grown(j + 1)


def _numbers(name: str, heard: Heard, seed: int) -> dict[str, Number]:
    """Both sides of a map, as means of each window, and how much of a neighbour's effect is left far away."""
    length = heard.bits.shape[1]
    i, j = np.indices((length, length))
    left, right, near, far = j < i, j > i, i - j == 1, i - j >= length // 2
    cells, share = heard.moved[:, right], f"of a neighbour's effect, {length // 2} or more tokens away"
    return {
        f"{name}_left": mean(heard.bits[:, left].mean(1), "bits", seed),
        f"{name}_right": mean(heard.bits[:, right].mean(1), "bits", seed),
        f"{name}_right_cells": Number(float(cells.sum()), "places that moved", n=cells.size),
        f"{name}_far_share": ratio(heard.bits[:, far].mean(1), heard.bits[:, near].mean(1), share, seed),
    }


def _charts(found: Mapping[str, Heard], models: Mapping[str, Model], texts: Mapping[str, Windows]) -> list[Chart]:
    """A map for each model, as far as it was measured, and all of them by distance."""
    maps = []
    for name, heard in found.items():
        tokens = [models[name].tokenizer.show(token) for token in texts[name].ids[0].tolist()]
        maps.append(
            Chart(
                f"{name}: bits of change at a place (row) by a changed token (column)", "heat",
                x="the token that was changed", y="the place that was asked",
                ticks=tokens, row_ticks=tokens,
                cells=[[None if math.isnan(cell) else cell for cell in row] for row in heard.bits[0].tolist()],
            )
        )  # fmt: skip
    lines = [_by_distance(name, heard.bits.mean(0)) for name, heard in found.items()]
    curves = Chart(
        "How far a change is heard", x="where the token stood: places right of the one asked, negative to the left",
        y="bits", lines=[line for line in lines if line.x],
    )  # fmt: skip
    return [curves, *maps]


def _by_distance(name: str, bits: np.ndarray) -> Line:
    """The mean of a map (n, n) along its diagonals."""
    length = len(bits)
    means = {offset: np.diagonal(bits, offset) for offset in range(1 - length, length)}
    known = {offset: float(some[~np.isnan(some)].mean()) for offset, some in means.items() if not np.isnan(some).all()}
    return Line(name, [float(offset) for offset in known], list(known.values()))
