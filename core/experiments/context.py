"""C6: mask a word, spoil parts of its context, and see how many bits that costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.catalogue import resolve
from core.experiments import negations
from core.experiments.experiment import Lab, Measurement, named
from core.experiments.fresh import fresh
from core.experiments.intervals import mean
from core.experiments.lines import line
from core.experiments.spoiling import NEAR, WAYS, Way, part, spoil
from core.messages import Chart, Line, Number
from core.models.model import Model
from core.sweep import conditions, readings, text, units, windows
from core.sweep.formats import trained_in
from core.sweep.readings import Ask
from core.text.stream import generator

KEY = 6
"""Part of the key of this file's random numbers, beside the seed."""
RADII = (0, 3, 10, 20, 35)
"""Distances beyond which the context is spoiled, besides the knob."""
SIDEWAYS = 8
"""Tokens that a target may stand away from the middle of its window."""
BLOCK = 25
"""Targets between two looks at the charts."""

Condition = tuple[str, Way]
"""A part of the context, and what is done to it."""
Losses = dict[Condition, list[float]]
"""Of every target so far, in bits: log-probability in the whole context minus that in the spoiled one."""


class Target(NamedTuple):
    """A window of tokens and which of them is hidden."""

    number: int
    ids: list[int]
    at: int


class Asker(NamedTuple):
    """How a model is asked for targets."""

    model: Model
    frame: str
    pool: np.ndarray
    """Every token of the text."""
    seed: int

    def bits(self, targets: Sequence[Target], condition: Condition | None = None) -> list[float]:
        """The log-probability of each target, in bits, after `condition` was done to its context."""
        asks = []
        special = readings.special(self.model)
        for number, ids, at in targets:
            shown, where = ids, at
            if condition is not None:
                random = generator(self.seed, KEY, number)
                shown, where = spoil(ids, at, part(condition[0], len(ids), at, random), condition[1], self.pool, random)
            asks.append(Ask(conditions.row(self.frame, shown, where, [], special), ids[at]))
        found = {number: one.logprob for batch in readings.masked(self.model, asks) for number, one in batch}
        return [found[number] / math.log(2) for number in range(len(asks))]


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """The losses of all parts and ways, those of untrained weights, and the negations."""
    model, control, far = lab.open("bert"), str(knobs["control"]), int(knobs["far"])
    untrained = replace(model, net=fresh(model.net, seed))
    if control == "untrained":
        model = untrained
    lab.report(0, 100, "cutting the text")
    found = text.find("", "", "paired")
    targets, pool = draw(model, found, knobs, seed)
    asker = Asker(model, trained_in(resolve("bert"), model.identity.kind), pool, seed)
    whole, losses = _losses(lab, asker, targets, _conditions(far, len(targets[0].ids)))
    numbers = {"whole_context": mean([-bits for bits in whole], "bits", seed), **_numbers(losses, far, seed)}
    lab.report(94, 100, "untrained weights")
    numbers |= _untrained(asker._replace(model=untrained), targets, far)
    lab.report(98, 100, "negations")
    pairs = negations.ask(model, asker.frame)
    numbers["negation_same"] = negations.same(pairs)
    notes = [*found.notes, *_notes(targets, found.name, asker.frame, pairs)]
    return Measurement(numbers, _charts(losses, seed), {"bert": named(model)}, notes)


def draw(
    model: Model, found: text.Text, knobs: Mapping[str, float | str], seed: int
) -> tuple[list[Target], np.ndarray]:
    """A target word near the middle of each window, and all tokens of the text."""
    encoded = units.encode(found.documents, {"bert": model.tokenizer})
    documents = units.documents(found.documents, encoded, "tokens")
    pool = np.concatenate([one.ids["bert"] for one in documents])
    contexts = {"bert": model.identity.context}
    drawn = windows.draw(documents, contexts, int(knobs["tokens"]), int(knobs["targets"]), seed)
    middle = drawn.length // 2
    around = sorted(range(middle - SIDEWAYS, middle + SIDEWAYS + 1), key=lambda place: abs(place - middle))
    targets = []
    for number, window in enumerate(drawn.crops):
        places = (window.place("bert", place) for place in around if 0 < place < drawn.length - 1)
        if (at := next((place for place in places if place is not None), None)) is not None:
            targets.append(Target(number, window.ids("bert"), at))
    if knobs["control"] == "shuffled":
        targets = [_shuffled(one, pool, seed) for one in targets]
    return targets, pool


def _shuffled(target: Target, pool: np.ndarray, seed: int) -> Target:
    """The target in a text whose words were shuffled all together: its neighbours tell nothing of it."""
    ids = generator(seed, KEY, target.number, 1).choice(pool, len(target.ids)).tolist()
    ids[target.at] = target.ids[target.at]
    return target._replace(ids=ids)


def _conditions(far: int, length: int) -> list[Condition]:
    """All parts in all ways, then the controls of their sizes. There is always something beyond `far`."""
    radii = [radius for radius in sorted({*RADII, far}) if radius == far or radius < length // 2]
    parts = ["left", "right", "near", *(f"beyond-{radius}" for radius in radii)]
    controls: list[Condition] = [(f"scattered-{size}", "random") for size in (2 * NEAR, length // 2)]
    return [(name, way) for name in parts for way in WAYS] + controls


def _losses(lab: Lab, asker: Asker, targets: Sequence[Target], todo: Sequence[Condition]) -> tuple[list[float], Losses]:
    """The log-probabilities of the targets in their whole context, and what each condition costs, block by block."""
    whole: list[float] = []
    losses: Losses = {condition: [] for condition in todo}
    for first in range(0, len(targets), BLOCK):
        block = targets[first : first + BLOCK]
        before = asker.bits(block)
        for number, condition in enumerate(todo):
            done = first + len(block) * number / len(todo)
            lab.report(
                1 + round(92 * done / len(targets)),
                100,
                f"spoiling contexts, {' '.join(condition)}, word {first + 1} and on",
            )
            losses[condition] += np.subtract(before, asker.bits(block, condition)).tolist()
        whole += before
        lab.show(_charts(losses, None))
    return whole, losses


def _untrained(asker: Asker, targets: Sequence[Target], far: int) -> dict[str, Number]:
    """The same on weights that learnt nothing: what costs something there is no use of the context."""
    before = asker.bits(targets)
    todo: dict[str, Condition] = {
        "untrained_left_deleted": ("left", "deleted"),
        "untrained_right_deleted": ("right", "deleted"),
        "untrained_far_shuffled": (f"beyond-{far}", "shuffled"),
    }
    return {
        name: mean(np.subtract(before, asker.bits(targets, condition)), "bits", asker.seed)
        for name, condition in todo.items()
    }


def _numbers(losses: Losses, far: int, seed: int) -> dict[str, Number]:
    """The mean loss of each condition; the knob's distance is called far."""
    return {
        f"{'far' if name == f'beyond-{far}' else name.replace('-', '_')}_{way}": mean(some, "bits", seed)
        for (name, way), some in losses.items()
    }


def _charts(losses: Losses, seed: int | None) -> list[Chart]:
    """By distance, and part by part; with intervals where there is a seed for them."""
    radii = sorted(
        int(name.removeprefix("beyond-")) for name, way in losses if name.startswith("beyond") and way == WAYS[0]
    )
    curves = [_line(way, [losses[f"beyond-{radius}", way] for radius in radii], radii, seed) for way in WAYS]
    parts = [condition for condition in losses if not condition[0].startswith("beyond")]
    bars = _line("loss", [losses[condition] for condition in parts], range(len(parts)), seed)
    ticks = [" ".join(condition) for condition in parts]
    return [
        Chart(
            "All words beyond a distance spoiled", x="tokens that stay whole on each side", y="bits lost", lines=curves
        ),
        Chart("Parts of the context spoiled", "bars", y="bits lost", ticks=ticks, lines=[bars]),
    ]


def _line(name: str, losses: Sequence[Sequence[float]], x: Sequence[int], seed: int | None) -> Line:
    if seed is None:
        return Line(name, [*map(float, x)], [float(np.mean(some)) if some else None for some in losses])
    return line(name, [mean(some, "bits", seed) for some in losses], x)


def _notes(targets: Sequence[Target], name: str, frame: str, pairs: Sequence[negations.Pair]) -> list[str]:
    changed = [pair for pair in pairs if pair.plain != pair.negated]
    shown = "; ".join(f"{pair.subject}: {pair.plain}, not: {pair.negated}" for pair in pairs[:6])
    return [
        f"{len(targets)} windows of {len(targets[0].ids)} tokens of {name}, read {frame}; each target is a word of one "
        "token.",
        "Cut or random contexts are off the training distribution: a loss counts for a side only where both ways show "
        f"it. scattered-{2 * NEAR} and scattered-{len(targets[0].ids) // 2} are as many random tokens anywhere, to be "
        "compared with near and with a side.",
        f"The first choice changed in {len(changed)} of {len(pairs)} pairs. {shown}.",
    ]
