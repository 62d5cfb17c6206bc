"""The paired protocol: every position on the same windows, the same target words for every model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from core.messages import Curves, Sweep
from core.models.model import Model
from core.sweep import conditions, readings, slots
from core.sweep.board import Board, Plan
from core.sweep.jobs import Job, jobs
from core.sweep.pace import Pace, Report
from core.sweep.readings import Ask, Line
from core.sweep.scores import Reading
from core.sweep.text import Text
from core.sweep.units import choose, cut_alike, documents, encode
from core.sweep.windows import Drawn, Window, draw

Show = Callable[[Curves], None]
"""Called with a partial result now and then."""


def run(
    models: Mapping[str, Model], formats: Mapping[str, str], request: Sweep, text: Text, report: Report, show: Show
) -> Curves:
    """Sweep. `formats` says in which condition each model was trained. Raises UserError where it cannot be done."""
    return score(models, formats, request, text, report, show).curves(True)


def score(
    models: Mapping[str, Model], formats: Mapping[str, str], request: Sweep, text: Text, report: Report, show: Show
) -> Board:
    """The scores of such a sweep, window by window."""
    report(0, 100, "cutting the text")
    kinds = {name: model.identity.kind for name, model in models.items()}
    known = {name: conditions.possible(kinds[name], readings.special(model)) for name, model in models.items()}
    trained = {name: formats[name] if formats[name] in known[name] else known[name][-1] for name in models}
    named = {name: conditions.named(known[name], request.conditions, trained[name]) for name in models}
    tokenizers = {name: model.tokenizer for name, model in models.items()}
    encoded = encode(text.documents, tokenizers)
    unit = choose(None if request.unit == "auto" else request.unit, cut_alike(encoded))
    contexts = {name: model.identity.context for name, model in models.items()}
    drawn = draw(documents(text.documents, encoded, unit), contexts, request.length, request.windows, request.seed)
    plan = Plan(
        positions=slots.chosen(request.positions, drawn.length),
        unit=unit,
        protocol="paired",
        seed=request.seed,
        length=drawn.length,
        windows=len(drawn.crops),
        text=text.name,
        models={name: model.identity for name, model in models.items()},
        formats=trained,
        notes=[*text.notes, *_notes(request, drawn, unit, named)],
    )
    board = Board(plan, named, {name: readings.stops(model) for name, model in models.items()})
    todo = list(jobs(kinds, named, plan.positions, plan.length, plan.windows))
    pace = Pace(sum(_work(models[job.model], job, drawn) for job in todo), report, lambda: show(board.curves(False)))
    for job in todo:
        _do(models[job.model], job, drawn, board, pace)
    return board


def _notes(request: Sweep, drawn: Drawn, unit: str, named: Mapping[str, Sequence[str]]) -> list[str]:
    """What was not as it was asked for."""
    found = []
    if drawn.length < request.length:
        found.append(
            f"A window has {drawn.length} {unit}, not {request.length}: more would not fit into every model's context, "
            "or the text has no longer passage."
        )
    if len(drawn.crops) < request.windows:
        found.append(f"The text has only {len(drawn.crops)} windows.")
    if any("sentence-end" in conditions for conditions in named.values()):
        found.append(
            f"sentence-end is read on {len(drawn.endings)} windows of its own, all others on the same windows."
        )
    found.append("Targets are words of letters that are one token for every model; other places are passed over.")
    return found


class _Target(NamedTuple):
    """One target of a job: in which window, at which position, at which of the window's tokens."""

    number: int
    window: Window
    position: int
    place: int


def _targets(job: Job, drawn: Drawn) -> list[_Target]:
    windows = drawn.endings if job.condition == "sentence-end" else drawn.crops
    return [
        _Target(number, windows[number], position, place)
        for number in job.windows[: max(0, len(windows) - job.windows.start)]
        for position in job.positions
        if (place := windows[number].place(job.model, position)) is not None
    ]


def _work(model: Model, job: Job, drawn: Drawn) -> float:
    """How long a job takes, but for a factor: tokens times parameters."""
    rows = len(job.windows) if model.identity.kind == "causal" else len(_targets(job, drawn))
    return rows * drawn.length * model.identity.parameters * (0.5 if job.condition == "left-only" else 1.0)


def _do(model: Model, job: Job, drawn: Drawn, board: Board, pace: Pace) -> None:
    """Score what a job asks for."""
    targets = _targets(job, drawn)
    work, note = _work(model, job, drawn) / max(1, len(targets)), f"{job.model} {job.condition}"
    read = _masked if model.identity.kind == "masked" else _causal
    for batch in read(model, job, targets):
        for one, reading in batch:
            board.put(job.model, job.condition, one.number, one.position, reading)
        pace.step(work * len(batch), note)


def _masked(model: Model, job: Job, targets: list[_Target]) -> Iterator[list[tuple[_Target, Reading]]]:
    """One row a target, whatever its window."""
    special = readings.special(model)
    asks = []
    for one in targets:
        ids = one.window.ids(job.model)
        row = conditions.row(job.condition, ids, one.place, one.window.right(job.model), special)
        asks.append(Ask(row, ids[one.place]))
    for batch in readings.masked(model, asks):
        yield [(targets[number], reading) for number, reading in batch]


def _causal(model: Model, job: Job, targets: list[_Target]) -> Iterator[list[tuple[_Target, Reading]]]:
    """One row a window; nothing stands left of a first token, which is passed over."""
    start = model.tokenizer.start
    head = [start] if job.condition == "start" and start is not None else []
    windows: dict[int, list[_Target]] = {}
    for one in targets:
        if head or one.place:
            windows.setdefault(one.number, []).append(one)
    groups = list(windows.values())
    lines = [
        Line([*head, *group[0].window.ids(job.model)], [len(head) + one.place for one in group]) for group in groups
    ]
    for batch in readings.causal(model, lines):
        yield [pair for number, found in batch for pair in zip(groups[number], found, strict=True)]
