"""What a front end may ask of the engine."""

from __future__ import annotations

from core.messages.results import PLL, FirstToken, Struct
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


class Probe(Request, tag="probe", frozen=True):
    """How fast would a training run with these settings be here? Answer: `Probed`; `Progress` on the way."""

    settings: TrainSettings


class Check(Request, tag="check", frozen=True):
    """Run the device self-test. Answer: `Checked`."""


class Cancel(Request, tag="cancel", frozen=True):
    """Stop working on request `target`. It has no answer of its own: the target gets `Cancelled`."""

    target: int


AnyRequest = Load | Predict | Compare | Probe | Check | Cancel
