"""C1: milliseconds a token of a matched LSTM and Transformer, measured in turns."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from core.claims.speed import ONE_BY_ONE, TASKS, cell
from core.experiments.blocks import LstmStack, TransformerStack, weights
from core.experiments.experiment import Lab, Measurement
from core.experiments.threads import threads
from core.messages import Chart, Line, Number

Stack = LstmStack | TransformerStack
Name = Literal["LSTM", "Transformer"]
NAMES: tuple[Name, ...] = ("LSTM", "Transformer")
SHORTEST = 128
"""Tokens. On shorter texts a step is mostly what torch does before it begins, which differs between processes."""
LEAST_SECONDS = 0.01
"""What is over sooner is measured several times in a row."""
TITLES = {"train": "Training step", "encode": "Encoding a known text", "generate": "Generating the next token"}


class Place(NamedTuple):
    """What is timed: one thing a network does, at one length."""

    task: str
    length: int


Times = dict[Place, dict[Name, list[float]]]
"""Milliseconds a token; both networks in the same order of rounds."""


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """Time both networks in turns, at lengths that double. The ratio is that of two times of the same round."""
    width, layers, rows = (int(knobs[name]) for name in ("width", "layers", "rows"))
    with torch.random.fork_rng(), threads(int(knobs["threads"])):
        torch.manual_seed(seed)
        nets: dict[Name, Stack] = {
            "LSTM": LstmStack(width, layers).to(lab.device),
            "Transformer": TransformerStack(width, layers, one_by_one=knobs["control"] == ONE_BY_ONE).to(lab.device),
        }
        used = torch.get_num_threads()
        times = _timed(lab, nets, rows, _lengths(int(knobs["longest"])), int(knobs["repeats"]))
    numbers = {f"{name.lower()}_parameters": Number(weights(net), "weights") for name, net in nets.items()}
    for place, both in times.items():
        numbers[cell(*place)] = Number(*_ratio(both), n=len(both["LSTM"]))
    for task in TASKS:
        numbers[f"{task}_crossing"] = _crossing(numbers, task, [place.length for place in times if place.task == task])
    numbers["threads"] = Number(used, "threads")
    where = f"{used} of {os.cpu_count()} threads of the CPU" if lab.device.type == "cpu" else f"the {lab.device}"
    return Measurement(
        numbers,
        _charts(times, width),
        {
            name: f"{layers} layers of width {width}, {weights(net):,} weights, seed {seed}"
            for name, net in nets.items()
        },
        [
            f"Measured on {where}, {rows} texts at a time, the networks in turns.",
            f"Within a layer, attention does less work than an LSTM while the text is shorter than the width: {width}.",
            "Embedding, output and optimizer cost both networks the same and are left out.",
        ],
    )


def _lengths(longest: int) -> list[int]:
    return [*(SHORTEST * 2**power for power in range(math.ceil(math.log2(longest / SHORTEST)))), longest]


def _timed(lab: Lab, nets: dict[Name, Stack], rows: int, lengths: list[int], repeats: int) -> Times:
    clock = _clock(lab.device)
    places = [Place(task, length) for length in lengths for task in TASKS]
    times: Times = {place: {name: [] for name in NAMES} for place in places}
    loops: dict[tuple[Place, Name], int] = {}
    for turn in range(repeats + 1):
        for done, place in enumerate(places):
            for name in NAMES if turn % 2 else NAMES[::-1]:
                lab.report(
                    turn * len(places) + done, (repeats + 1) * len(places), f"{place.task}, {place.length} tokens"
                )
                work = _work(nets[name], place, rows, lab.device)
                if not turn:  # warms up, and tells how often it must be done
                    loops[place, name] = _loops(clock, work)
                    continue
                if loops[place, name] > 1:
                    work()  # what the other network left in the caches is no part of its time
                seconds = _took(clock, work, loops[place, name]) / loops[place, name]
                tokens = rows * (1 if place.task == "generate" else place.length)
                times[place][name].append(1000 * seconds / tokens)
        if turn:
            lab.show(_charts(times, nets["LSTM"].width))
    return times


def _work(net: Stack, place: Place, rows: int, device: torch.device) -> Callable[[], object]:
    """The thing to time, with everything it needs at hand."""
    if place.task == "generate":
        return partial(_generate, net, torch.randn(rows, 1, net.width, device=device), net.past(rows, place.length))
    x = torch.randn(rows, place.length, net.width, device=device)
    return partial(_train, net, x) if place.task == "train" else partial(_encode, net, x)


def _train(net: Stack, x: Tensor) -> None:
    """Forward and backward; the optimizer's part is the same for both, and grows with the weights alone."""
    net.zero_grad(set_to_none=True)
    net(x).square().mean().backward()


@torch.inference_mode()
def _encode(net: Stack, x: Tensor) -> Tensor:
    read: Tensor = net(x)
    return read


@torch.inference_mode()
def _generate(net: Stack, x: Tensor, past: object) -> Tensor:
    said: Tensor = net.step(x, past)  # type: ignore[arg-type]  # the past is one that this net made
    return said


def _loops(clock: Callable[[], float], work: Callable[[], object]) -> int:
    """Repetitions that together take long enough to be measured: doubled until they do, as the first are slow."""
    work()
    loops = 1
    while _took(clock, work, loops) < LEAST_SECONDS:
        loops *= 2
    return loops


def _took(clock: Callable[[], float], work: Callable[[], object], loops: int) -> float:
    begun = clock()
    for _ in range(loops):
        work()
    return clock() - begun


def _clock(device: torch.device) -> Callable[[], float]:
    """The processor's time where one thread computes, so that other programs hardly count; else that on the wall."""
    if device.type == "cpu":
        return time.thread_time if torch.get_num_threads() == 1 else time.perf_counter

    def waited() -> float:
        torch.accelerator.synchronize(device)
        return time.perf_counter()

    return waited


# --- what comes of the times -------------------------------------------------------------------------------


def middle(values: Sequence[float]) -> tuple[float, float, float]:
    """The median and its 95 % interval from order statistics, which holds for any distribution; needs 6 values."""
    ordered, n = sorted(values), len(values)
    outside, skipped = 2 * 0.5**n, 0
    while outside + 2 * math.comb(n, skipped + 1) * 0.5**n <= 0.05:
        skipped += 1
        outside += 2 * math.comb(n, skipped) * 0.5**n
    return median(ordered), ordered[skipped], ordered[n - 1 - skipped]


def _ratio(both: Mapping[Name, Sequence[float]]) -> tuple[float, str, float, float]:
    pairs = zip(both["LSTM"], both["Transformer"], strict=True)
    value, low, high = middle([lstm / transformer for lstm, transformer in pairs])
    return value, "LSTM's time / Transformer's", low, high


def crossing(lengths: Sequence[int], ratios: Sequence[float]) -> float | None:
    """The first length at which a ratio falls to 1, on a straight line between logarithms; None where it never does."""
    for (n, above), (m, below) in pairwise(zip(lengths, ratios, strict=True)):
        if above > 1 >= below:
            return math.exp(math.log(n) + math.log(m / n) * math.log(above) / math.log(above / below))
    return None


def _crossing(numbers: Mapping[str, Number], task: str, lengths: Sequence[int]) -> Number:
    cells = [numbers[cell(task, length)] for length in lengths]
    value, low, high = (
        crossing(lengths, [float(getattr(number, end) or 0) for number in cells]) for end in ("value", "low", "high")
    )
    return Number(value, "tokens", low if value else None, high if value else None, cells[0].n)


def _charts(times: Times, width: int) -> list[Chart]:
    return [
        Chart(
            title=f"{TITLES[task]} (n = d at {width})", x="tokens in the text", y="ms per token",
            lines=[_line(times, task, name) for name in NAMES], log_x=True, log_y=True,
        )
        for task in TASKS
    ]  # fmt: skip


def _line(times: Times, task: str, name: Name) -> Line:
    said = {place.length: both[name] for place, both in times.items() if place.task == task and len(both[name]) > 0}
    parts = [middle(values) for values in said.values()]
    return Line(
        name, [float(n) for n in said], [part[0] for part in parts], [part[1] for part in parts],
        [part[2] for part in parts],
    )  # fmt: skip
