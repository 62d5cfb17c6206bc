"""A run's rows as TensorBoard event files. tensorboardX, an extra, writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import UserError
from core.runs import Run
from tui.runs.exports import HELD_OUT, MACHINE
from tui.runs.rows import Lines

SCALARS = ("loss", "lr", "grad_norm", "tokens_per_second", "tokens")


def write(run: Run, folder: Path) -> None:
    """Write all numbers of `run` into a new event file in `folder`; names have a slash where TensorBoard folds them.

    A row that a later attempt replaced is written too, earlier: TensorBoard shows the last value of a step. Raises
    UserError without tensorboardX.
    """
    try:
        from tensorboardX import SummaryWriter
    except ImportError as error:
        raise UserError(
            "The run cannot be exported.", why="TensorBoard files need tensorboardX.",
            hint="Install it: pip install tensorboardX.",
        ) from error  # fmt: skip
    with SummaryWriter(str(folder), write_to_disk=True) as events:
        for row in Lines(run.folder / "metrics.jsonl", dict[str, Any]).new():
            for name, value in _scalars(row):
                events.add_scalar(name, value, row["step"], row.get("time"))


def _scalars(row: dict[str, Any]) -> list[tuple[str, float]]:
    """The numbers of one row, with the names that TensorBoard shows; none for a row without a step."""
    if not isinstance(row.get("step"), int):
        return []
    held_out, machine = (part if isinstance(part := row.get(name), dict) else {} for name in ("held_out", "machine"))
    named = {
        **{f"train/{name}": row.get(name) for name in SCALARS},
        **{f"held_out/{name}": held_out.get(name) for name in HELD_OUT},
        **{f"machine/{name}": machine.get(name) for name in MACHINE},
    }
    return [(name, float(value)) for name, value in named.items() if isinstance(value, int | float)]
