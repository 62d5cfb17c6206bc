"""What the engine tells its front end."""

from __future__ import annotations

from typing import Literal

from msgspec import Raw

from core.messages.evaluations import Evaluation
from core.messages.findings import Finding
from core.messages.pairings import Pairing
from core.messages.rescoring import Rescoring
from core.messages.results import Comparison, Identity, Prediction, Struct
from core.messages.scans import Hits
from core.messages.sweeps import Curves


class Event(Struct, tag_field="say", frozen=True):
    """Something the engine tells its front end."""


class Hello(Event, tag="hello", frozen=True):
    """Always the first line, sent before anything heavy is imported."""

    protocol: tuple[int, int]
    build: str
    python: str
    pid: int


class Ready(Event, tag="ready", frozen=True):
    """Torch is imported and a device chosen."""

    device: str
    dtype: str
    reason: str
    torch: str
    seconds: float


class Notice(Event, tag="notice", frozen=True):
    """Something a person should know that answers no request."""

    text: str
    level: Literal["info", "warning", "error"] = "info"


class Progress(Event, tag="progress", frozen=True):
    """How far request `id` is. Only the latest matters; at most ten a second are sent."""

    id: int
    done: int
    total: int
    note: str


class Loaded(Event, tag="loaded", frozen=True):
    id: int
    model: Identity


class Predicted(Event, tag="predicted", frozen=True):
    id: int
    prediction: Prediction


class Compared(Event, tag="compared", frozen=True):
    id: int
    comparison: Comparison


class Page(Event, tag="page", frozen=True):
    """The next words of a comparison that was asked for in pages. None is ever dropped."""

    id: int
    words: Raw
    """A JSON list of `Word`: `core.messages.pages` opens it."""


class Rescored(Event, tag="rescored", frozen=True):
    id: int
    rescoring: Rescoring


class Probed(Event, tag="probed", frozen=True):
    """How fast a training run would be on `device`, measured by a few of its steps on random tokens."""

    id: int
    tokens_per_second: float
    memory: int
    """Bytes that a step needs, weights and optimizer counted."""
    device: str


class Evaluated(Event, tag="evaluated", frozen=True):
    id: int
    evaluation: Evaluation


class Sweeping(Event, tag="sweeping", frozen=True):
    """What a sweep has found so far. Only the latest matters; about one a second is sent."""

    id: int
    sweep: Curves


class Swept(Event, tag="swept", frozen=True):
    id: int
    sweep: Curves


class Scanning(Event, tag="scanning", frozen=True):
    """What a scan has found so far. Only the latest matters; about one a second is sent."""

    id: int
    found: Hits


class Scanned(Event, tag="scanned", frozen=True):
    id: int
    found: Hits


class Paired(Event, tag="paired", frozen=True):
    id: int
    pairing: Pairing


class Experimenting(Event, tag="experimenting", frozen=True):
    """An experiment as far as it got. Only the latest matters; about one a second is sent."""

    id: int
    finding: Finding


class Experimented(Event, tag="experimented", frozen=True):
    id: int
    finding: Finding


class Checked(Event, tag="checked", frozen=True):
    """The outcome of the self-test: the largest difference to the stored numbers, and whether it is small enough."""

    id: int
    device: str
    passed: bool
    worst: float
    tolerance: float
    note: str


class Failed(Event, tag="failed", frozen=True):
    """Request `id` has no answer. `detail` holds a traceback when it is a bug rather than a mistake of the user's."""

    id: int
    what: str
    why: str = ""
    hint: str = ""
    detail: str = ""


class Cancelled(Event, tag="cancelled", frozen=True):
    id: int


AnyEvent = (
    Hello
    | Ready
    | Notice
    | Progress
    | Loaded
    | Predicted
    | Page
    | Compared
    | Rescored
    | Probed
    | Evaluated
    | Sweeping
    | Swept
    | Scanning
    | Scanned
    | Paired
    | Experimenting
    | Experimented
    | Checked
    | Failed
    | Cancelled
)
Partial = Sweeping | Scanning | Experimenting
"""Partial results of a request: only the latest of each kind matters."""

Final = (
    Loaded, Predicted, Compared, Rescored, Probed, Evaluated, Swept, Scanned, Paired, Experimented, Checked, Failed,
    Cancelled,
)  # fmt: skip
"""The events that end a request."""
