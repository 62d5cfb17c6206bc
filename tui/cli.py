"""`lookboth`: the window without a verb, the headless front end with one.

Results go to standard output and everything else to standard error. Exit codes: 0 done, 1 the work failed,
2 the command, the text or the terminal cannot be used, 130 cancelled.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from core import __version__
from core.errors import UserError
from core.messages import FORMAT
from tui.headless import check, comparing, evaluation, pair, questions, rescoring, runs, scan, sweep, training
from tui.headless.options import Grouped
from tui.headless.output import FAILED, UNUSABLE, Json, print_json

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lookboth {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def lookboth(
    context: typer.Context,
    engine: Annotated[
        str,
        typer.Option(help='Use the engine that this command reaches: "ssh box lookboth engine".', metavar="COMMAND"),
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Look at BERT, GPT-2 and an LSTM side by side. Without a command the window opens."""
    context.obj = engine
    if context.invoked_subcommand is None:
        _open(engine)


def _open(remote: str) -> None:
    from tui.terminal import leave_when_lost, trouble

    if line := trouble():
        raise UserError(line)
    from tui.engine import Engine

    engine = Engine(remote)
    engine.launch()  # so that it imports torch while this process imports Textual
    from tui.app import LookbothApp

    window = LookbothApp(engine)
    leave_when_lost(lambda: window.call_from_thread(window.call_later, window.run_action, "quit"))
    window.run()
    raise typer.Exit(window.return_code or 0)


@app.command("models")
def list_models(as_json: Json = False) -> None:
    """The models on this machine.

    Any folder in Hugging Face form can be named by its path as well.
    """
    from core import catalogue

    entries = catalogue.every()
    if as_json:
        print_json({"version": FORMAT, "models": entries})
    else:
        from tui.headless import tables

        tables.show(tables.models(entries))


@app.command()
def engine() -> None:
    """Be an engine, for `--engine` elsewhere.

    It speaks JSON lines on standard input and output.
    """
    from tui.engine import command

    words = command.of("serve")
    os.execve(words[0], words, command.environment())


app.command()(questions.predict)
app.command(epilog=comparing.EPILOG)(comparing.compare)
app.command(epilog=rescoring.EPILOG)(rescoring.rescore)
app.command(epilog=pair.EPILOG)(pair.pair)
app.command(epilog=scan.EPILOG)(scan.scan)
app.command("eval", epilog=evaluation.EPILOG)(evaluation.evaluate)
app.command(epilog=sweep.EPILOG)(sweep.sweep)
app.command(epilog=check.EPILOG)(check.check)
app.command(cls=Grouped, epilog=training.EPILOG)(training.train)
app.add_typer(runs.app, name="runs")


def main() -> None:
    """What the console script runs."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8
    try:
        try:
            app(prog_name="lookboth")
        finally:
            sys.stdout.flush()  # here, where what goes wrong can still be said
    except UserError as error:
        _leave(str(error), UNUSABLE)
    except BrokenPipeError:
        _silence()  # a reader that left early
        sys.exit(FAILED)
    except OSError as error:
        _leave(f"The output cannot be written: {error.strerror or error}.", FAILED)


def _leave(why: str, code: int) -> NoReturn:
    from tui.headless.asking import complain

    complain(why)
    _silence()
    sys.exit(code)


def _silence() -> None:
    """What is still buffered cannot be written at exit either."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115
