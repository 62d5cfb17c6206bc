"""The trainers that this window started, and whose end it therefore sees at once."""

from __future__ import annotations

from tui.runs.trainer import Started
from tui.runs.trios import StartedTrio


class Trainers:
    """Processes by the name of what they train."""

    def __init__(self) -> None:
        self._started: dict[str, Started | StartedTrio] = {}

    def keep(self, started: Started | StartedTrio | None) -> None:
        """Watch for the end of a process from now on; None was no process."""
        if started is not None:
            self._started[started.run.id if isinstance(started, Started) else started.trio.id] = started

    def buried(self) -> list[str]:
        """A sentence for each that ended since the last look and left no result. Reads files: call it in a thread."""
        found = []
        for name, started in list(self._started.items()):
            if (death := started.death()) is not None:
                del self._started[name]
                left = started.run.outcome() if isinstance(started, Started) else started.trio.ended()
                if left is None:
                    found.append(f"The trainer of {name} ended. {death.cause}. {death.last}")
        return found
