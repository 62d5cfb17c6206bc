"""The engine: read a request, call one function, send its answer.

Requests are worked one at a time in the order they came; a cancellation is seen at once. Every request gets
exactly one final event. Whatever goes wrong with one request is its answer, and the engine goes on.
"""

from __future__ import annotations

import faulthandler
import os
import platform
import signal
import traceback
from collections.abc import Callable
from typing import NoReturn, Protocol

import msgspec

from core import __version__
from core.engine.tray import Tray
from core.engine.wire import Wire
from core.errors import Cancelled as CancelledError
from core.errors import UserError
from core.messages import (
    PROTOCOL,
    AnyRequest,
    Cancel,
    Cancelled,
    Event,
    Failed,
    Hello,
    Notice,
    Progress,
    decode_request,
)

IDLE = 0.3
"""Seconds without a request before the engine does what can wait."""


class ProgressCall(Protocol):
    """What the work of a request tells on its way; raises `core.errors.Cancelled` when nobody wants it any longer."""

    def __call__(self, done: int, total: int, note: str) -> None:
        """How far it is."""

    def show(self, event: Event) -> None:
        """A partial result."""


class Bench(Protocol):
    """Where the work is done. The real one is `core.engine.bench.Bench`."""

    def prepare(self) -> list[Event]:
        """Import what is heavy and choose a device: what to tell the front end, `Ready` first."""

    def work(self, request: AnyRequest, progress: ProgressCall) -> Event:
        """The final event of a request. Whatever it raises becomes its answer."""

    def leisure(self) -> list[Event]:
        """What could wait until after the first answer; called once, when nothing else is to do."""

    def relieve(self) -> None:
        """Memory ran out: let go of what can be made again."""


class Server:
    """Takes requests from a wire to a bench and the answers back."""

    def __init__(self, wire: Wire, bench: Bench) -> None:
        self._wire = wire
        self._bench = bench
        self._tray = Tray()

    def receive(self, line: bytes) -> None:
        """One line from the front end, on the reader's thread."""
        try:
            request = decode_request(line)
        except Exception as error:  # whatever is wrong with a line, the next one may be right
            self._wire.send(self._unreadable(line, error))
            return
        if isinstance(request, Cancel):
            if self._tray.cancel(request.target):
                self._wire.send(Cancelled(id=request.target))
        elif not self._tray.add(request):
            self._wire.send(Notice(text=f"Request {request.id} was ignored: its id is in use.", level="error"))

    def run(self) -> NoReturn:
        """Work for ever. The wire ends the process when the front end is gone."""
        self._tell(self._bench.prepare())
        answered = rested = False
        while True:
            self._wire.wait_for_room()
            request = self._tray.take(IDLE if answered and not rested else None)
            if request is not None:
                self._answer(request)
                answered = True
            else:
                rested = True
                self._tell(self._bench.leisure())

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            self._wire.send(event)

    def _answer(self, request: AnyRequest) -> None:
        panic = ""
        answer: Event
        try:
            self._stop_if_cancelled()
            answer = self._bench.work(request, _Teller(request.id, self._tell_of))
        except CancelledError:
            answer = Cancelled(id=request.id)
        except BaseException as error:  # also panics of tokenizers, which are not Exceptions
            if out_of_memory(error):
                self._bench.relieve()
            answer = failure(request.id, error)
            panic = "" if isinstance(error, Exception) else type(error).__name__
        if self._tray.close():
            answer = Cancelled(id=request.id)
        try:
            self._wire.send(answer)
        except ValueError as error:
            hint = "Take a shorter text, fewer models, or fewer candidates."
            self._wire.send(Failed(id=request.id, what="The answer is too long to send.", why=str(error), hint=hint))
        if panic:
            text = f"A library failed inside the engine ({panic}) and may be damaged: restart the engine."
            self._wire.send(Notice(text=text, level="error"))

    def _tell_of(self, event: Event) -> None:
        """Something on the way to an answer. Raises `core.errors.Cancelled` when that is no longer wanted."""
        self._stop_if_cancelled()
        self._wire.send(event)

    def _stop_if_cancelled(self) -> None:
        if self._tray.cancelled():
            raise CancelledError

    def _unreadable(self, line: bytes, error: Exception) -> Event:
        """The answer to a line that is no request: to its id where it has one, so that nobody waits for ever."""
        why = f"{type(error).__name__}: {error}"[:500]
        try:
            number = msgspec.json.decode(line, type=_Numbered).id
        except Exception:  # then it has no id, and the notice below says what was wrong
            number = None
        if number is None or self._tray.is_open(number):
            return Notice(text=f"A line from the front end could not be read. {why}", level="error")
        return Failed(id=number, what="The engine does not understand this request.", why=why)


class _Teller:
    """The `ProgressCall` of one request."""

    def __init__(self, number: int, show: Callable[[Event], None]) -> None:
        self._number, self.show = number, show

    def __call__(self, done: int, total: int, note: str) -> None:
        self.show(Progress(id=self._number, done=done, total=total, note=note))


class _Numbered(msgspec.Struct):
    id: int


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, here or on an accelerator. Told by name, because torch is not imported here."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"MemoryError", "OutOfMemoryError"}) or "can't allocate memory" in str(error)


def failure(number: int, error: BaseException) -> Failed:
    """What to tell a person about an error."""
    if isinstance(error, UserError):
        return Failed(id=number, what=error.what, why=error.why, hint=error.hint)
    why = f"{type(error).__name__}: {error}"[:2000]
    if out_of_memory(error):
        hint = "Take a shorter text, a smaller model, or fewer models at once."
        return Failed(id=number, what="There is not enough memory for this.", why=why, hint=hint)
    detail = "".join(traceback.format_exception(error))[-20_000:]
    return Failed(id=number, what="This is a bug in Lookboth.", why=why, detail=detail)


def serve(requests: int, events: int, bench: Bench) -> NoReturn:
    """Be an engine on two descriptors until the front end is gone."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback when it was started by hand
    wire = Wire(requests, events)
    server = Server(wire, bench)
    wire.send(Hello(protocol=PROTOCOL, build=__version__, python=platform.python_version(), pid=os.getpid()))
    wire.start(server.receive)
    server.run()
