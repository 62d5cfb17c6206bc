"""The verbs about training runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core.messages import FORMAT
from core.settings import PRESETS, Family
from tui.headless.output import Json, print_json

if TYPE_CHECKING:
    from tui.runs.watch import Now


def list_runs(as_json: Json = False) -> None:
    """The training runs of this machine."""
    from core import runs
    from tui.runs import watch

    found = [(run, watch.latest(run)) for run in runs.every()]
    if as_json:
        print_json({"version": FORMAT, "runs": [_run(str(run.folder), now) for run, now in found]})
    else:
        from tui.headless import tables

        tables.show(tables.runs([now for _, now in found]))


def train(
    family: Annotated[Family, typer.Argument(help="Which model.", show_default=False)],
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Files or folders; else what ships.", show_default=False),
    ] = None,
    preset: Annotated[str, typer.Option(help=f"The size: {', '.join(PRESETS)}.")] = "tiny",
    tokens: Annotated[int | None, typer.Option(help="Tokens to read in all.", min=1, show_default=False)] = None,
    steps: Annotated[int | None, typer.Option(help="Or the steps, at full length.", min=1, show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Two runs with one seed are equal.")] = 1,
    held_out: Annotated[
        list[str] | None,
        typer.Option(help="Files to check on; else a part of TEXT.", metavar="TEXT", show_default=False),
    ] = None,
    tokenizer: Annotated[str, typer.Option(help="Cut the text as this model or folder does.")] = "",
    threads: Annotated[int, typer.Option(help="Processor threads; 0 is torch's choice.", min=0)] = 0,
    name: Annotated[str, typer.Option(help="The name of the run.", show_default=False)] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the run has ended.")] = False,
) -> None:
    """Start a training run and print its id.

    It goes on when the terminal is closed.
    """
    if tokens is not None and steps is not None:
        raise typer.BadParameter("Give either --tokens or --steps.", param_hint="--steps")
    from tui.runs import trainer

    chosen = trainer.planned(
        family, texts or [], preset, tokens, steps, seed, held_out=held_out or [], tokenizer=tokenizer, threads=threads
    )
    started = trainer.start(chosen, name)
    typer.echo(started.run.id)
    if wait:
        from tui.headless.waiting import wait_for

        raise typer.Exit(wait_for(started))


def _run(path: str, now: Now) -> dict[str, object]:
    file = now.file
    return {
        "id": now.id,
        "path": path,
        "state": now.state,
        "pid": file.owner.pid if file and file.owner else None,
        "family": file.settings.family if file else None,
        "step": now.step,
        "steps": file.steps if file else None,
        "tokens": now.tokens,
        "loss": now.loss,
        "created": file.created if file else None,
        "error": (now.outcome.error if now.outcome else now.problem) or None,
    }
