"""`lookboth pair`: which of two sentences each model prefers, and at which word that is decided."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.headless.output import Json, print_json
from tui.headless.questions import ask, names_of, refuse_unknown, show_notes

EPILOG = (
    "Decided at a word: from there on, and no earlier, the sum of the differences stays on the side where it ends. "
    "Words that both sentences begin with say nothing to a causal model."
)


def pair(
    context: typer.Context,
    good: Annotated[str, typer.Argument(help="The sentence that should be likelier.", metavar="GOOD")],
    bad: Annotated[str, typer.Argument(help="The other one.", metavar="BAD")],
    models: Annotated[str, typer.Option("--models", "-m", help="Which, with commas between.")] = "bert,gpt2,lstm",
    as_json: Json = False,
) -> None:
    """Which of two sentences each model prefers.

    Word by word: the log-likelihood of causal models, the pseudo-log-likelihood of masked ones.
    """
    from core.messages import Pair, Paired
    from tui.headless import input as reading

    names = names_of(models)
    refuse_unknown(names, context.obj)
    texts = reading.given(good), reading.given(bad)
    answer = ask(context.obj, lambda number: Pair(id=number, models=names, good=texts[0], bad=texts[1]))
    assert isinstance(answer, Paired)
    show_notes(answer.pairing.notes)
    if as_json:
        print_json(answer.pairing)
    else:
        from tui.headless import tables
        from tui.results import pairings

        tables.show(pairings.as_table(answer.pairing).splitlines())
