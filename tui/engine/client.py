"""The front end's side of the engine: start it, ask it, cancel, restart it, and say what happened to it.

Pure asyncio, so that the window and the command line share it. Nothing here blocks the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from core import messages
from core.errors import UserError
from core.messages import LINE_LIMIT, AnyEvent, AnyRequest, Cancel, Cancelled, Failed, Hello, Notice, Partial, Progress
from core.messages import Ready as ReadyEvent
from tui.engine.child import Child
from tui.engine.death import Death
from tui.engine.greeting import greet

AnyFinal = (
    messages.Loaded
    | messages.Predicted
    | messages.Compared
    | messages.Rescored
    | messages.Probed
    | messages.Evaluated
    | messages.Swept
    | messages.Scanned
    | messages.Paired
    | messages.Experimented
    | messages.Checked
    | Failed
    | Cancelled
)
Phase = Literal["off", "starting", "ready", "died"]
News = Hello | ReadyEvent | Notice | Death
"""What an engine tells besides answers: it is there, it is ready, it has something to say, it died."""

POLITE, FIRM = 3.0, 2.0
"""Seconds from `Cancel` to SIGTERM, and from there to SIGKILL."""
STABLE, RESTARTS = 10.0, 3
"""An engine that was up for `STABLE` seconds is started again by itself, `RESTARTS` times at most."""
GRACE = 0.3
"""Seconds that an engine has to leave by itself when the lab is closed."""


@dataclass
class _Pending:
    answer: asyncio.Future[AnyFinal]
    on_progress: Callable[[Progress], None] | None
    on_partial: Callable[[Partial], None] | None
    pages: list[bytes] = field(default_factory=list)
    """Words of its answer that came before it."""


class _Answer(msgspec.Struct):
    id: int


class Engine:
    """One engine at a time, started when it is first needed and again when it died.

    `on_news` is called on the event loop with everything that answers no request.
    """

    def __init__(self, remote: str = "", on_news: Callable[[News], None] | None = None) -> None:
        self.phase: Phase = "off"
        self.ready: ReadyEvent | None = None
        self.death: Death | None = None
        self.on_news = on_news
        self.remote = remote
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None
        self._greeted: asyncio.Future[None] | None = None
        self._pending: dict[int, _Pending] = {}
        self._unwanted: set[int] = set()
        self._numbers = itertools.count(1)
        self._restarts = 0
        self._closing = False
        self._ending = False

    def launch(self) -> None:
        """Start the process now, without an event loop, so that it imports while the front end does too.

        Raises UserError when it cannot be started.
        """
        if self._child is None:
            self._child = Child(self.remote)
            self.phase = "starting"

    async def start(self) -> None:
        """Return once the engine has said hello. Raises UserError when there is no engine to be had."""
        if self._greeted is None:
            self._begin()
        assert self._greeted is not None
        await asyncio.shield(self._greeted)

    def another(self) -> Engine:
        """A second engine, reached the same way, for what takes long: this one goes on answering."""
        return Engine(self.remote)

    def fresh(self) -> int:
        """An id for the next request."""
        return next(self._numbers)

    async def request(
        self,
        message: AnyRequest,
        on_progress: Callable[[Progress], None] | None = None,
        on_partial: Callable[[Partial], None] | None = None,
    ) -> AnyFinal:
        """Ask, and wait for the final event; an engine that dies meanwhile makes it `Failed`.

        Starts an engine when there is none. Cancelling the awaiting task tells the engine that the answer is no
        longer wanted, politely: only `cancel` insists.
        """
        if message.id in self._pending:
            raise ValueError(f"Request {message.id} is still open.")
        line = messages.encode(message)
        if len(line) > LINE_LIMIT:
            why = f"It would take {len(line):,} bytes; {LINE_LIMIT:,} can be sent at once."
            return Failed(id=message.id, what="The text is too long.", why=why, hint="Ask about a part of it.")
        pending = _Pending(asyncio.get_running_loop().create_future(), on_progress, on_partial)
        self._pending[message.id] = pending
        try:
            await self.start()
            if not pending.answer.done():
                self._send(line)
            return await pending.answer
        except UserError as error:
            return Failed(id=message.id, what=error.what, why=error.why, hint=error.hint)
        except asyncio.CancelledError:
            self._send(messages.encode(Cancel(id=self.fresh(), target=message.id)))
            raise
        finally:
            self._pending.pop(message.id, None)
            self._unwanted.discard(message.id)

    async def cancel(self, number: int) -> None:
        """Have a request answered soon: ask; if that does not help within seconds, end the engine and restart it."""
        pending, child = self._pending.get(number), self._child
        if pending is None or child is None:
            return
        if not self._greeting_done():  # it was never sent
            self._settle(number, Cancelled(id=number))
            return
        self._unwanted.add(number)
        self._send(messages.encode(Cancel(id=self.fresh(), target=number)))
        for seconds, next_step in ((POLITE, signal.SIGTERM), (FIRM, signal.SIGKILL)):
            await asyncio.wait([pending.answer], timeout=seconds)
            if pending.answer.done():
                break
            child.signal(next_step)
        await asyncio.wait([pending.answer], timeout=FIRM)
        with contextlib.suppress(UserError):  # told as news
            await self.start()

    async def restart(self) -> None:
        """End the engine, if there is one, and start another. Raises UserError when that fails."""
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """End the engine in well under a second, whatever it does. Open requests are `Cancelled`."""
        self._unwanted.update(self._pending)
        if self._child is None:
            return
        self._closing = True
        if self._task is None:  # launched, and never listened to
            self._begin()
        assert self._task is not None
        await asyncio.sleep(0)  # a task that has not begun would not clean up
        if not self._ending:
            self._task.cancel()
        await asyncio.wait([self._task])

    def _begin(self) -> None:
        self.launch()
        assert self._child is not None
        self._ending = False
        self._greeted = asyncio.get_running_loop().create_future()
        self._greeted.add_done_callback(lambda future: future.cancelled() or future.exception())  # read by nobody
        self._task = asyncio.create_task(self._listen(self._child, self._greeted))

    def _greeting_done(self) -> bool:
        return self._greeted is not None and self._greeted.done()

    def _send(self, line: bytes) -> None:
        if self._child is not None and self._greeting_done():
            self._child.write(line)

    async def _listen(self, child: Child, greeted: asyncio.Future[None]) -> None:
        """One engine from its first line to its end."""
        trouble: UserError | None = None
        try:
            await child.attach()
            hello = await greet(child)
            greeted.set_result(None)
            self._tell(hello)
            while line := await child.line():
                self._take(line)
                await asyncio.sleep(0)  # many lines may be here already: others have their turn between them
        except UserError as error:
            trouble = error
        except EOFError:
            pass  # it ended without a greeting: its exit code and last line will say why
        except ValueError as error:
            trouble = UserError("The engine sent a line that is too long.", why=str(error))
        finally:
            self._ending = True
            death = await child.end(GRACE if self._closing or trouble else FIRM)
            self._bury(death, greeted, trouble)

    def _bury(self, death: Death, greeted: asyncio.Future[None], trouble: UserError | None) -> None:
        """Answer everything that is open, say what happened, and start again where that is promising."""
        self._child = self._task = self._greeted = self.ready = None
        why = trouble.why if trouble else f"{death.cause}. {death.last}".strip()
        worked = greeted.done()
        if not worked:
            hint = trouble.hint if trouble else ""
            greeted.set_exception(UserError(trouble.what if trouble else "The engine did not start.", why, hint))
        for number in list(self._pending):
            what = trouble.what if trouble else "The engine died before it had an answer."
            failed = Failed(id=number, what=what, why=why, hint="Ask again: it is started anew.", detail=death.tail())
            self._settle(number, Cancelled(id=number) if number in self._unwanted else failed)
        if self._closing:
            self.phase, self._closing = "off", False
            return
        self.phase, self.death = "died", death
        self._tell(death)
        if worked and death.seconds > STABLE and self._restarts < RESTARTS:
            self._restarts += 1
            with contextlib.suppress(UserError):  # then it stays dead until the next request says why
                self._begin()

    def _take(self, line: bytes) -> None:
        try:
            event: AnyEvent = messages.decode_event(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            self._unreadable(line, error)
            return
        if isinstance(event, Progress):
            pending = self._pending.get(event.id)
            if pending is not None and pending.on_progress is not None:
                asyncio.get_running_loop().call_soon(pending.on_progress, event)
        elif isinstance(event, Partial):
            pending = self._pending.get(event.id)
            if pending is not None and pending.on_partial is not None:
                asyncio.get_running_loop().call_soon(pending.on_partial, event)
        elif isinstance(event, messages.Page):
            if pending := self._pending.get(event.id):
                pending.pages.append(bytes(event.words))
        elif isinstance(event, messages.Final):
            self._settle(event.id, self._whole(event))
        else:
            if isinstance(event, ReadyEvent):
                self.ready, self.phase = event, "ready"
            self._tell(event)

    def _unreadable(self, line: bytes, error: Exception) -> None:
        """Nobody may wait for ever for an answer that came and could not be read."""
        why = f"{error} in {line[:80]!r}"
        try:
            number = msgspec.json.decode(line, type=_Answer).id
        except (msgspec.MsgspecError, RecursionError):
            number = None
        if number in self._pending:
            self._settle(number, Failed(id=number, what="The engine's answer could not be read.", why=why))
        else:
            self._tell(Notice(text=f"The engine said something that could not be read: {why}", level="warning"))

    def _whole(self, answer: AnyFinal) -> AnyFinal:
        """An answer with the words that came before it."""
        pending = self._pending.get(answer.id)
        if not isinstance(answer, messages.Compared) or pending is None or not pending.pages:
            return answer
        words = messages.Pages(pending.pages)
        return messages.Compared(id=answer.id, comparison=msgspec.structs.replace(answer.comparison, words=words))

    def _settle(self, number: int, answer: AnyFinal) -> None:
        pending = self._pending.get(number)
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(answer)

    def _tell(self, news: News) -> None:
        if self.on_news is not None:
            asyncio.get_running_loop().call_soon(self.on_news, news)
