"""`lookboth runs export`: a run's rows and chart, to a file or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from core.errors import UserError
from core.runs import Run
from tui.clean import clean, clean_json, clean_lines


def write(run: Run, form: str, output: str, force: bool = False) -> None:
    """Write what `form` asks for. Raises UserError when the file cannot be written, or is there already."""
    if form == "tensorboard":
        _events(run, output, force)
        return
    pieces = _pieces(run, form)
    if not output:
        for piece in pieces:
            sys.stdout.write(clean_json(piece) if form == "json" else _harmless(piece))
        return
    path = Path(output).expanduser()
    try:
        with open(path, "w" if force else "x", encoding="utf-8") as file:
            for piece in pieces:
                file.write(piece)
    except FileExistsError as error:
        raise UserError(f"{output} is there already.", hint="Say --force to write over it.") from error
    except OSError as error:
        raise UserError(f"{output} cannot be written.", why=f"{error.strerror or error}.") from error
    sys.stderr.write(clean(f"Wrote {path}") + "\n")


def _events(run: Run, output: str, force: bool) -> None:
    from tui.runs import tensorboard

    if not output:
        raise UserError("TensorBoard reads a folder.", hint="Name one: --output FOLDER.")
    folder = Path(output).expanduser()
    try:
        if not force and folder.exists() and any(folder.iterdir()):
            raise UserError(f"{output} is not empty.", hint="Say --force to write into it.")
        tensorboard.write(run, folder)
    except OSError as error:
        raise UserError(f"{output} cannot be written.", why=f"{error.strerror or error}.") from error
    sys.stderr.write(clean(f"Wrote {folder}") + "\n")


def _pieces(run: Run, form: str) -> Iterator[str]:
    if form == "svg":
        from tui.charts.svg import svg
        from tui.runs.panels import panels
        from tui.runs.watch import Watch

        return iter([svg(panels(Watch(run).poll())[0])])
    from tui.runs import exports

    return exports.as_json(run) if form == "json" else exports.as_csv(run)


def _harmless(piece: str) -> str:
    """A pipe gets what there is; on a terminal nothing may be obeyed."""
    return clean_lines(piece) if sys.stdout.isatty() else piece
