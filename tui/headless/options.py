"""What the options of several verbs have in common: amounts, the folder of runs, and help in groups."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from core.errors import UserError
from tui.runs import amounts


def amount(text: str) -> int:
    """A positive whole number as a person types it: 1000, 300k, 1.5M, 2_000_000."""
    try:
        value = round(amounts.amount(text))
    except UserError as error:
        raise typer.BadParameter(str(error)) from error
    if not 0 < value < 10**15:
        raise typer.BadParameter(f"{text!r} is nothing that can be counted.")
    return value


def _move(folder: str) -> str:
    """Have this process, and the trainers that it starts, keep the runs in `folder`."""
    if folder:
        os.environ["LOOKBOTH_RUNS"] = str(Path(folder).expanduser().resolve())
    return folder


Folder = Annotated[
    str,
    typer.Option("--runs", help="The folder of all runs (or LOOKBOTH_RUNS).", metavar="DIR", callback=_move,
                 is_eager=True, show_default=False, rich_help_panel="The run"),
]  # fmt: skip


Named = Annotated[str, typer.Argument(metavar="RUN", help="Its id or its name.", show_default=False)]


class Grouped(TyperCommand):
    """A command whose help lists the options under the headings that they name, in the order of the headings."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and every group of options."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if (record := param.get_help_record(ctx)) is not None:
                argument = param.param_type_name == "argument"
                heading = "Arguments" if argument else getattr(param, "rich_help_panel", None) or "Options"
                groups.setdefault(heading, []).append(record)
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)
