"""Start the sequencer of a trio, which trains the three and writes the report; or refuse to."""

from __future__ import annotations

from core.errors import UserError
from core.plan import Choice
from core.trio import folder as trios
from core.trio.folder import TrioFolder
from tui.runs.detached import Started, launch

BUSY = ("starting", "running", "examining", "elsewhere")
"""States of a trio that somebody is at."""


def start_trio(choice: Choice, seeds: int = 1, name: str = "") -> Started[TrioFolder]:
    """Make a trio of `seeds` seeds of each family and start it. `choice.family` says nothing here.

    Raises UserError for a choice that cannot be trained, or when a folder or the process cannot be made.
    """
    return resume_trio(trios.create(choice, seeds, name))


def resume_trio(trio: TrioFolder) -> Started[TrioFolder]:
    """Start a sequencer on a trio that has none: it goes on where it was, or makes its report anew.

    Members that failed or died are tried again; those that a person stopped stay as they are. Raises UserError when
    the process cannot be started.
    """
    try:
        for asked in (trio.folder / "control").glob("*.json"):
            asked.unlink(missing_ok=True)  # of a sequencer that is gone
    except OSError as error:
        raise UserError(f"The trio {trio.id} cannot be started.", why=str(error)) from error
    return launch("trio", trio)
