"""The requests on the engine's table: those that wait, and the one that is worked on."""

from __future__ import annotations

import threading
from collections import deque

from core.messages import AnyRequest


class Tray:
    """Keeps requests in the order they came. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._waiting: deque[AnyRequest] = deque()
        self._current: AnyRequest | None = None
        self._cancelled = False
        self._changed = threading.Condition()

    def add(self, request: AnyRequest) -> bool:
        """Put a request last. False, and nothing happens, when its id is still open."""
        with self._changed:
            if self._open(request.id):
                return False
            self._waiting.append(request)
            self._changed.notify()
            return True

    def is_open(self, number: int) -> bool:
        """Whether a request with this id waits or is worked on."""
        with self._changed:
            return self._open(number)

    def take(self, patience: float | None = None) -> AnyRequest | None:
        """Make the first request the current one and return it; None when none comes for `patience` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), patience):
                return None
            self._current = self._waiting.popleft()
            self._cancelled = False
            return self._current

    def cancel(self, target: int) -> bool:
        """Cancel a request. True when it was still waiting and is now gone: the caller owes it an answer.

        The current one is only marked. One that is not open, answered perhaps a moment ago, is left alone.
        """
        with self._changed:
            if self._current is not None and self._current.id == target:
                self._cancelled = True
                return False
            for request in self._waiting:
                if request.id == target:
                    self._waiting.remove(request)
                    return True
            return False

    def cancelled(self) -> bool:
        """Whether the current request is no longer wanted."""
        with self._changed:
            return self._cancelled

    def close(self) -> bool:
        """The current request is done with. True when it was cancelled before this moment."""
        with self._changed:
            self._current = None
            return self._cancelled

    def _open(self, number: int) -> bool:
        current = self._current is not None and self._current.id == number
        return current or any(request.id == number for request in self._waiting)
