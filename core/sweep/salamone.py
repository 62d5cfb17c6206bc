"""The protocol of Luke Salamone's notebook (June 2021), repeated as it was, with its flaws.

Paragraphs of at least `length` tokens in each model's own tokens, [CLS] and [SEP] among them for a masked model; a
window of `length` ids at random; one position at random. A masked model reads the window with that id masked and
nothing around it. A causal one reads the ids left of the position alone; the notebook pads them on the left under a
mask, which gives the same. Position 0 has nothing to the left and is passed over for causal models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.errors import UserError
from core.messages import Curves, Sweep
from core.models.model import Model
from core.sweep import readings, slots
from core.sweep.board import Board, Plan
from core.sweep.conditions import Row
from core.sweep.pace import Pace, Report
from core.sweep.paired import Show
from core.sweep.published import curves as published
from core.sweep.readings import Ask, Line
from core.sweep.scores import Reading
from core.sweep.text import Text
from core.text.stream import generator

KEY = 23
"""Part of the key of this file's random numbers, beside the seed and the number of the model."""

Sample = tuple[list[int], int]
"""A window of ids, and the position in it that is asked."""


def run(models: Mapping[str, Model], request: Sweep, text: Text, report: Report, show: Show) -> Curves:
    """Sweep as the notebook does. Raises UserError for another unit, conditions, or a text without long paragraphs."""
    if request.unit == "words" or request.conditions:
        raise UserError(
            "The protocol salamone2021 has no choice of unit or conditions.",
            why="It counts each model's own tokens and puts nothing around a window.",
        )
    positions = slots.chosen(request.positions, request.length)
    plain = {name: "no-start" if model.identity.kind == "causal" else "bare" for name, model in models.items()}
    plan = Plan(
        positions=positions, unit="tokens", protocol="salamone2021", seed=request.seed, length=request.length,
        windows=request.windows, text=text.name, models={name: model.identity for name, model in models.items()},
        formats=plain, notes=[*text.notes, *_notes(request, models)], published=published(),
    )  # fmt: skip
    board = Board(plan, {name: [plain[name]] for name in models}, {n: readings.stops(m) for n, m in models.items()})
    lines = [line.strip() for document in text.documents for line in document.split("\n")]
    pace = Pace(
        sum(request.windows * model.identity.parameters for model in models.values()),
        report,
        lambda: show(board.curves(False)),
    )
    for number, (name, model) in enumerate(models.items()):
        samples = _samples(model, lines, request, positions, number)
        for index, reading in _read(model, samples, pace, name):
            board.put(name, plain[name], index, samples[index][1], reading)
    return board.curves(True)


def _notes(request: Sweep, models: Mapping[str, Model]) -> list[str]:
    each = request.windows / request.length
    found = [f"Each model reads {request.windows:,} windows of its own, about {each:.0f} at a position."]
    if request.windows < 10_240:
        found.append("The notebook reads 10,240.")
    short = [name for name, model in models.items() if model.identity.context < request.length]
    if short:
        raise UserError(f"{', '.join(short)} cannot read windows of {request.length}.", hint="Give a smaller --length.")
    return found


def _samples(model: Model, lines: Sequence[str], request: Sweep, positions: Sequence[int], number: int) -> list[Sample]:
    """The windows of one model: a paragraph, a start and a position, each uniformly and with replacement."""
    tokenizer = model.tokenizer
    masked = model.identity.kind == "masked"
    start = [tokenizer.start] if masked and tokenizer.start is not None else []
    end = [tokenizer.end] if masked and tokenizer.end is not None else []
    rows = [[*start, *tokenizer.encode(line).ids, *end] for line in lines]
    rows = [row for row in rows if len(row) >= request.length]
    if not rows:
        raise UserError(f"The text has no paragraph of {request.length} tokens.", hint="Give a smaller --length.")
    random = generator(request.seed, KEY, number)
    samples = []
    for _ in range(request.windows):
        row = rows[int(random.integers(len(rows)))]
        room = len(row) - request.length
        first = int(random.integers(room)) if room else 0  # randint(len - 100): the last start is never drawn
        samples.append((row[first : first + request.length], positions[int(random.integers(len(positions)))]))
    return samples


def _read(model: Model, samples: Sequence[Sample], pace: Pace, name: str) -> Iterator[tuple[int, Reading]]:
    """The reading of every sample that can be asked, with its number."""
    size = model.identity.parameters
    if model.identity.kind == "masked":
        mask = readings.special(model).mask
        assert mask is not None
        asks = [Ask(Row([*ids[:at], mask, *ids[at + 1 :]], at), ids[at]) for ids, at in samples]
        for batch in readings.masked(model, asks):
            yield from batch
            pace.step(size * len(batch), name)
        return
    asked = [number for number, (_, at) in enumerate(samples) if at]
    lines = [Line(samples[number][0][: samples[number][1] + 1], [samples[number][1]]) for number in asked]
    for group in readings.causal(model, lines):
        yield from ((asked[number], found[0]) for number, found in group)
        pace.step(size * len(group), name)
