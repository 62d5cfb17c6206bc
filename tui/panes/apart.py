"""A pane that stands aside, with an engine of its own: what takes long leaves Predict and Compare their answers."""

from __future__ import annotations

from textual import on
from textual.message import Message

from core.messages import AnyRequest, Partial
from tui.engine import Engine
from tui.panes.pane import Pane


class ApartPane(Pane):
    """Its engine is started when it is first asked, and ended when it has answered; an answer may grow on its way."""

    class Grown(Message):
        """What there is so far of the answer to the question of a slot."""

        def __init__(self, slot: str, news: Partial) -> None:
            super().__init__()
            self.slot = slot
            self.news = news

        def can_replace(self, message: Message) -> bool:
            """Only the latest matters."""
            return isinstance(message, ApartPane.Grown)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._own: Engine | None = None
        self._leaving: Engine | None = None
        """The one that was ended last, which may take a moment."""

    @property
    def engine(self) -> Engine:
        """An engine of this pane's own."""
        if self._own is None:
            self._own = self.lab.engine.another()
        return self._own

    def grew(self, news: Partial) -> None:
        """Called with each partial answer to a question that is still open."""

    async def _wait(self, slot: str, request: AnyRequest) -> None:
        def partly(news: Partial) -> None:
            self.post_message(self.Grown(slot, news))

        answer = await self.engine.request(request, self._moved, partly)
        self.post_message(self.Answered(slot, answer))

    @on(Grown)
    def _grown(self, event: Grown) -> None:
        event.stop()
        if self.open.get(event.slot) == event.news.id:
            self.grew(event.news)

    @property
    def percent(self) -> float:
        """How far the work is, from 0 to 100."""
        return 100 * self.progress.done / max(1, self.progress.total) if self.progress else 0.0

    def far(self, what: str) -> str:
        """How far `what` is, for the status line."""
        if self.progress is None:
            return f"starting an engine for {what} · x stops"
        return f"{self.percent:.0f} %: {self.progress.note} · x stops"

    def give_up(self) -> None:
        """Nothing: only a key for it stops what may have taken an hour."""

    def rest_engine(self) -> None:
        """Nothing is asked any more: end the engine, which gives its memory back."""
        if (own := self._let_go()) is not None:
            self._leaving = own
            self.run_worker(own.stop(), group="quit")

    async def end(self) -> None:
        """The window closes: so does the engine of this pane."""
        for slot in list(self.open):
            self.workers.cancel_group(self, f"ask {slot}")
        for engine in filter(None, (self._leaving, self._let_go())):
            await engine.stop()

    def _let_go(self) -> Engine | None:
        """The engine, which is no longer this pane's: the next question starts another."""
        own, self._own = self._own, None
        return own
