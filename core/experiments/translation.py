"""C4: how many FLOPs two small networks need for a task from sequence to sequence, and what they do beyond it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional as F

from core.claims.translation import GOAL, LONGER, TRAINED
from core.experiments.experiment import Lab, Measurement
from core.experiments.lines import line
from core.experiments.repeats import over
from core.experiments.toy_seq2seq import LETTERS, Recurrent, Transformer, pairs, start
from core.messages import Chart, Line, Number
from core.text.stream import generator

KEY = 4
"""Part of the key of this file's random numbers, beside the seed."""
WIDTH, INNER, TRANSFORMER_WIDTH = 48, 64, 56
RATES = {"lstm": 1e-2, "transformer": 5e-3}
"""Learning rates (Adam), the best of three or four tried for each, on other seeds."""
WARM_UP, LAST_RATE = 50, 0.1
"""Updates until the full rate; the share of it that is left at the end."""
ROWS = 64
CHECKS, CHECKED, TESTED = 24, 40, 200
"""How often accuracy is taken on the way, on how many sequences of each length, and on how many at the end."""
BACK = 3
"""A forward and a backward pass cost three times a forward one (Kaplan et al. 2020, sec. 2.1)."""
TOLD = 5
"""Updates between two reports."""

Net = Recurrent | Transformer
Tell = Callable[[float], None]


@dataclass
class Course:
    """How one network learned: FLOPs spent and the share right, at each check, and in the end by length."""

    flops: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)

    def cost(self) -> float:
        """FLOPs at the first check with GOAL right; where there is none, all that were spent."""
        return next(
            (spent for spent, share in zip(self.flops, self.right, strict=True) if share >= GOAL), self.flops[-1]
        )


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """Both networks with several seeds, in pairs that learn from the same sequences for the same FLOPs."""
    seeds, steps, task, control = int(knobs["seeds"]), int(knobs["steps"]), str(knobs["task"]), str(knobs["control"])
    courses: dict[str, list[Course]] = {"lstm": [], "transformer": []}
    nets: dict[str, Net] = {}
    with one_thread():
        for repeat in range(seeds):
            nets = {
                "lstm": Recurrent(WIDTH, INNER, attention=control != "no-attention"),
                "transformer": Transformer(TRANSFORMER_WIDTH, positions=control != "no-positions"),
            }
            budget = steps * _mean_flops(nets["transformer"])
            for number, (name, net) in enumerate(nets.items()):
                start(net, torch.Generator().manual_seed(int(generator(seed, repeat, KEY).integers(2**62))))
                done = repeat * len(nets) + number

                def tell(share: float, name: str = name, done: int = done, repeat: int = repeat) -> None:
                    note = f"{name}, seed {repeat + 1} of {seeds}"
                    lab.report(int(1000 * (done + share)), 1000 * seeds * len(courses), note)
                    lab.show(_charts(courses))

                courses[name].append(Course())
                learn(net.to(lab.device), courses[name][-1], RATES[name], budget, task, (seed, repeat, KEY), tell)
    described = {name: f"{_size(net):,} parameters, seeds of {seed}, {control=}" for name, net in nets.items()}
    return Measurement(_numbers(courses, nets), _charts(courses), described, _notes(task))


@contextmanager
def one_thread() -> Iterator[None]:
    """Networks this small are slower on several threads, and on one the sums come in the same order everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def learn(net: Net, course: Course, rate: float, budget: float, task: str, key: tuple[int, ...], tell: Tell) -> None:
    """Train `net` until `budget` FLOPs are spent, and write down in `course` how it went."""
    random = generator(*key, 0)
    device = next(net.parameters()).device
    optimizer = torch.optim.Adam(net.parameters(), lr=rate, betas=(0.9, 0.98))
    spent, step = 0.0, 0
    while spent < budget:
        share = spent / budget
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / WARM_UP) * (1 - (1 - LAST_RATE) * share)
        n = int(random.integers(1, TRAINED + 1))
        batch = pairs(torch.from_numpy(random.integers(LETTERS, size=(ROWS, n))).to(device), task)
        loss = F.cross_entropy(net(batch.source, batch.before).flatten(0, 1), batch.target.flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        spent, step = spent + BACK * ROWS * net.flops(n), step + 1
        if step % TOLD == 0:
            tell(min(1, spent / budget))
        if int(CHECKS * spent / budget) > int(CHECKS * share):
            course.flops.append(spent)
            course.right.append(sum(right(net, n, task, CHECKED, key) for n in range(1, TRAINED + 1)) / TRAINED)
    course.lengths = [right(net, n, task, TESTED, key) for n in range(1, LONGER + 1)]


@torch.no_grad()
def right(net: Net, n: int, task: str, count: int, key: tuple[int, ...]) -> float:
    """The share of `count` sequences of `n` letters that are written without an error, the end included.

    Each symbol is asked for behind the right ones before it: writing alone, the likeliest first, goes astray exactly
    where one of these is wrong.
    """
    source = generator(*key, n).integers(LETTERS, size=(count, n))
    asked = pairs(torch.from_numpy(source).to(next(net.parameters()).device), task)
    said = net(asked.source, asked.before).argmax(-1)
    return float((said == asked.target).all(1).float().mean())


def _size(net: Net) -> int:
    return sum(weight.numel() for weight in net.parameters())


def _mean_flops(net: Net) -> float:
    """FLOPs of an update, on average over the lengths."""
    return BACK * ROWS * sum(net.flops(n) for n in range(1, TRAINED + 1)) / TRAINED


def _numbers(courses: Mapping[str, list[Course]], nets: Mapping[str, Net]) -> dict[str, Number]:
    numbers: dict[str, Number] = {}
    known: dict[str, list[float]] = {}
    beyond: dict[str, list[float]] = {}
    for name, runs in courses.items():
        known[name] = [sum(run.lengths[:TRAINED]) / TRAINED for run in runs]
        beyond[name] = [sum(run.lengths[TRAINED:]) / (LONGER - TRAINED) for run in runs]
        numbers |= {
            f"{name}_accuracy": over(known[name], "sequences right", 0, 1),
            f"{name}_longer": over(beyond[name], "sequences right", 0, 1),
            f"{name}_cost": over([run.cost() for run in runs], "FLOPs", 0),
            f"{name}_parameters": Number(_size(nets[name]), "parameters"),
            f"{name}_flops": Number(nets[name].flops(TRAINED), f"FLOPs forward, {TRAINED} letters"),
        }
    for what, values in (("accuracy_gap", known), ("longer_gap", beyond)):
        gaps = [a - b for a, b in zip(values["transformer"], values["lstm"], strict=True)]
        numbers[what] = over(gaps, "sequences right", -1, 1)
    logs = [math.log(a.cost() / b.cost()) for a, b in zip(courses["transformer"], courses["lstm"], strict=True)]
    ratio = over(logs, "")
    value, low, high = (None if x is None else math.exp(x) for x in (ratio.value, ratio.low, ratio.high))
    numbers["cost_ratio"] = Number(value, "times", low, high, ratio.n)
    return numbers


def _charts(courses: Mapping[str, list[Course]]) -> list[Chart]:
    """Accuracy by FLOPs, as far as all seeds got, and by length."""
    spent, length = [], []
    for name, runs in courses.items():
        checks = min((len(run.flops) for run in runs), default=0)
        if checks:
            flops = [sum(run.flops[k] for run in runs) / len(runs) for k in range(checks)]
            spent.append(_line(name, flops, [[run.right[k] for run in runs] for k in range(checks)]))
        if ended := [run for run in runs if run.lengths]:
            letters = [float(n) for n in range(1, LONGER + 1)]
            length.append(_line(name, letters, [[run.lengths[n] for run in ended] for n in range(LONGER)]))
    share = "sequences right"
    return [
        Chart(f"Accuracy at 1 to {TRAINED} letters", "lines", "FLOPs spent on training", share, spent, log_x=True),
        Chart(f"Accuracy by length, trained up to {TRAINED}", "lines", "letters", share, length),
    ]


def _line(name: str, x: list[float], values: list[list[float]]) -> Line:
    return line(name, [over(some, "", 0, 1) for some in values], x)


def _notes(task: str) -> list[str]:
    return [
        f"The task is to {task} letters out of {LETTERS}; of the short sequences most are seen in training, of those "
        f"with {TRAINED} letters hardly one.",
        "FLOPs count the matrix products; a backward pass counts as two forward ones.",
        "'Simpler' is not decided here: both have equal size by design. What grows how with the length is C1.",
    ]
