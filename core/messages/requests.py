"""What a front end may ask of the engine."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from core.messages.findings import Knobs
from core.messages.results import PLL, FirstToken, Struct
from core.messages.scans import By
from core.messages.sweeps import SweepProtocol
from core.settings import TrainSettings


class Request(Struct, tag_field="ask", frozen=True):
    """Something a front end wants from the engine."""

    id: int


class Load(Request, tag="load", frozen=True):
    """Make a model ready, so that the next question about it is answered at once. Answer: `Loaded`."""

    model: str


class Predict(Request, tag="predict", frozen=True):
    """What comes here? Answer: `Predicted`."""

    model: str
    text: str
    top: int = 10


class Compare(Request, tag="compare", frozen=True):
    """The same words through `models`. Answer: `Compared`; `Progress` on the way."""

    models: list[str]
    text: str
    top: int = 10
    pll: PLL = "within_word_l2r"
    first_token: FirstToken = "bos"
    paged: bool = False
    """Whether the words come in `Page` events before the answer, which then has none."""


class Rescore(Request, tag="rescore", frozen=True):
    """The text with each of `candidates` in place of the characters from `start` to `end`. Answer: `Rescored`."""

    models: list[str]
    text: str
    start: int
    end: int
    candidates: list[str]


class Probe(Request, tag="probe", frozen=True):
    """How fast would a training run with these settings be here? Answer: `Probed`; `Progress` on the way."""

    settings: TrainSettings


class Evaluate(Request, tag="evaluate", frozen=True):
    """Every model on every set. Answer: `Evaluated`; `Progress` on the way.

    `sets`: paths of files (.txt, .jsonl, each also .xz), or names of known sets. `everything`: all pairs, instead of a
    sample of each paradigm. `folder`: where finished parts are kept, so that the same request goes on where it was
    left; empty for nowhere.
    """

    models: list[str]
    sets: list[str]
    everything: bool = False
    seed: int = 1
    folder: str = ""


class Sweep(Request, tag="sweep", frozen=True):
    """Accuracy by position in a window. Answer: `Swept`; `Progress` and `Sweeping` on the way.

    The text is `text`, else the file or folder `path`, else the default one of the engine's machine. Without
    `positions` all are swept; negative ones count from the end. Without `conditions` all are read.
    """

    models: list[str]
    text: str = ""
    path: str = ""
    length: int = 100
    windows: int = 200
    positions: list[int] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    protocol: SweepProtocol = "paired"
    seed: int = 1
    unit: Literal["auto", "tokens", "words"] = "auto"


class Scan(Request, tag="scan", frozen=True):
    """Where do two models differ most? Answer: `Scanned`; `Progress` and `Scanning` on the way.

    The text is `text`, else the file or folder `path`, else a held-out one of the engine's machine. Of its passages
    `limit` are drawn at random, all are read where it is 0; the `top` words are told.
    """

    models: list[str]
    """Two."""
    text: str = ""
    path: str = ""
    by: By = "bits"
    top: int = 50
    limit: int = 0
    seed: int = 1


class Pair(Request, tag="pair", frozen=True):
    """Which of two sentences does each model prefer, and at which word is it decided? Answer: `Paired`."""

    models: list[str]
    good: str
    bad: str


class Experiment(Request, tag="experiment", frozen=True):
    """Run the experiment of a claim. Answer: `Experimented`; `Progress` and `Experimenting` on the way.

    `knobs`: what a person changed; the others have the values of the quick or the thorough form.
    """

    claim: str
    thorough: bool = False
    seed: int = 1
    knobs: Knobs = field(default_factory=dict)


class Check(Request, tag="check", frozen=True):
    """Run the device self-test. Answer: `Checked`."""


class Cancel(Request, tag="cancel", frozen=True):
    """Stop working on request `target`. It has no answer of its own: the target gets `Cancelled`."""

    target: int


AnyRequest = Load | Predict | Compare | Rescore | Probe | Evaluate | Sweep | Scan | Pair | Experiment | Check | Cancel
