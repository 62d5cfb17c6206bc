"""What every verb shares: exit codes and JSON on standard output."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

FAILED, UNUSABLE, CANCELLED = 1, 2, 130
"""The work failed; the command, the text or the terminal cannot be used; ctrl+c."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(result: object) -> None:
    """One JSON value, safe to look at on a terminal."""
    import msgspec

    from tui.clean import clean_json

    sys.stdout.write(clean_json(msgspec.json.encode(result).decode()) + "\n")
