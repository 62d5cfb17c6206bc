"""`lookboth scan`: the words of a file or folder at which two models differ most."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from core.messages import By
from tui.headless.output import Json, print_json
from tui.headless.questions import ask, names_of, refuse_unknown, show_notes

if TYPE_CHECKING:
    from core.messages import Hits

SNIPPET = 60
"""Columns of the words around a hit."""
EPILOG = (
    "The measures: bits, the second model's surprisal minus the first's; rank, the binary logarithm of the second's "
    "rank over the first's; overlap, the Jaccard index of their ten likeliest words, the least first. A masked model "
    "reads both sides of a word (PLL within_word_l2r), a causal one the left."
)


def scan(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="A file, a folder, or - for standard input.", metavar="TEXT")],
    models: Annotated[str, typer.Option("--models", "-m", help="Two models, with a comma between.")] = "bert,gpt2",
    by: Annotated[By, typer.Option(help="What makes a difference.")] = "bits",
    top: Annotated[int, typer.Option(help="How many words.", min=1, max=5000)] = 50,
    limit: Annotated[
        int, typer.Option(help="Passages that are drawn at random; 0: the whole text.", min=0, max=100_000)
    ] = 200,
    seed: Annotated[int, typer.Option(help="Of the draw.", min=0)] = 1,
    as_json: Json = False,
) -> None:
    """Where two models differ most.

    The text is read in passages of whole sentences, up to 48 words each.
    """
    from core.messages import Scan, Scanned
    from tui.headless import input as reading
    from tui.headless.meter import Meter

    names = names_of(models)
    if len(names) != 2:
        raise typer.BadParameter("Name two models.", param_hint="--models")
    refuse_unknown(names, context.obj)
    typed, path = "", ""
    if text == "-" or context.obj:  # another machine has other files
        typed = reading.read(text)
    else:
        path = reading.named(text)

    def make(number: int) -> Scan:
        return Scan(id=number, models=names, text=typed, path=path, by=by, top=top, limit=limit, seed=seed)

    answer = ask(context.obj, make, Meter(sys.stderr))
    assert isinstance(answer, Scanned)
    found = answer.found
    show_notes(found.notes)
    if as_json:
        print_json(found)
    else:
        from tui.headless import tables

        tables.show(lines(found))


def lines(found: Hits) -> list[str]:
    """Everything that a person reads of a scan."""
    from tui.clean import clean
    from tui.headless.tables import model_line, table
    from tui.results import hits
    from tui.results.reading import first, number, place, token

    heads = [f">{hits.HEADS[found.by]}", "word"]
    for name in found.models:
        heads += [f">{clean(name)} bits", ">rank", "says"]
    rows = []
    for hit in found.hits:
        cells = [hits.amount(found.by, hit.value), hits.word(hit)]
        for score in hit.scores.values():
            said = first(score)
            cells += [number(score.surprisal_bits), place(score.rank), token(said.text) if said else ""]
        rows.append([*cells, "".join(hits.around(hit, SNIPPET)).strip()])
    about = f"{clean(hits.summary(found))}, {found.seconds:.0f} s"
    models = [model_line(method.identity) for method in found.models.values()]
    return [*models, about, f"by {found.by}: {hits.WHAT[found.by]}", "", *table([*heads, "where"], rows)]
