"""The processes that this window started, and whose end it therefore sees at once."""

from __future__ import annotations

from core.runs import Run
from core.trio.folder import TrioFolder
from tui.runs.detached import Started


class Trainers:
    """Processes by the name of what they train."""

    def __init__(self) -> None:
        self._started: dict[str, Started[Run] | Started[TrioFolder]] = {}

    def keep(self, started: Started[Run] | Started[TrioFolder] | None) -> None:
        """Watch for the end of a process from now on; None was no process."""
        if started is not None:
            self._started[started.of.id] = started

    def buried(self) -> list[str]:
        """A sentence for each that ended since the last look and left no result. Reads files: call it in a thread."""
        found = []
        for name, started in list(self._started.items()):
            if (death := started.death()) is not None:
                del self._started[name]
                of = started.of
                left = of.outcome() if isinstance(of, Run) else of.ended()
                if left is None and of.folder.is_dir():  # a person may have deleted it
                    found.append(f"The trainer of {name} ended. {death.cause}. {death.last}")
        return found
