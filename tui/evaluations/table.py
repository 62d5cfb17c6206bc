"""Evaluations as a person reads them: one table of measures and models, with what may be compared and what may not.

A row is a measure of a set, a column a model. Numbers of masked and of causal models stand in one row only where
they answer the same question: a share of right answers, or a rank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from core.messages import UNIGRAM, Evaluation, Kind, Measure, Outcome, Rate, SetAbout
from tui.results.reading import label

MEASURES = {
    "bits_per_character": "bits per character",
    "nats": "nats per token",
    "perplexity": "perplexity",
    "masked_nats_15": "nats, 15 % masked",
    "masked_top1_15": "top-1, 15 % masked",
    "single_mask_nats": "nats, one mask",
    "single_mask_top1": "top-1, one mask",
    "top1": "top-1, next token",
}
ITEMS = {"text": "characters", "pairs": "pairs", "cloze": "facts"}
SHARED = {"share", "rank"}
"""Units in which masked and causal models answer the same question."""
DETAILS = {"ties"}
"""Measures that only the details show."""
BEST = "*"
LEGEND = (
    "shares in %, with 95 % Wilson intervals, or ± their farther end · * best: its interval meets no other's · "
    "– not measured: perplexity and bits per character exist for causal models only, masked measures for BERT only"
)


@dataclass(frozen=True)
class Column:
    """One model of one evaluation, or the baseline."""

    head: str
    source: str
    """The name of the evaluation."""
    model: str
    kind: Kind | None
    """None for the baseline."""
    outcomes: dict[str, Outcome]
    """By the key of the set."""


@dataclass(frozen=True)
class Cell:
    """One number, or why there is none. `short` is for columns that have no room for an interval."""

    short: str = "–"
    full: str = "–"
    outcome: Outcome | None = None
    rate: Rate | None = None
    best: bool = False


@dataclass(frozen=True)
class Row:
    """One measure of one set under every model; the heading of a set has no cells."""

    about: SetAbout
    label: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Table:
    """Everything that is known, laid out; `notes` are sentences that belong to it."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def table(named: Mapping[str, Evaluation]) -> Table:
    """One evaluation, or several laid over one another, by name. Sets are the same where their files are."""
    letters = dict(zip(named, _letters(len(named)), strict=True))
    columns = tuple(_columns(named, letters))
    rows: list[Row] = []
    for key, about in _sets(named).items():
        rows.append(Row(about, heading(about)))
        rows += _measured(key, about, columns)
    return Table(columns, tuple(rows), tuple(_notes(named, letters, columns)))


def _letters(count: int) -> list[str]:
    return [""] if count == 1 else [ascii_lowercase[at % 26] * (at // 26 + 1) for at in range(count)]


def _key(about: SetAbout) -> str:
    return f"{about.name} {about.sha256}"


def _sets(named: Mapping[str, Evaluation]) -> dict[str, SetAbout]:
    found: dict[str, SetAbout] = {}
    for evaluation in named.values():
        for about in evaluation.sets:
            found.setdefault(_key(about), about)
    return found


def _columns(named: Mapping[str, Evaluation], letters: Mapping[str, str]) -> Iterator[Column]:
    """The models of every evaluation in their order; then the baselines, once where they agree."""
    baselines: list[Column] = []
    for name, evaluation in named.items():
        keys = {about.name: _key(about) for about in evaluation.sets}
        for model, identity in evaluation.models.items():
            head = f"{label(model)} {letters[name]}".strip()
            yield Column(head, name, model, identity.kind, _outcomes(evaluation, model, keys))
        known = _outcomes(evaluation, UNIGRAM, keys)
        for one in baselines:
            if all(one.outcomes.get(key, outcome).measures == outcome.measures for key, outcome in known.items()):
                one.outcomes.update(known)
                break
        else:
            if known:
                head = f"{UNIGRAM} {letters[name] if baselines else ''}".strip()
                baselines.append(Column(head, name, UNIGRAM, None, known))
    yield from baselines


def _outcomes(evaluation: Evaluation, model: str, keys: Mapping[str, str]) -> dict[str, Outcome]:
    return {keys[one.set]: one for one in evaluation.outcomes if one.model == model and one.set in keys}


def heading(about: SetAbout) -> str:
    """A set in a few words: its name, and how much of it was asked."""
    of = f" of {about.items:,}" if about.taken != about.items else ""
    return f"{about.name}: {about.taken:,}{of} {ITEMS[about.kind]}"


def _measured(key: str, about: SetAbout, columns: Sequence[Column]) -> Iterator[Row]:
    """The rows of one set, in the order in which the models name their measures; the baseline only answers."""
    wanted: dict[tuple[str, Kind | None], Measure] = {}
    for column in columns:
        if column.kind is not None and key in column.outcomes:
            for measure in column.outcomes[key].measures:
                if measure.name not in DETAILS:
                    wanted.setdefault((measure.name, None if measure.unit in SHARED else column.kind), measure)
    for (name, kind), measure in wanted.items():
        rival = any(other == name and of != kind for other, of in wanted)
        cells = [_cell(column.outcomes.get(key), name, kind in (None, column.kind) or not column.kind)
                 for column in columns]  # fmt: skip
        more = f" ({kind})" if rival and kind else ""
        yield Row(about, f"{called(measure)}{more}", _marked(cells, columns))


def called(measure: Measure) -> str:
    """What a measure is called on screen."""
    name = MEASURES.get(measure.name) or re.sub(r"\btop(\d)", r"top-\1", measure.name.replace("_", " "))
    if found := re.fullmatch("(left|both) (.+) (single|multi)", name):
        name = f"{found[1]}: {found[2]}, {'1 piece' if found[3] == 'single' else 'pieces'}"
    return f"{name} %" if measure.unit == "share" else name


def _cell(outcome: Outcome | None, name: str, comparable: bool) -> Cell:
    found = [one for one in outcome.measures if one.name == name] if outcome and comparable else []
    if not found or found[0].value is None:
        return Cell(outcome=outcome if found else None)
    measure = found[0]
    if measure.rate is None:
        text = number(measure)
        return Cell(text, text, outcome)
    return Cell(near(measure.rate), interval(measure.rate), outcome, measure.rate)


def number(measure: Measure) -> str:
    """A number without an interval, with as many digits as mean something."""
    value = measure.value
    if value is None:
        return "–"
    if measure.unit == "share":
        return f"{100 * value:.1f}"
    if measure.name in DETAILS or measure.unit == "rank":
        return f"{value:,.4g}" if value < 10_000 else f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def interval(rate: Rate) -> str:
    """A proportion in percent with its whole interval: 65.2 (63.6–66.8)."""
    return f"{100 * rate.value:.1f} ({100 * rate.low:.1f}–{100 * rate.high:.1f})"


def near(rate: Rate) -> str:
    """A proportion in percent with the distance to the farther end of its interval: 65.2 ±1.6."""
    return f"{100 * rate.value:.1f} ±{100 * max(rate.high - rate.value, rate.value - rate.low):.1f}"


def _marked(cells: Sequence[Cell], columns: Sequence[Column]) -> tuple[Cell, ...]:
    """The cells of a row, with the best one marked where its interval meets no other's."""
    rated = [at for at, cell in enumerate(cells) if cell.rate]
    if sum(columns[at].kind is not None for at in rated) < 2:
        return tuple(cells)
    top = max(rated, key=lambda at: _rate(cells[at]).value)
    alone = all(_rate(cells[at]).high < _rate(cells[top]).low for at in rated if at != top)
    return tuple(
        Cell(cell.short, cell.full, cell.outcome, cell.rate, best=True) if alone and at == top else cell
        for at, cell in enumerate(cells)
    )


def _rate(cell: Cell) -> Rate:
    assert cell.rate is not None
    return cell.rate


def _notes(named: Mapping[str, Evaluation], letters: Mapping[str, str], columns: Sequence[Column]) -> Iterator[str]:
    """What must be known besides: which evaluation is which, how each model was asked, what the engine noted."""
    for name, evaluation in named.items():
        missing = "" if evaluation.complete else ", not complete"
        every = ", every pair" if evaluation.everything else ""
        yield f"{letters[name]}: ".removeprefix(": ") + f"{name}, seed {evaluation.seed}{every}{missing}"
    for key, about in _sets(named).items():
        how: dict[str, list[str]] = {}
        for column in columns:
            if (outcome := column.outcomes.get(key)) and outcome.method:
                how.setdefault(outcome.method, []).append(column.head)
        if how:
            yield f"{about.name}: " + "; ".join(f"{', '.join(heads)} {method}" for method, heads in how.items())
    takes: dict[str, dict[str, str]] = {}
    for name, evaluation in named.items():
        for about in evaluation.sets:
            takes.setdefault(_key(about), {})[letters[name]] = f"{about.taken:,} of {about.items:,}"
    for key, taken in takes.items():
        if len(set(taken.values())) > 1:
            yield f"{_sets(named)[key].name} differs: " + ", ".join(f"{one} took {of}" for one, of in taken.items())
    yield from dict.fromkeys(note for evaluation in named.values() for note in evaluation.notes)
