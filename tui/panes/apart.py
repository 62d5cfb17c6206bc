"""A pane that stands aside, with an engine of its own: what takes long leaves Predict and Compare their answers."""

from __future__ import annotations

from tui.engine import Engine
from tui.panes.pane import Pane


class ApartPane(Pane):
    """Its engine is started when it is first asked, and ended when it has answered."""

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
