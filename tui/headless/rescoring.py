"""`lookboth rescore`: which of several words stood in this place? Every model reads the whole text with each put in."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from core.errors import UserError
from tui.headless.output import Json, print_json
from tui.headless.questions import File, Text, ask, names_of, refuse_unknown, text_of

EPILOG = (
    "A word that stands in the text more than once is named by its characters: --at 4:8 is from the fifth to the "
    "eighth. Shares are among the candidates; the log-probability is that of the whole text, of a masked model its "
    "pseudo-log-likelihood."
)
PLACES = 6
"""Places of a word that are named."""


def rescore(
    context: typer.Context,
    text: Text = None,
    at: Annotated[
        str, typer.Option(help="The place: a word of the text, or the characters START:END.", metavar="WORD|START:END")
    ] = "",
    candidates: Annotated[str, typer.Option("--candidates", "-c", help="2 to 50, with commas between.")] = "",
    file: File = None,
    models: Annotated[str, typer.Option("--models", "-m", help="Which, with commas between.")] = "bert,gpt2",
    as_json: Json = False,
) -> None:
    """Candidates for one place of a text, by every model.

    Each is put in and the whole text is scored, so that GPT-2 too uses what stands to the right.
    """
    from core.messages import Rescore, Rescored
    from tui.results import rescorings

    if not at:
        raise typer.BadParameter("Name a word, or characters as START:END.", param_hint="--at")
    asked, names = text_of(text, file), names_of(models)
    words = rescorings.parse(candidates, ",")
    start, end = place(asked, at)
    refuse_unknown(names, context.obj)

    def make(number: int) -> Rescore:
        return Rescore(id=number, models=names, text=asked, start=start, end=end, candidates=words)

    answer = ask(context.obj, make)
    assert isinstance(answer, Rescored)
    if as_json:
        print_json(answer.rescoring)
    else:
        from tui.clean import clean
        from tui.headless import tables

        tables.show(clean(line) for line in rescorings.as_table(answer.rescoring).splitlines())


def place(text: str, at: str) -> tuple[int, int]:
    """The characters that `at` names in `text`. Raises UserError where that is none, or where it is not one alone."""
    if (named := re.fullmatch(r"(\d+):(\d+)", at)) is not None:
        start, end = int(named[1]), int(named[2])
        if not start < end <= len(text):
            why = f"The text has {len(text):,} characters, counted from 0."
            raise UserError(f"There are no characters {at} in this text.", why=why)
        return start, end
    found = [one.span() for one in re.finditer(_alone(at), text)]
    if not found:
        raise UserError(f"The word {at!r} does not stand in this text.", hint="Name it as it is written there.")
    if len(found) > 1:
        places = ", ".join(f"{start}:{end}" for start, end in found[:PLACES])
        hint = f"Give one of them: --at {places}{', …' if len(found) > PLACES else ''}."
        raise UserError(f"The word {at!r} stands in this text {len(found)} times.", hint=hint)
    return found[0]


def _alone(word: str) -> str:
    """A pattern for `word` where no letter or digit goes on beside a letter or digit of it."""
    before = r"(?<!\w)" if re.match(r"\w", word) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", word) else ""
    return f"{before}{re.escape(word)}{after}"
