"""`lookboth sweep`: accuracy by position in a window, as a chart, a table, a waterfall and plain sentences."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core.messages import SweepProtocol
from tui.headless.output import CANCELLED, FAILED, Json, print_json
from tui.headless.questions import names_of, refuse_unknown

if TYPE_CHECKING:
    from core.messages import Curves, Sweep

EPILOG = (
    "Conditions of a masked model: framed ([CLS] window [SEP]), bare, masks (two [MASK] more before [SEP]), full-stop, "
    "sentence-end, cls, right-0 to right-10, left-only; of a causal one: start, no-start. The training format of a "
    "model is always read, and has its plain name. The protocol salamone2021 repeats Luke Salamone's notebook of 2021."
)
PAIRED, NOTEBOOK = 200, 10_240
"""Windows where nobody says how many: of the paired protocol, and of the notebook."""


def sweep(
    context: typer.Context,
    text: Annotated[
        str | None,
        typer.Argument(
            help="A file, a folder or - . Without it a held-out text of this machine, else the Python documentation.",
            metavar="TEXT",
            show_default=False,
        ),
    ] = None,
    models: Annotated[str, typer.Option("--models", "-m", help="Which, with commas between.")] = "bert,gpt2,lstm",
    length: Annotated[int, typer.Option(help="Tokens or words in a window.", min=12, max=4096)] = 100,
    windows: Annotated[
        int | None,
        typer.Option(
            help=f"How many windows: {PAIRED}, of salamone2021 {NOTEBOOK:,} a model.", min=1, show_default=False
        ),
    ] = None,
    positions: Annotated[
        str, typer.Option(help="all, ends, quick (the ends and 12 between), or numbers: 0,1,-1.")
    ] = "all",
    conditions: Annotated[
        str, typer.Option(help="What stands around a window, with commas between; all if none is named.",
                          show_default=False)
    ] = "",
    protocol: Annotated[SweepProtocol, typer.Option(help="How windows and targets are chosen.")] = "paired",
    unit: Annotated[
        Literal["auto", "tokens", "words"], typer.Option(help="What positions count: tokens if all models share them.")
    ] = "auto",
    seed: Annotated[int, typer.Option(help="Of the windows and the intervals.", min=0)] = 1,
    as_json: Json = False,
) -> None:  # fmt: skip
    """How well each model knows a word, by where in a window it stands.

    Every position on the same windows and the same words for all models, with 95 % intervals.
    """
    from core.messages import Sweep
    from core.sweep.conditions import check

    names = names_of(models)
    refuse_unknown(names, context.obj)
    typed, path = _text(text, context.obj)
    places = _positions(positions, length)
    chosen = [name.strip() for name in conditions.split(",") if name.strip()]
    check(chosen)
    many = windows or (NOTEBOOK if protocol == "salamone2021" else PAIRED)

    def make(number: int) -> Sweep:
        return Sweep(
            id=number, models=names, text=typed, path=path, length=length, windows=many, positions=places,
            conditions=chosen, protocol=protocol, seed=seed, unit=unit,
        )  # fmt: skip

    _show(_ask(context.obj, make), as_json)


def _text(text: str | None, remote: str) -> tuple[str, str]:
    """What the engine is sent: the text itself, or the path of a file that it can read; neither for the default."""
    from tui.headless import input as reading

    if text is None:
        return "", ""
    if text == "-" or remote:  # another machine has other files
        return reading.read(text), ""
    return "", reading.named(text)


def _positions(asked: str, length: int) -> list[int]:
    from core.sweep import slots

    if asked in ("all", "ends", "quick"):
        return {"all": [], "ends": [*range(slots.END), *range(-slots.END, 0)], "quick": slots.quick(length)}[asked]
    try:
        return [int(one) for one in asked.split(",")]
    except ValueError:
        raise typer.BadParameter(
            "Give all, ends, quick, or numbers with commas between.", param_hint="--positions"
        ) from None


def _ask(remote: str, make: Callable[[int], Sweep]) -> Curves:
    """The result; anything else ends the program with its reason."""
    from core.messages import Cancelled, Failed, Swept
    from tui.headless import asking
    from tui.headless.meter import Meter

    answer = asking.ask(remote, make, Meter(sys.stderr))
    if isinstance(answer, Cancelled):
        asking.complain("Cancelled.")
        raise typer.Exit(CANCELLED)
    if isinstance(answer, Failed):
        asking.failed(answer)
        raise typer.Exit(FAILED)
    assert isinstance(answer, Swept)
    return answer.sweep


def _show(found: Curves, as_json: bool) -> None:
    from tui.clean import clean

    for note in found.notes:
        sys.stderr.write(f"note: {clean(note)}\n")
    if as_json:
        print_json(found)
        return
    from tui.headless import swept, tables

    tables.show(swept.lines(found))
