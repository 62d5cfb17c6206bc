"""`lookboth train`: what a person chose becomes a run, or a trio, with a process of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.messages import FORMAT
from core.presets import PRESETS
from core.settings import FRAMES
from tui.headless.options import Folder, amount
from tui.headless.output import Json, print_json

if TYPE_CHECKING:
    from core.plan import Choice

SIZE, LONG, TEXT, HOW, RUN = "The model", "How long", "The text", "How it is trained", "The run"
"""Headings of the help."""

EPILOG = """It goes on when the terminal is closed; `lookboth runs` lists, watches and stops it.

\b
On a Slurm cluster, with LOOKBOTH_RUNS on a disk that all machines see:
  sbatch --signal=B:USR2@120 --requeue --open-mode=append \\
    --wrap "exec lookboth runs resume RUN --wait"
It saves and stops before the time is over, and goes on when sent again."""


def _option(*names: str, panel: str, metavar: str | None = None, **more: Any) -> Any:
    return typer.Option(*names, rich_help_panel=panel, metavar=metavar, show_default=more.pop("show", False), **more)


def _masks(text: str) -> str:
    """What stands at a hidden place."""
    if text not in ("mask", "80/10/10"):
        raise typer.BadParameter(f"Nothing can be hidden by {text}: choose mask or 80/10/10.")
    return text


def _frame(text: str) -> str:
    """What a masked model's windows are."""
    if text not in FRAMES:
        raise typer.BadParameter(f"Windows cannot be {text}: choose {', '.join(FRAMES)}.")
    return text


def train(
    what: Annotated[
        Literal["bert", "gpt2", "lstm", "trio"],
        typer.Argument(help="Which model; trio is all three.", show_default=False, metavar="MODEL"),
    ],
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Files, folders, or - for standard input.", show_default=False),
    ] = None,
    preset: Annotated[str, _option("--preset", panel=SIZE, metavar="SIZE", help=f"{', '.join(PRESETS)}.", show=True)]
    = "tiny",
    layers: Annotated[int, _option("--layers", panel=SIZE, metavar="N", help="Instead of the preset's.")] = 0,
    width: Annotated[int, _option("--width", panel=SIZE, metavar="N", help="Width of its states.")] = 0,
    heads: Annotated[int, _option("--heads", panel=SIZE, metavar="N", help="Attention heads.")] = 0,
    inner: Annotated[
        int, _option("--inner", panel=SIZE, metavar="N", help="Width inside a layer, or of an LSTM's state.")
    ] = 0,
    match: Annotated[
        int | None, _option("--match", panel=SIZE, metavar="PARAMS", help="Have so many parameters: 2M.", parser=amount)
    ] = None,
    start: Annotated[
        str, _option("--from", panel=SIZE, metavar="MODEL", help="Train this model or folder further.")
    ] = "",
    minutes: Annotated[
        float | None, _option("--minutes", panel=LONG, metavar="M", help="What this machine does in M minutes.")
    ] = None,
    tokens: Annotated[
        int | None, _option("--tokens", panel=LONG, metavar="N", help="Or tokens to read: 300k, 2M.", parser=amount)
    ] = None,
    steps: Annotated[
        int | None, _option("--steps", panel=LONG, metavar="N", help="Or steps of full windows.", parser=amount)
    ] = None,
    held_out: Annotated[
        list[str] | None, _option("--held-out", panel=TEXT, metavar="TEXT", help="Check on this; else on a part.")
    ] = None,
    field: Annotated[
        str, _option("--field", panel=TEXT, metavar="NAME", help="Where the text of .jsonl or .parquet is.", show=True)
    ] = "text",
    tokenizer: Annotated[
        str, _option("--tokenizer", panel=TEXT, metavar="WHICH",
                     help="A model or folder, new or new:SIZE; else the bundled one."),
    ] = "",
    lr: Annotated[float, _option("--lr", panel=HOW, metavar="RATE", help="The highest learning rate.")] = 0.0,
    rows: Annotated[int, _option("--rows", panel=HOW, metavar="N", help="Windows in a batch.")] = 0,
    length: Annotated[int, _option("--length", panel=HOW, metavar="N", help="Tokens in a window.")] = 0,
    dropout: Annotated[
        float | None, _option("--dropout", panel=HOW, metavar="SHARE", help="From 0 to below 1.", min=0)
    ] = None,
    masked_at_once: Annotated[
        bool, _option("--no-causal-start", panel=HOW, help="Train a BERT with masks from the first step on.")
    ] = False,
    masks: Annotated[
        Literal["mask", "80/10/10"],
        _option("--masks", panel=HOW, metavar="HOW", help="mask or 80/10/10.", show=True, parser=_masks),
    ] = "mask",
    frame: Annotated[
        Literal["crops", "sentences", "bare"],
        _option("--frame", panel=HOW, metavar="HOW", help="Windows of a BERT: crops, sentences or bare.", show=True,
                parser=_frame),
    ] = "crops",
    seed: Annotated[
        int, _option("--seed", panel=HOW, metavar="N", help="Runs with one seed are equal.", show=True)
    ] = 1,
    seeds: Annotated[
        int, _option("--seeds", panel=HOW, metavar="N", help="Seeds of each model of a trio.", show=True)
    ] = 1,
    threads: Annotated[int, _option("--threads", panel=RUN, metavar="N", help="Else torch decides.")] = 0,
    processes: Annotated[
        int, _option("--processes", panel=RUN, metavar="N", help="They share each batch.", show=True)
    ] = 1,
    name: Annotated[str, _option("--name", panel=RUN, metavar="NAME", help="Its id; else date and model.")] = "",
    folder: Folder = "",
    wait: Annotated[bool, _option("--wait", panel=RUN, help="Stay until it ends; ctrl+c leaves it alone.")] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Start a training run and print its id.

    Without TEXT it reads the Python documentation that is on every machine.
    """
    if sum(budget is not None for budget in (minutes, tokens, steps)) > 1:
        raise typer.BadParameter("Give one of --minutes, --tokens and --steps.", param_hint="--minutes")
    if minutes is not None and not 0 < minutes < 1e6:
        raise typer.BadParameter(f"{minutes} minutes are no time to train.", param_hint="--minutes")
    if seeds > 1 and what != "trio":
        raise typer.BadParameter("One model has one seed: --seeds is for a trio.", param_hint="--seeds")
    if what in ("gpt2", "lstm") and (masks != "mask" or masked_at_once):
        hint = "--no-causal-start" if masked_at_once else "--masks"
        raise typer.BadParameter(f"Only a masked model has masks: {hint} is for bert and trio.", param_hint=hint)
    if what != "bert" and frame != "crops":
        raise typer.BadParameter("Only a masked model has other windows: --frame is for bert.", param_hint="--frame")
    from core.plan import Choice

    choice = Choice(
        family="gpt2" if what == "trio" else what, texts=_texts(texts or []), preset=preset, layers=layers,
        width=width, heads=heads, inner=inner, match=match or 0, minutes=minutes or 0.0, tokens=tokens or 0,
        steps=steps or 0, seed=seed, held_out=tuple(held_out or ()), field=field, tokenizer=tokenizer, start=start,
        threads=threads, processes=processes, causal_start=not masked_at_once, replace=masks, frame=frame, lr=lr,
        rows=rows, length=length, dropout=-1.0 if dropout is None else dropout,
    )  # fmt: skip
    if what == "trio":
        _trio(choice, seeds, name, wait, as_json)
    else:
        _one(choice, name, wait, as_json)


def _texts(given: list[str]) -> tuple[str, ...]:
    """The texts by their names; what comes in on standard input is kept as a file first."""
    from core.plan import store

    if not given:
        sys.stderr.write("No TEXT was named: it trains on the Python documentation of this machine.\n")
    return tuple(str(store(sys.stdin.buffer)) if name == "-" else name for name in given)


def _one(choice: Choice, name: str, wait: bool, as_json: bool) -> None:
    from core.plan import settle
    from tui.runs import trainer

    settings = settle(choice)
    _warn()
    started = trainer.start(settings, name)
    run = started.of
    if as_json:
        about = {"id": run.id, "path": str(run.folder.resolve()), "pid": started.process.pid}
        print_json({"version": FORMAT} | about | {"texts": settings.texts, "settings": settings})
    else:
        typer.echo(run.id)
    sys.stdout.flush()
    if wait:
        from tui.headless.waiting import wait_for

        raise typer.Exit(wait_for(started))


def _trio(choice: Choice, seeds: int, name: str, wait: bool, as_json: bool) -> None:
    from tui.runs import trios

    _warn()
    started = trios.start_trio(choice, seeds, name)
    trio = started.of
    if as_json:
        runs = [member.run for member in trio.file().members]
        about = {"id": trio.id, "path": str(trio.folder.resolve()), "pid": started.process.pid}
        print_json({"version": FORMAT} | about | {"runs": runs})
    else:
        typer.echo(trio.id)
    sys.stdout.flush()
    if wait:
        from tui.headless.trio import wait_for

        raise typer.Exit(wait_for(started))


def _warn() -> None:
    """Say before the run begins that the system will end it at logout, where that is so."""
    from tui.headless.asking import complain
    from tui.runs import logind

    if said := logind.warning():
        complain(said)
