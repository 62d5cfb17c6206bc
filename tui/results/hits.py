"""The words at which two models differ most, as a person reads them: one line each, a passage, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from core.messages import By, Hit, Hits, WordScore
from tui.results.files import FIELDS
from tui.results.reading import first, inert, label, number, place, token
from tui.text import cells, one_line, shorten

HEADS: Mapping[By, str] = {"bits": "Δ bits", "rank": "Δ log₂ rank", "overlap": "overlap"}
WHAT: Mapping[By, str] = {
    "bits": "surprisal in bits, the second model minus the first",
    "rank": "rank, in doublings: log₂ of the second model's over the first's",
    "overlap": "what the two lists of ten have in common (Jaccard), the least first",
}
AMOUNT, WORD = 8, 15
"""Columns of the measure with its arrow, and of a word."""
WIDE = 120
"""Columns from which a line shows the words around its own."""


def amount(by: By, value: float) -> str:
    """The measure: signed, with ◂ where the first model knew better and ▸ where the second did."""
    if by == "overlap":
        return f"{value:.2f}"
    return f"{value:+.1f} {'◂' if value > 0 else '▸' if value < 0 else '='}"


def word(hit: Hit) -> str:
    """The word itself."""
    return hit.text[hit.start : hit.end]


def around(hit: Hit, room: int) -> tuple[str, str, str]:
    """What stands before the word, the word, and what stands behind it, in at most `room` columns of one line."""
    middle = shorten(one_line(word(hit)), room)
    side = max(0, (room - max(WORD, cells(middle))) // 2)
    before, after = (one_line(" ".join(part.split())) for part in (hit.text[: hit.start], hit.text[hit.end :]))
    gaps = [" " if part[:1].isspace() else "" for part in (hit.text[: hit.start][::-1], hit.text[hit.end :])]
    left = shorten(gaps[0] + before[::-1], side)[::-1]
    return left, middle, shorten(gaps[1] + after, side)


def row(found: Hits, hit: Hit, columns: int) -> str:
    """A hit in one line of at most `columns` columns; where there is room, with the words around it."""
    parts = [f"{amount(found.by, hit.value):>{AMOUNT}}", _fitted(one_line(word(hit)), WORD)]
    parts += [_cell(hit.scores[name], _says(columns)) for name in found.models]
    line = "  ".join(parts)
    if columns < WIDE:
        return line
    room = columns - cells(line) - 3
    left, middle, right = around(hit, room)
    return f"{line}   {' ' * max(0, (room - WORD) // 2 - cells(left))}{left}{middle}{right}"


def head(found: Hits, columns: int) -> str:
    """What stands over the lines."""
    says = _says(columns)
    parts = [f"{HEADS[found.by]:>{AMOUNT}}"[:11], _fitted("word", WORD + min(0, AMOUNT - len(HEADS[found.by])))]
    parts += [_fitted(f"{shorten(label(name), 7):>7} rank  says", 14 + says) for name in found.models]
    return "  ".join(parts) + ("   where" if columns >= WIDE else "")


def _says(columns: int) -> int:
    """Columns for what a model would have said."""
    return 14 if columns >= WIDE else max(6, (columns - AMOUNT - WORD - 6) // 2 - 14)


def _cell(score: WordScore, says: int) -> str:
    said = first(score)
    numbers = f"{number(score.surprisal_bits):>6} {place(score.rank):>5}"
    return f"{numbers}  {_fitted(token(said.text) if said else '', says)}"


def _fitted(text: str, room: int) -> str:
    short = shorten(text, room)
    return short + " " * (room - cells(short))


def summary(found: Hits) -> str:
    """What was scanned, how far, by which measure, through which models in which order."""
    one, other = found.models
    parts = [
        f"{label(other)} against {label(one)} by {found.by}",
        f"{found.words:,} words in {found.passages:,} passages" + (f", seed {found.seed}" if found.limit else ""),
        found.text,
        f"{label(one)} {found.models[one].identity.revision[:6]}",
        f"{label(other)} {found.models[other].identity.revision[:6]}",
    ]
    return " · ".join(parts)


def as_csv(found: Hits) -> str:
    """One row a hit. Cells that a spreadsheet would run as a formula get an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    fields = [f"{name}.{field}" for name in found.models for field in FIELDS]
    writer.writerow([found.by, "word", "source", "passage", "start", "end", *fields, "text"])
    for hit in found.hits:
        line: list[object] = [hit.value, inert(word(hit)), inert(hit.source), hit.passage, hit.start, hit.end]
        for name in found.models:
            score = hit.scores[name]
            says = first(score)
            said: list[object] = [inert(says.text), says.prob] if says else ["", ""]
            line += [score.surprisal_bits, score.rank, score.entropy_bits, score.saw, inert("|".join(score.pieces))]
            line += [*said, score.mark]
        writer.writerow([*line, inert(hit.text)])
    return out.getvalue()
