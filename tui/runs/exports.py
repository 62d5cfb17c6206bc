"""Every row of a run, for other programs: streamed from its files, never the merged curve of a chart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from core.runs import Run
from tui.runs.rows import Lines

STEP = ("step", "attempt", "time", "tokens", "seconds", "phase", "loss", "lr", "grad_norm", "tokens_per_second")
HELD_OUT = ("nats", "top1", "targets", "bits_per_character", "cosine")
MACHINE = ("cpu", "memory", "gpu", "gpu_memory")
COLUMNS = (*STEP, *(f"held_out_{name}" for name in HELD_OUT), *MACHINE, "event", "text")


def as_csv(run: Run) -> Iterator[str]:
    """metrics.jsonl as CSV, a piece at a time: one row a line, in the order in which they were written.

    A later attempt's rows come after those that they replace; `attempt` tells them apart.
    """
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(COLUMNS)
    for row in Lines(run.folder / "metrics.jsonl", dict[str, Any]).new():
        write.writerow(cells(row))
        if out.tell() > 1 << 16:
            yield _taken(out)
    yield _taken(out)


def as_json(run: Run) -> Iterator[str]:
    """run.json, result.json and all rows as one JSON object, a piece at a time."""
    yield '{"run": ' + _file(run, "run.json") + ', "result": ' + _file(run, "result.json")
    for name in ("metrics", "samples"):
        yield f', "{name}": ['
        between = "\n"
        for row in Lines(run.folder / f"{name}.jsonl", dict[str, Any]).new():
            yield between + msgspec.json.encode(row).decode()
            between = ",\n"
        yield "\n]"
    yield "}\n"


def cells(row: dict[str, Any]) -> list[object]:
    """One row in the order of `COLUMNS`; what is missing is empty."""
    held_out, machine = (part if isinstance(part := row.get(name), dict) else {} for name in ("held_out", "machine"))
    found = [
        *(row.get(name) for name in STEP),
        *(held_out.get(name) for name in HELD_OUT),
        *(machine.get(name) for name in MACHINE),
        row.get("event"),
        row.get("text"),
    ]
    return [harmless(cell) for cell in found]


def harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _file(run: Run, name: str) -> str:
    """The contents of a JSON file of the run; `null` where there is none that can be read."""
    try:
        return msgspec.json.encode(msgspec.json.decode((run.folder / name).read_bytes())).decode()
    except (OSError, msgspec.DecodeError, RecursionError):
        return "null"
