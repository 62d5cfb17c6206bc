"""`lookboth runs`: what the runs of this machine are and did, and what a person does with one as a whole."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core.errors import UserError
from core.messages import FORMAT
from tui.headless import control
from tui.headless.options import Folder, Named
from tui.headless.output import CANCELLED, Json, print_json

if TYPE_CHECKING:
    from core.runs import Run
    from core.trio.folder import TrioFolder

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def runs(context: typer.Context, as_json: Json = False, folder: Folder = "") -> None:
    """The training runs: list, watch, stop, resume, export ...

    A run is named by its id or by the name that a person gave it. Without a command they are listed.
    """
    if context.invoked_subcommand is None:
        list_runs(as_json)


@app.command("list")
def list_runs(as_json: Json = False, folder: Folder = "") -> None:
    """All runs, the newest first."""
    from core.runs import every
    from core.trio.folder import every as every_trio
    from tui.headless import described, tables
    from tui.runs.now import latest
    from tui.runs.survey import check

    check()
    found = sorted(map(latest, every()), key=lambda now: now.file.created if now.file else 0.0, reverse=True)
    trios = [described.trio(trio) for trio in every_trio()]
    if as_json:
        print_json({"version": FORMAT, "runs": list(map(described.brief, found)), "trios": trios})
    else:
        tables.show(tables.runs(found))
        if trios:
            tables.show(["", *tables.table(["trio", "state"], [(one["id"], one["state"]) for one in trios])])


@app.command()
def show(name: Named, as_json: Json = False, folder: Folder = "") -> None:
    """Everything that is known about a run or a trio."""
    from core.trio.folder import TrioFolder
    from tui.headless import described, tables

    if isinstance(found := control.either(name), TrioFolder):
        from tui.headless import trio

        trio.show(found, as_json)
        return
    known = described.whole(found)
    if as_json:
        print_json({"version": FORMAT} | known)
    else:
        tables.show(tables.facts(known))


@app.command()
def watch(name: Named, as_json: Json = False, folder: Folder = "") -> None:
    """Follow a run or a trio until it ends.

    A bar on a terminal, plain lines elsewhere. ctrl+c leaves it alone. Exit code 1 when it fails.
    """
    from core.trio.folder import TrioFolder
    from tui.headless import progress, waiting

    found = control.either(name)
    found.file()  # what cannot be read is refused at once
    shown = progress.JsonLines() if as_json else progress.display(sys.stdout)
    if isinstance(found, TrioFolder):
        from tui.headless import trio

        raise typer.Exit(trio.follow(found, shown, as_json=as_json))
    raise typer.Exit(waiting.follow(found, shown))


@app.command()
def export(
    name: Named,
    form: Annotated[
        Literal["csv", "json", "svg", "tensorboard"] | None,
        typer.Option(
            "--format", help="Rows, the chart (svg), or a folder for TensorBoard; else csv.", show_default=False
        ),
    ] = None,
    output: Annotated[str, typer.Option("-o", "--output", help="Write to this file or folder.", metavar="FILE")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    folder: Folder = "",
) -> None:
    """The metrics of a run for other programs, or its chart."""
    from tui.headless import exporting

    if as_json and form not in (None, "json"):
        raise typer.BadParameter(f"{form} is no JSON.", param_hint="--json")
    exporting.write(control.one(name), form or ("json" if as_json else "csv"), output, force)


@app.command()
def delete(
    name: Named,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
    folder: Folder = "",
) -> None:
    """Delete a run with its checkpoints, or a trio with its runs. Asks twice."""
    from tui.runs import keeping

    found = control.either(name)
    keeping.refuse_delete(found)
    if not yes:
        _confirm(found)
    keeping.delete(found)
    control.say(found, "was deleted.", as_json, deleted=True)


def _confirm(found: Run | TrioFolder) -> None:
    """Ask twice, the second time for the id. Ends the program unless both answers are yes."""
    from core.runs import Run
    from tui.clean import clean

    if not sys.stdin.isatty():
        raise UserError(f"Nobody can be asked whether {found.id} may go.", hint="Say --yes to delete it unasked.")
    called = clean(found.id)
    if isinstance(found, Run):
        saved = len(found.checkpoints)
        what = f"the run {called} with its {saved} checkpoint{'' if saved == 1 else 's'}"
    else:
        what = f"the trio {called} with the runs of all its members"
    sure = typer.confirm(f"Delete {what}?", err=True)
    again = f"It cannot be brought back. Type {called} to delete it"
    if not sure or typer.prompt(again, default="", show_default=False, err=True) != called:
        sys.stderr.write("Nothing was deleted.\n")
        raise typer.Exit(CANCELLED)


@app.command()
def rename(
    name: Named,
    new: Annotated[str, typer.Argument(metavar="NAME", help="The new name; '' takes it away.", show_default=False)],
    as_json: Json = False,
    folder: Folder = "",
) -> None:
    """Call a run something else than its id."""
    from tui.runs import keeping

    run = control.one(name)
    keeping.rename(run, new)
    called = run.about().name
    control.say(run, f"is called {called}." if called else "is called by its id.", as_json, name=called)


@app.command()
def note(
    name: Named,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say; '' takes it away.", show_default=False)],
    as_json: Json = False,
    folder: Folder = "",
) -> None:
    """Say something of a run, which its list and `show` repeat."""
    from tui.runs import keeping

    run = control.one(name)
    keeping.note(run, text)
    control.say(run, "has a note." if run.about().note else "has no note.", as_json, note=run.about().note)


for verb in (control.stop, control.pause, control.resume, control.save, control.extend):
    app.command()(verb)
