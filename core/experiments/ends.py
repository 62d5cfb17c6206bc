"""C7: a sweep over the ends and the middle of windows, and what the fall at the end is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.catalogue import resolve
from core.experiments.experiment import Lab, Measurement, Report, named
from core.experiments.fresh import fresh
from core.experiments.lines import line
from core.messages import Chart, Curves, Line, Number, Sweep
from core.rates import wilson
from core.sweep import paired, text
from core.sweep.board import RESAMPLES, Board
from core.sweep.formats import trained_in
from core.sweep.scores import Scores
from core.sweep.waterfall import resamples
from core.text.stream import generator

KEY = 7
"""Part of the key of this file's random numbers, beside the seed."""
CAUSAL = 4
"""Times as many windows for causal models: one pass over a window answers for all its positions."""
ENDS, AROUND = (0, 2, -3, -1), (0.3, 0.5, 0.7)
"""Positions at which a masked model is asked, and others as shares of the window."""
EARLY = range(1, 6)
"""Where a causal model has little context yet; at 0 it has none."""
STEPS = 8
"""Positions of a causal model between its first and its last."""
MASKED_SHARE = 80
"""Percent of the time that the masked model takes."""


class Sample(NamedTuple):
    """A mean over targets or a difference of two: its value, and the same in every resample of the windows."""

    value: float
    resampled: np.ndarray
    n: int
    """Targets behind it, the fewer where it is a difference; 0 where there is no value."""

    def less(self, other: Sample) -> Sample:
        """How much higher this one is, on the same resamples."""
        return Sample(self.value - other.value, self.resampled - other.resampled, min(self.n, other.n))

    def number(self, unit: str) -> Number:
        """With its 95 % interval (percentile bootstrap); in hundredths where `unit` is points."""
        if not self.n:
            return Number(None, unit, n=0)
        factor = 100 if unit == "points" else 1
        low, high = np.nanpercentile(self.resampled, [2.5, 97.5])
        return Number(factor * self.value, unit, factor * float(low), factor * float(high), self.n)


class Places(NamedTuple):
    """Share of hits and mean log-probability in bits at some positions of one series."""

    hits: Sample
    bits: Sample

    def less(self, other: Places) -> Places:
        """Both differences."""
        return Places(self.hits.less(other.hits), self.bits.less(other.bits))

    def both(self, name: str, accuracy: str) -> dict[str, Number]:
        """A difference in bits under `name`, and in points under `accuracy`."""
        return {name: self.bits.number("bits"), accuracy: self.hits.number("points")}


class Resampled(NamedTuple):
    """The scores of a sweep, and how often each of its windows is drawn in each resample (N, windows)."""

    board: Board
    draws: np.ndarray

    def at(self, key: tuple[str, str], positions: Sequence[int]) -> Places:
        """What one series has at `positions`, as far as these were asked."""
        scores, known = self.board.scores[key], self.board.plan.positions
        columns = [known.index(place) for place in positions if place in known]
        hits, nats = scores.first[:, columns], scores.logprob[:, columns]
        return Places(_mean(hits, self.draws), _mean(nats / math.log(2), self.draws))


def measure(lab: Lab, knobs: Mapping[str, float | str], seed: int) -> Measurement:
    """Curves of the three models, the falls and rises on them, and the two parts of BERT's fall."""
    control = str(knobs["control"])
    models = {name: lab.open(name) for name in ("bert", "gpt2", "lstm")}
    if control == "untrained":
        models = {name: replace(model, net=fresh(model.net, seed)) for name, model in models.items()}
    found = text.find("", "", "paired")
    length, count = int(knobs["tokens"]), int(knobs["windows"])
    inner = (round(length * share) for share in AROUND)
    asked = Sweep(id=0, models=[], length=length, windows=count, positions=[*ENDS, *inner], seed=seed,
                  conditions=["bare", "framed"])  # fmt: skip
    outer = (length * step // STEPS for step in range(1, STEPS))
    many = Sweep(id=0, models=[], length=length, windows=CAUSAL * count, positions=[*EARLY, *outer, *ENDS], seed=seed,
                 conditions=["start"])  # fmt: skip
    boards: list[Board] = []
    for request, names in ((asked, ["bert"]), (many, ["gpt2", "lstm"])):
        chosen = {name: models[name] for name in names}
        formats = {name: trained_in(resolve(name), model.identity.kind) for name, model in chosen.items()}
        before = [board.curves(False) for board in boards]

        def show(part: Curves, before: Sequence[Curves] = tuple(before)) -> None:
            lab.show([_by_position([*before, part])])

        start, end = (MASKED_SHARE, 100) if boards else (0, MASKED_SHARE)
        boards.append(paired.score(chosen, formats, request, found, _from_to(lab.report, start, end), show))
    if control == "shuffled-positions":
        for board in boards:
            _shuffle(board, seed)
    masked, causal = (Resampled(board, resamples(board.plan.windows, RESAMPLES, seed)) for board in boards)
    numbers = {**_of_bert(masked), **_of_causal(causal, "gpt2"), **_of_causal(causal, "lstm")}
    notes = [*dict.fromkeys(note for board in boards for note in board.plan.notes), *_notes(boards)]
    curves = [board.curves(True) for board in boards]
    charts = [_by_position(curves), _parts(numbers)]
    return Measurement(numbers, charts, {name: named(model) for name, model in models.items()}, notes)


def _from_to(report: Report, start: int, end: int) -> Report:
    """Percents of a part as percents of the whole."""

    def told(done: int, total: int, note: str) -> None:
        report(start + (end - start) * done // total, 100, note)

    return told


def _shuffle(board: Board, seed: int) -> None:
    """Let every window's readings change places, the same way in every condition: no position is special any more."""
    plan = board.plan
    order = generator(seed, KEY).permuted(np.tile(np.arange(len(plan.positions)), (plan.windows, 1)), axis=1)
    for scores in board.scores.values():
        for name in ("logprob", "first", "among5", "stop"):
            setattr(scores, name, np.take_along_axis(getattr(scores, name), order, axis=1))


def _mean(values: np.ndarray, draws: np.ndarray) -> Sample:
    """Of all targets in `values` (windows, positions); windows are drawn whole."""
    sums, counts = np.nansum(values, axis=1), (~np.isnan(values)).sum(axis=1)
    with np.errstate(invalid="ignore"):  # where there is no target there is no mean
        return Sample(float(np.divide(sums.sum(), counts.sum())), (draws @ sums) / (draws @ counts), int(counts.sum()))


def _of_bert(swept: Resampled) -> dict[str, Number]:
    """The fall as it is measured on bare windows, the fall in the training format, and the difference of the two."""
    plan, last = swept.board.plan, swept.board.plan.length - 1
    numbers: dict[str, Number] = {}
    falls: list[Places] = []
    for label, condition in (("bare", "bare"), ("trained", plan.formats["bert"])):
        key = "bert", condition
        at_first, between, at_last = (swept.at(key, where) for where in ([0], plan.middle, [last]))
        falls.append(between.less(at_last))
        numbers |= {
            f"bert_{label}_first": at_first.hits.number("share"),
            f"bert_{label}_middle": between.hits.number("share"),
            f"bert_{label}_last": at_last.hits.number("share"),
            f"bert_{label}_says_stop_last": _stops(swept.board.scores[key], plan.positions.index(last)),
            f"bert_{label}_fall_to_first": between.less(at_first).bits.number("bits"),
        }
    bare, trained = falls
    return {
        **bare.both("fall", "accuracy_fall"),
        **trained.both("information", "accuracy_information"),
        **bare.less(trained).both("artefact", "accuracy_artefact"),
        **numbers,
    }


def _stops(scores: Scores, column: int) -> Number:
    """How often a full stop is the first choice, where no target is one."""
    said = scores.stop[:, column]
    said = said[~np.isnan(said)]
    if not len(said):
        return Number(None, "share", n=0)
    return Number(float(said.mean()), "share", *wilson(float(said.sum()), len(said)), n=len(said))


def _of_causal(swept: Resampled, name: str) -> dict[str, Number]:
    """What a model of the left side gains with context, and whether it loses anything at the last position."""
    plan = swept.board.plan
    key = name, plan.formats[name]
    early, between, at_last = (swept.at(key, where) for where in (EARLY, plan.middle, [plan.length - 1]))
    return {
        **between.less(early).both(f"{name}_rise", f"{name}_accuracy_rise"),
        **between.less(at_last).both(f"{name}_fall", f"{name}_accuracy_fall"),
        f"{name}_early": early.hits.number("share"),
        f"{name}_middle": between.hits.number("share"),
        f"{name}_last": at_last.hits.number("share"),
    }


def _by_position(sweeps: Sequence[Curves]) -> Chart:
    """Accuracy in percent, where something was asked."""
    lines = []
    for found in sweeps:
        for one in found.series.values():
            at = [number for number, n in enumerate(one.n) if n]
            y, low, high = ([_percent(values[number]) for number in at] for values in (one.accuracy, one.low, one.high))
            label = f"{one.model} ({one.condition})"
            lines.append(Line(label, [float(found.positions[number]) for number in at], y, low, high))
    return Chart("Accuracy by position", x="position in the window", y="% right", lines=lines)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _parts(numbers: Mapping[str, Number]) -> Chart:
    """The waterfall of BERT, and how the others fare, as bars."""
    bars = {"BERT's fall, bare": "fall", "information": "information", "artefact": "artefact",
            "BERT's fall to the first, bare": "bert_bare_fall_to_first", "GPT-2's fall": "gpt2_fall",
            "LSTM's fall": "lstm_fall"}  # fmt: skip
    lost = line("bits", [numbers[name] for name in bars.values()])
    return Chart("From the middle to an end", "bars", y="bits lost", ticks=[*bars], lines=[lost])


def _notes(boards: Sequence[Board]) -> list[str]:
    masked, causal = (board.plan for board in boards)
    return [
        f"{masked.windows} windows of {masked.length} tokens of {masked.text} for BERT, {causal.windows} for the rest.",
        f"BERT was trained {masked.formats['bert']}; its middle is from {masked.middle[0]} to {masked.middle[-1]}.",
        "GPT-2 and the LSTM read only what is left of a place: that they hold at the last position is so by "
        "construction, and their height cannot be compared with BERT's, which knows the right side.",
        "`lookboth sweep` asks at every position and in more formats.",
    ]
