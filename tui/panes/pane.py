"""What the four panes share.

A pane is a part of the window with a title, help, bindings and one widget where the focus rests. Every `Binding`
has an `id` ("pane.action") and a `tooltip` (one sentence), because help and the command palette are made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from core.messages import AnyRequest, Progress
from tui.engine import AnyFinal, Engine
from tui.widgets.problem import Problem

if TYPE_CHECKING:
    from tui.app import LookbothApp
    from tui.state import Status

REFRESH = 0.25
"""Seconds between two progress notes on screen: more would only cost a remote terminal."""
TOAST = 4.0
"""Seconds that a passing word covers what lies under it."""
Files = Mapping[str, str | Iterable[str]]
"""Contents by suffix; what may be long comes in pieces."""


class Pane(Vertical):
    """One of the four panes."""

    TITLE: ClassVar[str] = ""
    """As in the header: one word."""
    MODELS: ClassVar[bool] = False
    """Whether models answer here, which a person may choose."""
    ABOUT: ClassVar[str] = ""
    """What one can do here, in a few sentences, for the help screen."""

    BEARS_ON: ClassVar[Mapping[str, str]] = {}
    """The claims of the notes that can be seen here, each with how, the first one most of all."""
    LEGEND: ClassVar[str] = ""
    """The signs used here, explained, for the help screen."""

    class Said(Message):
        """The pane has something new to say in the status line: read `Pane.status()`."""

    class Answered(Message):
        """A question put with `ask` under the name `slot` has its final answer."""

        def __init__(self, slot: str, answer: AnyFinal) -> None:
            super().__init__()
            self.slot = slot
            self.answer = answer

    class Progressed(Message):
        """How far an open question is; a newer one replaces it."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest matters."""
            return isinstance(message, Pane.Progressed)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.open: dict[str, int] = {}
        """Ids of the questions that have no answer yet, by slot."""
        self.progress: Progress | None = None
        self.models: list[str] = []
        """The names of the models that answer here, for the header."""
        self._painted = 0.0

    @property
    def lab(self) -> LookbothApp:
        """The app, typed."""
        from tui.app import LookbothApp

        app = self.app
        assert isinstance(app, LookbothApp)
        return app

    @property
    def engine(self) -> Engine:
        """The engine of the app. It may not be ready, or have died: `lab.status` says so."""
        return self.lab.engine

    # --- what a pane may define ------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        """Where the focus goes when the pane is shown and when esc leaves a text field."""
        return None

    def status(self) -> str:
        """What the pane is doing or waiting for, in a few words for the status line; empty when nothing."""
        return ""

    def shown(self) -> None:
        """Called each time the pane comes to the front."""

    def engine_changed(self, status: Status) -> None:
        """Called when the engine started, became ready or died."""

    def answered(self, slot: str, answer: AnyFinal) -> None:
        """Called with the answer to the newest question of `slot`; answers to older ones never arrive here."""

    def choose_models(self) -> None:
        """Open the choice of models, where `MODELS` says that there is one."""
        raise NotImplementedError

    def open_model(self, reference: str) -> None:
        """Look at one more model, in a pane where models answer."""
        raise NotImplementedError

    def as_text(self) -> str:
        """What `y` copies: what is shown, as text; empty for nothing. Called in a thread: change no widget."""
        return ""

    def as_files(self) -> Files:
        """What `e` exports: contents by suffix ("json", "csv", "md"). Called in a thread: change no widget."""
        return {}

    async def end(self) -> None:
        """Called when the window closes, for what must not be left behind; in well under a second."""

    # --- what a pane may use ---------------------------------------------------------------------------------

    def say(self) -> None:
        """Have the status line read `status()` again."""
        self.post_message(self.Said())

    def ask(self, slot: str, request: AnyRequest) -> None:
        """Put a question to the engine. An earlier one of the same slot is cancelled and its answer dropped."""
        self.open[slot] = request.id
        self.run_worker(self._wait(slot, request), group=f"ask {slot}", exclusive=True, exit_on_error=False)
        self.say()

    def drop(self, slot: str) -> None:
        """Want no answer to the question of a slot any more: the engine is told so, without insisting."""
        if self.open.pop(slot, None) is not None:
            self.workers.cancel_group(self, f"ask {slot}")
            self.say()

    def give_up(self) -> None:
        """Cancel every open question, insisting: an engine that does not listen is restarted."""
        for number in self.open.values():
            self.run_worker(self.engine.cancel(number), group="cancel", exit_on_error=False)

    async def _wait(self, slot: str, request: AnyRequest) -> None:
        answer = await self.engine.request(request, self._moved)
        self.post_message(self.Answered(slot, answer))

    def _moved(self, progress: Progress) -> None:
        self.post_message(self.Progressed(progress))

    @on(Worker.StateChanged)
    def _worker(self, event: Worker.StateChanged) -> None:
        """A worker that failed is a bug: say so, and go on."""
        if event.state == WorkerState.ERROR and event.worker.error is not None:
            self.lab.fail(Problem.bug(event.worker.error))

    @on(Answered)
    def _answer(self, event: Answered) -> None:
        event.stop()
        if self.open.get(event.slot) != event.answer.id:
            return
        del self.open[event.slot]
        if not self.open:
            self.progress = None
        self.answered(event.slot, event.answer)
        self.say()

    @on(Progressed)
    def _progress(self, event: Progressed) -> None:
        event.stop()
        if event.progress.id in self.open.values():
            self.progress = event.progress
            if monotonic() - self._painted >= REFRESH:
                self._painted = monotonic()
                self.say()
