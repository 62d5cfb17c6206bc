"""`lookboth compare`: the same words through several models; saved, opened again, and laid beside an earlier time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from core.messages import PAGE, PLL, FirstToken
from tui.headless.output import Json, print_json
from tui.headless.questions import File, Text, names_of, refuse_unknown, show_notes, text_of

if TYPE_CHECKING:
    from core.messages import Comparison

EPILOG = (
    "--diff FILE without a TEXT asks again for the text of FILE, with its models and its method. How long a text of "
    "more than 2,000 words takes is said before it starts."
)
MODELS = "bert,gpt2"


def compare(
    context: typer.Context,
    text: Text = None,
    file: File = None,
    models: Annotated[
        str | None,
        typer.Option("--models", "-m", help="Which models, with commas between.", show_default=MODELS),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            help="How many candidates at each word: 10, and in a text of many pages none unless you say so.",
            min=0,
            max=1000,
            show_default=False,
        ),
    ] = None,
    page: Annotated[
        int | None,
        typer.Option(help=f"Only this page of {PAGE} words, counted from 1.", min=1, show_default=False),
    ] = None,
    pll: Annotated[
        PLL | None, typer.Option(help="How masked models are scored.", show_default="within_word_l2r")
    ] = None,
    first_token: Annotated[
        FirstToken | None, typer.Option(help="The first token of causal models.", show_default="bos")
    ] = None,
    save: Annotated[str, typer.Option(help="Keep the comparison under this name.", metavar="NAME")] = "",
    opened: Annotated[
        str, typer.Option("--open", help="Show a saved comparison: its name or its file.", metavar="FILE")
    ] = "",
    diff: Annotated[
        str, typer.Option(help="What changed since a saved comparison: its name or its file.", metavar="FILE")
    ] = "",
    as_json: Json = False,
) -> None:
    """The same words through several models.

    For each word its surprisal in bits, its rank, and what each model would have said.
    """
    from core.messages import Compare
    from tui.headless import long
    from tui.results import parts
    from tui.results.estimates import words_in

    if save:
        _save_as(save)
    old = _read(diff) if diff else None
    if opened:
        if text is not None or file is not None:
            raise typer.BadParameter("Give either a text or --open.", param_hint="TEXT")
        new = _read(opened)
    else:
        again = old if text is None and file is None else None
        asked = again.text if again else text_of(text, file)
        wanted = names_of(models) if models is not None else list(again.models) if again else names_of(MODELS)
        if top is None:
            top = 10 if words_in(asked) <= PAGE else 0 if as_json and not save else 1
        request = Compare(
            id=0, models=wanted, text=asked, top=top, pll=pll or _pll(again),
            first_token=first_token or _first(again), paged=True,
        )  # fmt: skip
        refuse_unknown(wanted, context.obj)
        new = long.compare(context.obj, request)
    show_notes(new.notes)
    if save:
        _save_as(save, new)
    _show(parts.part(new, page) if page else new, old, as_json)


def _read(reference: str) -> Comparison:
    from msgspec.structs import replace

    from tui.results import comparisons

    found = comparisons.read(comparisons.find(reference))
    return replace(found, words=list(found.words))


def _save_as(name: str, comparison: Comparison | None = None) -> None:
    """Keep a comparison; without one only see whether the name will do, before an engine works for it."""
    from tui.clean import clean
    from tui.results import comparisons

    if comparison is None:
        comparisons.check(name)
    else:
        sys.stderr.write(f"Saved: {clean(str(comparisons.save(comparison, name)))}\n")


def _pll(again: Comparison | None) -> PLL:
    """The pseudo-log-likelihood of an earlier comparison."""
    used = {method.method for method in again.models.values()} if again else set()
    return next((pll for pll in get_args(PLL) if pll in used), "within_word_l2r")


def _first(again: Comparison | None) -> FirstToken:
    return "skip" if again and any(method.first_token == "skip" for method in again.models.values()) else "bos"


def _show(new: Comparison, old: Comparison | None, as_json: bool) -> None:
    if old is not None:
        from tui.results import differences

        found = differences.differences(old, new)
        if as_json:
            print_json(found)
        else:
            from tui.clean import clean
            from tui.headless import tables

            tables.show(clean(line) for line in differences.as_table(found).splitlines())
    elif as_json:
        print_json(new)
    else:
        from tui.headless import tables

        tables.show(tables.comparison(new))
