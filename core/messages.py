"""What a front end and the engine say to each other: requests one way, events the other.

One JSON object a line, typed and versioned. Every request has an id and gets exactly one final event:
a result, `Failed` or `Cancelled`. Log-probabilities travel in nats (natural logarithm), surprisals in bits.
Offsets count code points of the text as it was typed. NaN and infinity never travel: a missing score is null.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

PROTOCOL = (1, 0)
"""Major and minor. Another major is refused; a higher minor only adds fields."""

LINE_LIMIT = 2**24
"""The longest line either side accepts, in bytes."""

FORMAT = 1
"""The `version` of every JSON result that leaves the lab."""

Kind = Literal["masked", "causal"]
Sight = Literal["left", "both"]
Mark = Literal["", "dropped", "unknown", "outside", "first"]
PLL = Literal["within_word_l2r", "original", "whole_word"]
FirstToken = Literal["bos", "skip"]


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Immutable, keyword-only: the base of everything on the wire."""


class Identity(Struct, frozen=True):
    """Which model gave a number, exactly enough to repeat it."""

    name: str
    """How it was asked for: `bert`, a run's id with `@step`, a folder, a hub name."""
    source: Literal["bundled", "run", "folder", "cache"]
    kind: Kind
    architecture: str
    revision: str
    """First 12 hex digits of the SHA-256 of the weights."""
    parameters: int
    context: int
    """Tokens that fit in one window, special tokens counted."""
    vocabulary: int
    device: str
    dtype: str


class Candidate(Struct, frozen=True):
    """One entry of a distribution over the vocabulary."""

    text: str
    token_id: int
    prob: float
    logprob: float


class Slot(Struct, frozen=True):
    """A place that was asked about: a mask mark in the text, or the place after it."""

    start: int
    end: int
    kind: Literal["mask", "next"]
    top: list[Candidate]


class Prediction(Struct, frozen=True):
    """What one model expects at every slot of one text."""

    text: str
    model: Identity
    slots: list[Slot]
    saw: Sight
    notes: list[str] = []
    """What was understood and what was changed to answer, in sentences for a person."""
    version: int = FORMAT


class Method(Struct, frozen=True):
    """How one model's column of a comparison was computed."""

    identity: Identity
    kind: Kind
    method: str
    """`surprisal` for causal models, else the way of pseudo-log-likelihood."""
    first_token: str
    """`bos`: conditioned on the start token; `skip`: no score; `none`: the question does not arise (masked)."""
    unit: str = "bits"


class WordScore(Struct, frozen=True):
    """One word under one model. `surprisal_bits` and `rank` are null where no score exists; `mark` says why."""

    surprisal_bits: float | None
    rank: int | None
    """1 = most likely; of several pieces the worst."""
    pieces: list[str]
    saw: Sight
    top: list[Candidate]
    """What the model would have said at the first piece."""
    entropy_bits: float | None = None
    """Of the distribution at the first piece."""
    mark: Mark = ""
    """dropped: no token; unknown: [UNK] among the pieces; outside: beyond the window; first: nothing to the left."""


class Word(Struct, frozen=True):
    """One word of the text and every model's score for it."""

    text: str
    start: int
    end: int
    joined: bool
    """True where a token straddled two words, so that they were scored as one."""
    scores: dict[str, WordScore]


class Comparison(Struct, frozen=True):
    """The same words through several models."""

    text: str
    models: dict[str, Method]
    words: list[Word]
    notes: list[str] = []
    version: int = FORMAT


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


class Check(Request, tag="check", frozen=True):
    """Run the device self-test. Answer: `Checked`."""


class Cancel(Request, tag="cancel", frozen=True):
    """Stop working on request `target`. It has no answer of its own: the target gets `Cancelled`."""

    target: int


AnyRequest = Load | Predict | Compare | Check | Cancel


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


AnyEvent = Hello | Ready | Notice | Progress | Loaded | Predicted | Compared | Checked | Failed | Cancelled
Final = (Loaded, Predicted, Compared, Checked, Failed, Cancelled)
"""The events that end a request."""

_encoder = msgspec.json.Encoder()
_requests = msgspec.json.Decoder(AnyRequest)
_events = msgspec.json.Decoder(AnyEvent)


def encode(message: Request | Event) -> bytes:
    """One message as one line of UTF-8 JSON, newline included.

    A lone surrogate (half a character, from a paste or a file name) has no UTF-8; U+FFFD travels in its place.
    """
    try:
        return _encoder.encode(message) + b"\n"
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(message))) + b"\n"


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value


def decode_request(line: bytes) -> AnyRequest:
    """The request in one line. Raises `msgspec.DecodeError` or `msgspec.ValidationError` for anything else."""
    request: AnyRequest = _requests.decode(line)
    return request


def decode_event(line: bytes) -> AnyEvent:
    """The event in one line. Raises `msgspec.DecodeError` or `msgspec.ValidationError` for anything else."""
    event: AnyEvent = _events.decode(line)
    return event
