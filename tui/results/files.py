"""A comparison as a person takes it away: a table for the clipboard, JSON, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import msgspec

from core.messages import PAGE, Comparison, Pages, WordScore, raw
from tui.clean import clean
from tui.results.reading import first, identity, inert, label, number, place, saw, sees_as, token, totals

FIELDS = ("surprisal_bits", "rank", "entropy_bits", "saw", "pieces", "says", "says_prob", "mark")
"""What a CSV file has of every word under every model."""


def as_table(comparison: Comparison) -> str:
    """The comparison as plain text, for the clipboard."""
    names = list(comparison.models)
    lines = [comparison.text, ""]
    for name in names:
        method = comparison.models[name]
        start = f", first token: {method.first_token}" if method.first_token != "none" else ""
        lines.append(f"{label(name)} {saw(sees_as(method))}: {method.method}{start}; {identity(method)}")
    lines.append("")
    heads = [f"{label(name)} bits  rank  says" for name in names]
    rows = [["word", *heads]]
    for word in comparison.words:
        cells = [clean(word.text.replace("\n", "␊"))]
        for name in names:
            cells.append(_cell(word.scores.get(name)))
        rows.append(cells)
    rows.append(["total", *map(str, totals(comparison).values())])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *comparison.notes]) + "\n"


def _cell(score: WordScore | None) -> str:
    if score is None:
        return "–"
    says = first(score)
    mark = f"  {score.mark}" if score.mark else ""
    return f"{number(score.surprisal_bits):>5} {place(score.rank):>6}  {token(says.text) if says else ''}{mark}"


def as_json(value: msgspec.Struct) -> str:
    """A result as a file that the headless verbs would write too. The words of a long text are a line a page."""
    if not isinstance(value, Comparison) or not value.words:
        return _formatted(value)
    words = value.words
    if isinstance(words, Pages):
        pages = words.raw
    elif len(words) > PAGE:
        pages = [raw(words[at : at + PAGE]) for at in range(0, len(words), PAGE)]
    else:
        return _formatted(value)
    before, empty, after = _formatted(msgspec.structs.replace(value, words=[])).partition('\n  "words": []')
    lines = ",\n".join(page[1:-1].decode() for page in pages)
    return f"{before}{empty[:-1]}\n{lines}\n  ]{after}"


def _formatted(value: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"


def as_csv(comparison: Comparison, gains: Mapping[str, Sequence[float | None]] | None = None) -> str:
    """One row a word. Cells that a spreadsheet would run as a formula get an apostrophe.

    `gains`: what each masked model gained from the right side, by word.
    """
    names, gains = list(comparison.models), gains or {}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["word", "start", "end", "joined", *(f"{name}.{field}" for name in names for field in FIELDS),
                     *(f"{name}.gain_bits" for name in gains)])  # fmt: skip
    for at, word in enumerate(comparison.words):
        row: list[object] = [inert(word.text), word.start, word.end, int(word.joined)]
        for name in names:
            score = word.scores.get(name)
            if score is None:
                row += [""] * len(FIELDS)
                continue
            says = first(score)
            said: list[object] = [inert(says.text), says.prob] if says else ["", ""]
            numbers: list[object] = [score.surprisal_bits, score.rank, score.entropy_bits, score.saw]
            row += [*numbers, inert("|".join(score.pieces)), *said, score.mark]
        writer.writerow([*row, *(values[at] for values in gains.values())])
    return out.getvalue()
