"""Results as plain aligned tables: cut to the width of a terminal, whole in a pipe, and never an escape code."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Any

from rich.cells import cell_len, set_cell_size

from core.catalogue import Entry
from core.messages import Comparison, Identity, Method, Prediction, WordScore
from tui.clean import clean
from tui.runs.now import Now
from tui.runs.survey import why

SAW = {"left": "the left only", "both": "both sides"}
GAP = "  "
TIMES = ("created", "time")
"""Facts that are seconds since the epoch."""
NARROWEST = 8
"""Cells that a column of text keeps on a narrow terminal."""


def show(lines: Iterable[str]) -> None:
    """Write lines to standard output."""
    sys.stdout.write("".join(line.rstrip() + "\n" for line in lines))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned lines of cells that the lab did not write. A head that begins with `>` is of a column of numbers."""
    right = [head.startswith(">") for head in heads]
    cells = [[head.removeprefix(">") for head in heads], *([clean(cell) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    if sys.stdout.isatty():
        _fit(widths, right, shutil.get_terminal_size().columns)
    return [GAP.join(map(_padded, row, widths, right)) for row in cells]


def _fit(widths: list[int], right: list[bool], columns: int) -> None:
    """Narrow the widest columns of text, in place, until a line has at most `columns` cells or nothing can give."""
    texts = [index for index, number in enumerate(right) if not number]
    while sum(widths) + len(GAP) * (len(widths) - 1) > columns:
        widest = max(texts, key=lambda index: widths[index])
        if widths[widest] <= NARROWEST:
            return
        widths[widest] -= 1


def _padded(cell: str, width: int, right: bool) -> str:
    missing = width - cell_len(cell)
    if missing < 0:
        return set_cell_size(cell, width - 1) + "\N{HORIZONTAL ELLIPSIS}"
    return " " * missing + cell if right else cell + " " * missing


def model_line(identity: Identity) -> str:
    """Which model, exactly."""
    return clean(
        f"{identity.name}: {identity.kind} {identity.architecture}, {identity.parameters:,} parameters, "
        f"{identity.revision}, {identity.device} {identity.dtype}"
    )


def prediction(result: Prediction) -> list[str]:
    """Every slot's candidates."""
    lines = [model_line(result.model)]
    for slot in result.slots:
        where = f"mask at characters {slot.start} to {slot.end}" if slot.kind == "mask" else "the next place"
        rows = [
            (str(rank), f"{item.prob:.4f}", f"{-item.logprob / log(2):.2f}", item.text)
            for rank, item in enumerate(slot.top, 1)
        ]
        lines += ["", f"{where}, seen from {SAW[result.saw]}", *table([">rank", ">prob", ">bits", "token"], rows)]
    return lines


def comparison(result: Comparison) -> list[str]:
    """Every word under every model, and the sums."""
    names = list(result.models)
    heads = ["word"]
    total = ["total"]
    for name in names:
        heads += [f">{clean(name)} bits", ">rank", "says"]
        known = [bits for word in result.words if (bits := word.scores[name].surprisal_bits) is not None]
        total += [f"{sum(known):.1f}", "", f"({len(known)} of {len(result.words)} words)"]
    rows = [[word.text, *(cell for name in names for cell in _cells(word.scores[name]))] for word in result.words]
    methods = [_method_line(result, name, method) for name, method in result.models.items()]
    return [*methods, "", *table(heads, [*rows, total])]


def _method_line(result: Comparison, name: str, method: Method) -> str:
    masked = method.kind == "masked"
    saw = next((word.scores[name].saw for word in result.words), "both" if masked else "left")
    how = f"pseudo-log-likelihood {method.method}" if masked else f"{method.method}, first token {method.first_token}"
    return f"{model_line(method.identity)}; saw {SAW[saw]}: {clean(how)}, {method.unit}"


def _cells(score: WordScore) -> tuple[str, str, str]:
    said = score.top[0].text if score.top else ""
    says = said.strip() or said.replace(" ", "\N{OPEN BOX}")
    bits = "-" if score.surprisal_bits is None else f"{score.surprisal_bits:.2f}"
    rank = "-" if score.rank is None else f"{score.rank:,}"
    return bits, rank, f"{says} ({score.mark})".strip() if score.mark else says


def models(entries: Sequence[Entry]) -> list[str]:
    """The models on this machine."""
    rows = [(entry.name, entry.kind or "?", entry.architecture or "?", entry.source) for entry in entries]
    return table(["name", "kind", "architecture", "from"], rows)


def runs(listed: Sequence[Now]) -> list[str]:
    """The runs of this machine."""
    rows = []
    for run in listed:
        family = made = of = ""
        if run.file is not None:
            family, of = run.file.settings.family, f"/{run.file.steps:,}" if run.file.steps else ""
            made = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.file.created))
        step = "" if run.step is None else f"{run.step:,}{of}"
        loss, held = ("" if nats is None else f"{nats:.3f}" for nats in (run.loss, run.held_out))
        said = "; ".join(part for part in (why(run), run.about.note) if part)
        rows.append((run.id, run.about.name, run.state, family, step, loss, held, made, said))
    heads = ["run", "name", "state", "model", ">step", ">loss", ">held out", "made", "note"]
    kept = [at for at in range(len(heads)) if at not in (1, 8) or any(row[at] for row in rows)]
    return table([heads[at] for at in kept], [[row[at] for at in kept] for row in rows])


def facts(known: Mapping[str, Any], indent: str = "") -> list[str]:
    """What is known about something, a line each: the name, then the value. Groups of facts are indented."""
    lines = []
    for name, value in known.items():
        if value in (None, "", [], (), {}):
            continue
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}", *facts(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name:<{19 - len(indent)}} {clean(_fact(name, value))}")
    return lines


def _fact(name: str, value: object) -> str:
    if isinstance(value, float) and name in TIMES:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e9 else f"{value:.3g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return ", ".join(_fact(name, one) for one in value) if isinstance(value, list | tuple) else str(value)
