"""Questions to an engine from the command line: start it, ask, say on a terminal how far it is, end it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from core.messages import AnyRequest, Cancelled, Failed, Hello, Notice, Progress, Ready
from tui.clean import clean, clean_lines
from tui.engine import AnyFinal, Engine, News


class Narrator:
    """One line on standard error that is written over again and again; silent where that is not a terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = 0

    def say(self, text: str) -> None:
        """Replace the line."""
        if self._live:
            text = clean(text)[:78]
            sys.stderr.write("\r" + text.ljust(self._shown) + "\r")
            sys.stderr.flush()
            self._shown = len(text)

    def progress(self, event: Progress) -> None:
        """How far a request is."""
        self.say(f"{event.note} {event.done}/{event.total}")

    def news(self, news: News) -> None:
        """What the engine says besides. Warnings and errors are kept, with or without a terminal."""
        if isinstance(news, Hello):
            self.say("importing torch")
        elif isinstance(news, Ready):
            self.say(f"ready on {news.device}")
        elif isinstance(news, Notice) and news.level != "info":
            self.say("")
            complain(news.text)

    def close(self) -> None:
        """Take the line away."""
        self.say("")


def complain(text: str) -> None:
    """Tell a person on standard error that something is wrong."""
    sys.stderr.write(f"lookboth: {clean_lines(text)}\n")


def failed(answer: Failed) -> None:
    """Say why there is no answer, and where it is a bug, everything that helps to find it."""
    complain(" ".join(part for part in (answer.what, answer.why, answer.hint) if part))
    if answer.detail:
        sys.stderr.write(clean_lines(answer.detail).rstrip() + "\n")


def session(remote: str, work: Callable[[Engine], Coroutine[Any, Any, None]], narrator: Narrator) -> bool:
    """Start an engine, have `work` ask it what it likes, and end it. False when ctrl+c ended it before its time."""

    async def whole() -> None:
        engine = Engine(remote, narrator.news)
        try:
            narrator.say("starting the engine")
            await work(engine)
        finally:
            await engine.stop()
            narrator.close()

    try:
        asyncio.run(whole())
    except KeyboardInterrupt:
        return False
    return True


def ask(remote: str, make: Callable[[int], AnyRequest], narrator: Narrator | None = None) -> AnyFinal:
    """The final event of the request that `make` builds around an id. ctrl+c makes it `Cancelled`."""
    told = narrator or Narrator()
    answers: list[AnyFinal] = []

    async def question(engine: Engine) -> None:
        answers.append(await engine.request(make(engine.fresh()), told.progress))

    return answers[0] if session(remote, question, told) else Cancelled(id=0)
