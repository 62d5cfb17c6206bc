"""`lookboth eval`: models on sets, as a table with intervals; left at any time and gone on with by the same command."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tui.headless.output import CANCELLED, FAILED, UNUSABLE, Json, print_json
from tui.headless.questions import names_of, refuse_unknown

if TYPE_CHECKING:
    from core.messages import Evaluation
    from tui.evaluations.archive import Asked

WHAT = (
    "A SET is a name that this machine knows, or a file: a text (.txt), minimal pairs or cloze facts (.jsonl), each "
    "also as .xz."
)
EPILOG = f"{WHAT} Without a SET it says which names these are."
ALL = (
    "Every pair is asked, not 50 a paradigm: of BLiMP 20 times as many. How long that takes here is said as soon as it "
    "is measured. ctrl+c leaves it, and the same command goes on from there."
)

Sets = Annotated[list[str] | None, typer.Argument(help="Names or files.", metavar="SET", show_default=False)]


def evaluate(
    context: typer.Context,
    sets: Sets = None,
    models: Annotated[
        str, typer.Option("--models", "-m", help="Which models, with commas between: see `lookboth models`.")
    ] = "bert,gpt2,lstm",
    everything: Annotated[bool, typer.Option("--all", help="Every pair, not 50 a paradigm.")] = False,
    seed: Annotated[int, typer.Option(help="Which pairs and masks are drawn.", min=0)] = 1,
    name: Annotated[str, typer.Option(help="What to keep it under.", show_default=False)] = "",
    opened: Annotated[
        str, typer.Option("--open", help="Print an earlier one: its file or name.", metavar="FILE_OR_NAME")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="List the earlier ones.")] = False,
    as_json: Json = False,
) -> None:
    """How well models do on held-out text, minimal pairs and facts.

    It prints a table and keeps the result, which --open prints again.
    """
    from tui.evaluations.archive import Asked, read

    if opened or listed:
        if sets or (opened and listed):
            raise typer.BadParameter("--open and --list evaluate nothing: give no SET.", param_hint="SET")
        _list(as_json) if listed else _show(*read(opened), as_json)
        return
    if not sets:
        _say("\n".join(["Name at least one SET.", WHAT, "", *known_sets()]))
        raise typer.Exit(UNUSABLE)
    remote: str = context.obj
    wanted = names_of(models)
    refuse_unknown(wanted, remote)
    asked = Asked(models=wanted, sets=list(dict.fromkeys(_set(one, remote) for one in sets)), everything=everything,
                  seed=seed)  # fmt: skip
    _show(*_work(remote, asked, name), as_json)


def _work(remote: str, asked: Asked, name: str) -> tuple[str, Evaluation]:
    """Have the engine do it. An engine elsewhere keeps nothing: its result is written here at the end."""
    from core.messages import Cancelled, Evaluate, Evaluated, Failed
    from tui.evaluations import archive
    from tui.headless import asking
    from tui.headless.meter import Meter

    folder = archive.begin(asked, name)
    if asked.everything:
        _say(ALL)
    answer = asking.ask(
        remote,
        lambda number: Evaluate(
            id=number, models=asked.models, sets=asked.sets, everything=asked.everything, seed=asked.seed,
            folder="" if remote else str(folder),
        ),
        Meter(sys.stderr),
    )  # fmt: skip
    if isinstance(answer, Cancelled):
        asking.complain("Cancelled." if remote else "Cancelled. The same command goes on from there.")
        raise typer.Exit(CANCELLED)
    if isinstance(answer, Failed):
        asking.failed(answer)
        raise typer.Exit(FAILED)
    assert isinstance(answer, Evaluated)
    if remote:
        archive.save(folder, answer.evaluation)
    _say(f"Kept as {folder.name}: `lookboth eval --open {folder.name}`.")
    return folder.name, answer.evaluation


def known_sets() -> list[str]:
    """The sets that have a name on this machine, a line each."""
    from core.sets import KNOWN
    from tui.evaluations.archive import here
    from tui.headless import tables

    if found := here():
        return tables.table(["set", "what it is"], [(name, KNOWN[name][1]) for name in found])
    return ["No set is known by name on this machine: name a file, or LOOKBOTH_DATA as the folder of the test sets."]


def _set(reference: str, remote: str) -> str:
    """A set as the engine is asked for it: a known name, or the whole path of a file. Raises UserError."""
    from core.sets import KNOWN, locate

    if remote:
        return reference
    _, path = locate(reference)
    return reference if reference in KNOWN else str(path)


def _show(name: str, evaluation: Evaluation, as_json: bool) -> None:
    from tui.evaluations import files as evaluated
    from tui.evaluations.table import table
    from tui.headless import tables

    if as_json:
        print_json(evaluation)
        return
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    tables.show(evaluated.lines(table({name: evaluation}), room))


def _list(as_json: bool) -> None:
    import time

    from core.messages import FORMAT
    from tui.evaluations.archive import Archive
    from tui.headless import tables

    found = Archive().look()
    if as_json:
        print_json({"version": FORMAT, "evaluations": [
            {"name": one.name, "changed": one.changed, "state": one.state, "asked": one.asked} for one in found
        ]})  # fmt: skip
        return
    rows = [
        (one.name, time.strftime("%Y-%m-%d %H:%M", time.localtime(one.changed)), one.state, one.models, one.sets)
        for one in found
    ]
    if rows:
        tables.show(tables.table(["name", "changed", "state", "models", "sets"], rows))
    else:
        _say("Nothing was evaluated yet: `lookboth eval` says what there is to evaluate on.")


def _say(text: str) -> None:
    from tui.clean import clean_lines

    sys.stderr.write(clean_lines(text) + "\n")
