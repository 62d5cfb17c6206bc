"""A comparison from the command line: of a long text it is said how long it takes before the work starts."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from tui.headless import asking
from tui.headless.output import CANCELLED, FAILED
from tui.results.estimates import Pace, beginning, words_in

if TYPE_CHECKING:
    from core.messages import Compare, Comparison, Identity
    from tui.engine import AnyFinal, Engine

LONG = 2000
"""Words from which the time is said."""


def compare(remote: str, request: Compare) -> Comparison:
    """The answer; anything else ends the program with its reason."""
    from core.messages import Cancelled, Compared, Failed

    told = asking.Narrator()
    answers: list[AnyFinal] = []

    async def work(engine: Engine) -> None:
        if words_in(request.text) > LONG:
            await _foretell(engine, request)
        answers.append(await engine.request(replace(request, id=engine.fresh()), told.progress))

    whole = asking.session(remote, work, told)
    answer = answers[0] if whole and answers else Cancelled(id=0)
    if isinstance(answer, Failed):
        asking.failed(answer)
        raise typer.Exit(FAILED)
    if not isinstance(answer, Compared):
        asking.complain("Cancelled.")
        raise typer.Exit(CANCELLED)
    return replace(answer.comparison, words=list(answer.comparison.words))


async def _foretell(engine: Engine, request: Compare) -> None:
    """Measure the speed on the first words: twice, because the first time the models have to be opened."""
    from core.messages import Compared
    from tui.results.captions import long_work

    start, pace = replace(request, text=beginning(request.text), top=1), Pace()
    known: dict[str, Identity] = {}
    for _ in range(2):
        begun = time.monotonic()
        answer = await engine.request(replace(start, id=engine.fresh()))
        if not isinstance(answer, Compared):
            return  # the request itself will say why
        pace.learn(answer.comparison, request.pll, time.monotonic() - begun)
        known = {name: method.identity for name, method in answer.comparison.models.items()}
    words = words_in(request.text)
    seconds = pace.expected(known, request.models, words, request.pll)
    sys.stderr.write(f"{long_work(words, request.models, seconds)}\n")
