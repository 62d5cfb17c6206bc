"""The verbs that ask something of a run: stop, pause, resume, save, extend."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import UserError
from core.messages import FORMAT
from tui.headless.options import Folder, Named, amount
from tui.headless.output import CANCELLED, FAILED, Json, print_json

if TYPE_CHECKING:
    from core.runs import Run
    from core.trio.folder import TrioFolder
    from tui.runs.detached import Started

LONGEST = 255
"""Bytes that a name of a folder may have."""


def one(name: str) -> Run:
    """The run that `name` names. Raises UserError when there is none, several, or when it is a trio."""
    from core.runs import Run

    if isinstance(found := either(name), Run):
        return found
    raise UserError(f"{found.id} is a trio.", hint=f"Name one of its runs: see `lookboth runs show {found.id}`.")


def either(name: str) -> Run | TrioFolder:
    """The run or the trio that `name` names. Raises UserError when there is none, or several."""
    from core import runs
    from core.trio import folder

    if len(name.encode("utf-8", "surrogateescape")) > LONGEST:
        raise UserError(f"There is no run called {name[:40]}...", hint="See `lookboth runs`.")
    with contextlib.suppress(UserError):
        return folder.find(name)
    return runs.find(name)


def say(run: Run | TrioFolder, what: str, as_json: bool, **more: Any) -> None:
    """What happened to a run, in a sentence or as JSON."""
    if as_json:
        print_json({"version": FORMAT, "id": run.id, "path": str(run.folder.resolve()), **more})
    else:
        from core.runs import Run
        from tui.clean import clean

        kind = "run" if isinstance(run, Run) else "trio"
        typer.echo(clean(f"The {kind} {run.id} {what}"))


def stop(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Its id or its name.", show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all", help="Stop all runs of this machine.")] = False,
    as_json: Json = False,
    folder: Folder = "",
) -> None:
    """Have a run save a checkpoint and end. It can be resumed."""
    if bool(name) == every:
        raise typer.BadParameter("Name a run, or say --all.", param_hint="RUN")
    if not every:
        found = either(name)
        _stop(found)
        say(found, "was asked to save and stop.", as_json, asked="stop")
        return
    told = []
    for found in _running():
        with contextlib.suppress(UserError):  # it has just ended by itself
            _stop(found)
            told.append(found)
            if not as_json:
                say(found, "was asked to save and stop.", as_json)
    if as_json:
        print_json({"version": FORMAT, "asked": "stop", "ids": [each.id for each in told]})
    elif not told:
        typer.echo("No run is being trained on this machine.")


def _stop(found: Run | TrioFolder) -> None:
    from core.runs import Run

    if isinstance(found, Run):
        while found.state() == "starting":  # a trainer that only starts forgets what was asked before
            time.sleep(0.05)
        found.ask("stop")
    else:
        found.stop()


def _running() -> list[Run | TrioFolder]:
    """What is being trained; the trios first, or they would start their next member."""
    from core import runs
    from core.trio import folder

    everything: list[Run | TrioFolder] = [*folder.every(), *runs.every()]
    return list(filter(_active, everything))


def _active(found: Run | TrioFolder) -> bool:
    try:
        return found.state() in ("starting", "running", "examining", "paused")
    except UserError:  # one that cannot be read is not running either
        return False


def pause(name: Named, as_json: Json = False, folder: Folder = "") -> None:
    """Have a run save and wait where it is. `resume` lets it go on."""
    run = one(name)
    if run.state() == "paused":
        raise UserError(f"The run {run.id} is paused already.")
    run.ask("pause")
    say(run, "was asked to save and pause.", as_json, asked="pause")


def save(name: Named, as_json: Json = False, folder: Folder = "") -> None:
    """Have a run save a checkpoint now."""
    run = one(name)
    run.ask("save")
    say(run, "was asked to save a checkpoint.", as_json, asked="save")


Wait = Annotated[bool, typer.Option("--wait", help="Stay until it has ended. SIGTERM and SIGUSR2 then stop it.")]


def resume(name: Named, wait: Wait = False, as_json: Json = False, folder: Folder = "") -> None:
    """Let a run go on that is paused, stopped, failed or died.

    It goes on from its newest good checkpoint, on the same machine to the last bit as if nothing had happened. A run
    whose turn in a trio has not come goes on with its trio.
    """
    from core.runs import Run
    from core.trio import folder as trios
    from tui.runs import trainer

    if isinstance(run := either(name), Run) and (waits := _waits(run)):
        run = trios.find(waits)
    if not isinstance(run, Run):
        from tui.headless import trio

        raise typer.Exit(trio.resume(run, wait, as_json))
    if _paused(run):
        run.ask("go")
        say(run, "was asked to go on.", as_json, asked="go")
        started = None
    else:
        if wait:
            _until_silent(run)
        started = trainer.resume(run)
        if not wait:
            _claimed(started)
        say(run, "goes on.", as_json, pid=started.process.pid)
    if wait:
        _stay(run, started)


def _waits(run: Run) -> str:
    """The id of the trio in which the run's turn has not come; empty where there is none. Alone it must not begin: what
    the members share may not be settled yet."""
    from tui.runs.now import latest
    from tui.runs.survey import unbegun

    return now.file.trio if unbegun(now := latest(run)) and now.file else ""


def _paused(run: Run) -> bool:
    """Whether somebody holds the run and only waits for a word."""
    from tui.runs.trainer import YOUNG, heard

    state, beat = run.state(), run.beat()
    there = state == "elsewhere" and beat is not None and beat.doing == "paused" and heard(run) < YOUNG
    return state == "paused" or there


def _until_silent(run: Run) -> None:
    """Give a trainer on another machine, which may just have been killed there, the time to be taken for gone."""
    from tui.runs.trainer import YOUNG, heard

    if run.state() == "elsewhere" and (last := run.beat()):
        while heard(run) < YOUNG and run.beat() == last:
            time.sleep(0.5)


def _claimed(started: Started[Run]) -> None:
    """Wait until the trainer owns the run, so that whoever looks next sees it running. Ends the program when it died.

    Until then the folder tells how the run ended the last time.
    """
    from tui.headless.asking import Narrator, complain

    run, narrator = started.of, Narrator()
    narrator.say("the trainer is starting")
    try:
        while (death := started.death()) is None and (run.outcome() is not None or run.alive() is not True):
            time.sleep(0.05)
    except KeyboardInterrupt:
        complain(f"The run {run.id} goes on by itself. See `lookboth runs`.")
        raise typer.Exit(CANCELLED) from None
    finally:
        narrator.say("")
    if death is not None and death.code:
        complain(f"The run {run.id} could not go on: {death.cause}. {death.last}")
        raise typer.Exit(FAILED)


def _stay(run: Run, started: Started[Run] | None) -> None:
    """Wait for the end of the run, and of the program with its exit code."""
    from tui.headless import progress, waiting

    shown = progress.display(sys.stderr)
    raise typer.Exit(waiting.wait_for(started, batch=True) if started else waiting.follow(run, shown))


def extend(
    name: Named,
    tokens: Annotated[
        int | None, typer.Option(parser=amount, metavar="N", help="Tokens more.", show_default=False)
    ] = None,
    steps: Annotated[
        int | None, typer.Option(parser=amount, metavar="N", help="Or steps of full windows.", show_default=False)
    ] = None,
    wait: Wait = False,
    as_json: Json = False,
    folder: Folder = "",
) -> None:
    """Give a run more to read. One that has ended goes on."""
    from tui.runs import trainer

    if (tokens is None) == (steps is None):
        raise typer.BadParameter("Give either --tokens or --steps.", param_hint="--tokens")
    run = one(name)
    if waits := _waits(run):
        raise UserError(
            f"The run {run.id} has not begun: its turn in the trio {waits} comes.",
            hint=f"Go on with the trio: lookboth runs resume {waits}.",
        )
    settings = run.file().settings
    more = tokens or (steps or 0) * settings.rows * settings.length
    what = f"{steps:,} steps" if steps else f"{more:,} tokens"
    if started := trainer.extend(run, more, steps or 0):
        if not wait:
            _claimed(started)
        say(run, f"goes on with {what} more.", as_json, tokens=more, steps=steps, pid=started.process.pid)
    else:
        say(run, f"was asked to read {what} more.", as_json, tokens=more, steps=steps, asked="extend")
    if wait:
        _stay(run, started)
