"""C2: parameters of both, the gradient that arrives from afar, and recall at a lag with equal parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

from core.claims.size import USUAL, chart, even, feed_forward, sizes
from core.experiments.blocks import TransformerStack, weights
from core.experiments.experiment import Lab, Measurement
from core.experiments.lines import line
from core.experiments.recall import SYMBOLS, accuracy, fresh, learn, reach
from core.experiments.repeats import over
from core.experiments.threads import threads
from core.messages import Chart, Line, Number

FAMILIES = ("LSTM", "Transformer")
STAGES = ("untrained", "trained")
REPORT_STEPS = 10
TINY = 1e-30
"""What a gradient that vanished altogether counts as: a logarithm needs more than 0."""


@dataclass
class Learned:
    """What was seen of the networks so far, each list by seed."""

    right: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    """By family and lag: the share of right answers."""
    reaches: dict[tuple[str, str], list[list[float]]] = field(default_factory=dict)
    """By family and stage: gradient norms by distance, at the longest lag."""


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """Count, then train a network of each family for each lag and seed, on the CPU."""
    ratio = feed_forward(knobs)
    width, layers, net_width = (int(knobs[name]) for name in ("width", "layers", "net_width"))
    longest, seeds = int(knobs["longest"]), int(knobs["seeds"])
    counted = _counted(width, ratio, layers)
    lags = sorted({max(1, longest // part) for part in (16, 4, 1)})
    with threads(1):
        learned = _learned(lab, net_width, lags, int(knobs["steps"]), range(seed, seed + seeds), width)
    numbers = counted | _recalled(learned, lags) | _reached(learned)
    equal = {family: weights(fresh(family, net_width, 1, seed)) for family in FAMILIES}
    numbers |= {f"{family.lower()}_trained_parameters": Number(count, "weights") for family, count in equal.items()}
    return Measurement(
        numbers,
        _charts(learned, width),
        {
            family: f"1 layer of width {net_width}, {count:,} weights, {seeds} seeds from {seed}"
            for family, count in equal.items()
        },
        [
            f"Counted with a feed-forward part {ratio:g} times as wide as the vectors; the networks that were trained "
            "have one twice as wide, which makes both equal.",
            f"A guess among {SYMBOLS} symbols is right in {100 / SYMBOLS:.1f} % of the rows.",
            "These small networks are trained on one thread of the CPU, whatever the device.",
        ],
    )


def _counted(width: int, ratio: float, layers: int) -> dict[str, Number]:
    """The sizes, from the modules themselves; `sizes` is the formula of the same."""
    with torch.device("meta"):
        lstm = weights(nn.LSTM(width, width, layers))
        transformer = sum(weights(block) for block in TransformerStack(width, layers, ratio).blocks)
    usual = sizes(width, USUAL, layers)
    return {
        "lstm_parameters": Number(lstm, "weights"),
        "transformer_parameters": Number(transformer, "weights"),
        "lstm_over_transformer": Number(lstm / transformer, "times"),
        "lstm_over_transformer_usual": Number(usual.lstm / usual.transformer, "times"),
        "equal_at_feed_forward": Number(even(width), "widths"),
    }


def _learned(lab: Lab, width: int, lags: list[int], steps: int, seeds: range, counted: int) -> Learned:
    learned = Learned({(family, lag): [] for family in FAMILIES for lag in lags})
    total, done = steps * sum(lags) * len(seeds) * len(FAMILIES), 0
    for seed in seeds:
        for lag in lags:
            for family in FAMILIES:
                net = fresh(family, width, 1, seed)

                def after(step: int, lag: int = lag, family: str = family, begun: int = done) -> None:
                    if step % REPORT_STEPS == 0:
                        lab.report(begun + step * lag, total, f"{family}, lag {lag}, step {step}")

                for stage in STAGES:
                    if stage == "trained":
                        learn(net, lag, steps, seed, after)
                    if lag == lags[-1]:
                        learned.reaches.setdefault((family, stage), []).append(reach(net, lag, seed))
                learned.right[family, lag].append(accuracy(net, lag, seed))
                done += steps * lag
                lab.show(_charts(learned, counted))
    return learned


def _recalled(learned: Learned, lags: list[int]) -> dict[str, Number]:
    numbers = {
        f"{family.lower()}_recall_{lag}": over(values, "of the answers right", 0, 1)
        for (family, lag), values in learned.right.items()
    }
    pairs = zip(*(learned.right[family, lags[-1]] for family in FAMILIES), strict=True)
    gaps = [transformer - lstm for lstm, transformer in pairs]
    return numbers | {"recall_gap": over(gaps, "Transformer's share less LSTM's", -1, 1)}


def _reached(learned: Learned) -> dict[str, Number]:
    """How much of the gradient one symbol before the asked one arrives at the first one, as a power of ten."""
    return {
        f"{family.lower()}_gradient_{stage}": over(
            [math.log10(max(norms[-1], TINY) / max(norms[1], TINY)) for norms in both], "log10 of farthest / next"
        )
        for (family, stage), both in learned.reaches.items()
    }


def _charts(learned: Learned, width: int) -> list[Chart]:
    return [
        chart(width),
        Chart(
            title="Recall with equal parameters", x="lag in symbols", y="share of answers right",
            lines=[_recall_line(learned, family) for family in FAMILIES], log_x=True,
        ),
        Chart(
            title="Gradient of the answer by distance", x="symbols before the answer", y="|dL/dx|",
            lines=[
                Line(f"{family}, {stage}", [float(k) for k in range(len(both[0]))],
                     [math.exp(sum(math.log(max(n, TINY)) for n in norms) / len(norms))
                      for norms in zip(*both, strict=True)])
                for (family, stage), both in learned.reaches.items()
            ],
            log_y=True,
        ),
    ]  # fmt: skip


def _recall_line(learned: Learned, family: str) -> Line:
    said = {lag: over(values, "", 0, 1) for (name, lag), values in learned.right.items() if name == family and values}
    return line(family, list(said.values()), said)
