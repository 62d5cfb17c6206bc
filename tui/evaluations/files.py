"""Evaluations as text and files: the table, the details of one cell, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from core.messages import FORMAT, UNIGRAM, Evaluation, Rate
from tui.clean import clean
from tui.evaluations.table import BEST, LEGEND, Cell, Column, Row, Table, called, interval, number, table
from tui.results.reading import inert
from tui.text import cells
from tui.words import duration

GAP = "  "
INDENT = "  "


def lines(laid: Table, room: int | None = None) -> list[str]:
    """The table as aligned lines of at most `room` cells where that can be: whole intervals where they fit,
    and where not all models do, the rest of them below."""
    if not laid.rows:
        return ["Nothing is measured yet.", *map(clean, laid.notes)]
    full = list(_grid(laid, laid.columns, short=False))
    if room is None or max(map(cells, full), default=0) <= room:
        found = full
    else:
        found, columns = [], list(laid.columns)
        while columns:
            count = next((n for n in range(len(columns), 1, -1) if _width(laid, columns[:n]) <= room), 1)
            found += [*([""] if found else []), *_grid(laid, columns[:count], short=True)]
            del columns[:count]
    return [line.rstrip() for line in [*found, "", *map(clean, laid.notes), LEGEND]]


def _width(laid: Table, columns: Sequence[Column]) -> int:
    return max(map(cells, _grid(laid, columns, short=True)))


def _grid(laid: Table, columns: Sequence[Column], *, short: bool) -> Iterator[str]:
    at = [laid.columns.index(column) for column in columns]
    texts = [["", *(clean(column.head) + " " for column in columns)]]
    for row in laid.rows:
        label = INDENT * bool(row.cells) + clean(row.label)
        texts.append([label, *(said(row.cells[place], short) for place in at if row.cells)])
    widths = [max(map(cells, column)) for column in zip(*(text for text in texts if len(text) > 1), strict=True)]
    for first, *rest in texts:
        padded = [" " * (width - cells(text)) + text for text, width in zip(rest, widths[1:], strict=False)]
        yield GAP.join([first + " " * (widths[0] - cells(first)), *padded])


def said(cell: Cell, short: bool) -> str:
    """A cell, with the mark of the best, or a blank in its place so that the numbers stand below one another."""
    return (cell.short if short else cell.full) + (BEST if cell.best else " ")


def about(laid: Table, row: Row, column: Column) -> str:
    """One cell in one line: which model, how it was asked, the number whole."""
    cell = row.cells[laid.columns.index(column)]
    parts = [row.about.name, column.head, row.label]
    if cell.outcome is None:
        return clean(" · ".join([*parts, "not measured"]))
    n = f" of {cell.rate.n:,}" if cell.rate else ""
    return clean(" · ".join([*parts, f"{cell.full}{n}", cell.outcome.method]))


def details(named: Mapping[str, Evaluation], row: Row, column: Column) -> list[str]:
    """Everything about one model on one set: who, how, all measures, and the shares group by group, best first."""
    evaluation, key = named[column.source], f"{row.about.name} {row.about.sha256}"
    found = [f"{row.about.path}, SHA-256 {row.about.sha256[:12]}", f"{column.head}: {_who(evaluation, column.model)}"]
    if (outcome := column.outcomes.get(key)) is None:
        return [clean(line) for line in [*found, "", "Not measured."]]
    took = f", {duration(outcome.seconds)}" if outcome.seconds else ""
    found += [f"{outcome.method}{took}, seed {evaluation.seed}", ""]
    for measure in outcome.measures:
        value = interval(measure.rate) if measure.rate else number(measure)
        found.append(f"{called(measure):<28} {value:>18}  n {measure.n:,}")
    if outcome.groups:
        found += ["", *_groups(outcome.groups)]
    return [clean(line) for line in found]


def _who(evaluation: Evaluation, model: str) -> str:
    if model == UNIGRAM:
        return "how frequent each token is, and nothing else"
    one = evaluation.models[model]
    return (
        f"{one.kind} {one.architecture}, {one.parameters:,} parameters, {one.source}, {one.revision}, "
        f"{one.device} {one.dtype}"
    )


def _groups(groups: Mapping[str, Rate]) -> Iterator[str]:
    width = max(map(cells, groups))
    for name, rate in sorted(groups.items(), key=lambda item: -item[1].value):
        yield f"{name}{' ' * (width - cells(name))}  {interval(rate):>18}  n {rate.n:,}"


def as_text(named: Mapping[str, Evaluation]) -> str:
    """The table for the clipboard; empty when there is nothing."""
    return "\n".join(lines(table(named))) + "\n" if named else ""


def as_json(named: Mapping[str, Evaluation]) -> str:
    """One evaluation as `lookboth eval --json` prints it; of several, each under its name."""
    one = next(iter(named.values())) if len(named) == 1 else {"version": FORMAT, "evaluations": dict(named)}
    return msgspec.json.format(msgspec.json.encode(one)).decode() + "\n"


def as_csv(named: Mapping[str, Evaluation]) -> str:
    """One row a number: the measures, then the groups that `accuracy` is made of."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["evaluation", "set", "model", "revision", "kind", "method", "measure", "group", "unit", "value", "low",
         "high", "n"]
    )  # fmt: skip
    for name, evaluation in named.items():
        for outcome in evaluation.outcomes:
            who = evaluation.models.get(outcome.model)
            start = [inert(name), inert(outcome.set), inert(outcome.model), who.revision if who else "",
                     who.kind if who else "", inert(outcome.method)]  # fmt: skip
            for one in outcome.measures:
                ends = [one.rate.low, one.rate.high] if one.rate else ["", ""]
                value = "" if one.value is None else one.value
                writer.writerow([*start, one.name, "", one.unit, value, *ends, one.n])
            for group, rate in outcome.groups.items():
                writer.writerow([*start, "accuracy", inert(group), "share", rate.value, rate.low, rate.high, rate.n])
    return out.getvalue()
