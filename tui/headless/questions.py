"""`lookboth predict`, and what the verbs that ask models about a text have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from tui.headless.output import CANCELLED, FAILED, Json, print_json

if TYPE_CHECKING:
    from core.messages import AnyRequest
    from tui.engine import AnyFinal
    from tui.headless.asking import Narrator

Text = Annotated[
    str | None, typer.Argument(help="The text, or - for standard input.", metavar="TEXT", show_default=False)
]
File = Annotated[str | None, typer.Option("--file", "-f", help="Read the text from this file.", show_default=False)]
Top = Annotated[int, typer.Option(help="How many candidates at each place.", min=1, max=1000)]


def predict(
    context: typer.Context,
    text: Text = None,
    file: File = None,
    model: Annotated[str, typer.Option("--model", "-m", help="Which model: see `lookboth models`.")] = "bert",
    top: Top = 10,
    as_json: Json = False,
) -> None:
    """What each place holds: top candidates.

    At every [MASK], <mask> or ___ in TEXT; without one, at its end.
    """
    from core.messages import Predict, Predicted

    asked = text_of(text, file)
    refuse_unknown([model], context.obj)
    answer = ask(context.obj, lambda number: Predict(id=number, model=model, text=asked, top=top))
    assert isinstance(answer, Predicted)
    show_notes(answer.prediction.notes)
    if as_json:
        print_json(answer.prediction)
    else:
        from tui.headless import tables

        tables.show(tables.prediction(answer.prediction))


def text_of(text: str | None, file: str | None) -> str:
    """The text that an argument or a file gives, one of the two."""
    from tui.headless import input as reading

    if (text is None) == (file is None):
        raise typer.BadParameter("Give either a text, - or --file.", param_hint="TEXT")
    if file is not None or text == "-":
        return reading.read(file or "-")
    assert text is not None
    return reading.given(text)


def names_of(models: str) -> list[str]:
    """The models of an option, each once, in their order."""
    names = list(dict.fromkeys(name.strip() for name in models.split(",") if name.strip()))
    if not names:
        raise typer.BadParameter("Name at least one model.", param_hint="--models")
    return names


def refuse_unknown(names: list[str], remote: str) -> None:
    """Refuse a model that is not there before an engine is started for it. Another machine has other models."""
    if not remote:
        from core import catalogue

        for name in names:
            catalogue.resolve(name)


def ask(remote: str, make: Callable[[int], AnyRequest], narrator: Narrator | None = None) -> AnyFinal:
    """The result of a request; anything else ends the program with its reason."""
    from core.messages import Cancelled, Failed
    from tui.headless import asking

    answer = asking.ask(remote, make, narrator)
    if isinstance(answer, Failed):
        asking.failed(answer)
        raise typer.Exit(FAILED)
    if isinstance(answer, Cancelled):
        asking.complain("Cancelled.")
        raise typer.Exit(CANCELLED)
    return answer


def show_notes(notes: list[str]) -> None:
    """What a reader of the numbers must know, on standard error."""
    from tui.clean import clean

    for note in notes:
        sys.stderr.write(f"note: {clean(note)}\n")
