"""What a front end and the engine say to each other: requests one way, events the other.

One JSON object a line, typed and versioned. Every request has an id and gets exactly one final event:
a result, `Failed` or `Cancelled`. Log-probabilities travel in nats (natural logarithm), surprisals in bits.
Offsets count code points of the text as it was typed. NaN and infinity never travel: a missing score is null.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from core.messages.evaluations import UNIGRAM, Evaluation, Measure, Outcome, Rate, SetAbout, SetKind
from core.messages.events import (
    AnyEvent,
    Cancelled,
    Checked,
    Compared,
    Evaluated,
    Event,
    Experimented,
    Experimenting,
    Failed,
    Final,
    Hello,
    Loaded,
    Notice,
    Page,
    Paired,
    Partial,
    Predicted,
    Probed,
    Progress,
    Ready,
    Rescored,
    Scanned,
    Scanning,
    Sweeping,
    Swept,
)
from core.messages.findings import Chart, Finding, Knobs, Line, Number, Verdict
from core.messages.pages import LISTED, PAGE, Pages, plain
from core.messages.pairings import Choice, Pairing, Preference, Side, Step
from core.messages.requests import (
    AnyRequest,
    Cancel,
    Check,
    Compare,
    Evaluate,
    Experiment,
    Load,
    Pair,
    Predict,
    Probe,
    Request,
    Rescore,
    Scan,
    Sweep,
)
from core.messages.rescoring import Rescoring, Retold
from core.messages.results import (
    FORMAT,
    PLL,
    Candidate,
    Comparison,
    FirstToken,
    Identity,
    Kind,
    Mark,
    Method,
    Prediction,
    Sight,
    Slot,
    Struct,
    Word,
    WordScore,
)
from core.messages.scans import By, Hit, Hits
from core.messages.sweeps import Curves, Estimate, Fall, Published, Series, SweepProtocol, Unit, Waterfall

__all__ = [
    "FORMAT",
    "LINE_LIMIT",
    "LISTED",
    "PAGE",
    "PLL",
    "PROTOCOL",
    "UNIGRAM",
    "AnyEvent",
    "AnyRequest",
    "By",
    "Cancel",
    "Cancelled",
    "Candidate",
    "Chart",
    "Check",
    "Checked",
    "Choice",
    "Compare",
    "Compared",
    "Comparison",
    "Curves",
    "Estimate",
    "Evaluate",
    "Evaluated",
    "Evaluation",
    "Event",
    "Experiment",
    "Experimented",
    "Experimenting",
    "Failed",
    "Fall",
    "Final",
    "Finding",
    "FirstToken",
    "Hello",
    "Hit",
    "Hits",
    "Identity",
    "Kind",
    "Knobs",
    "Line",
    "Load",
    "Loaded",
    "Mark",
    "Measure",
    "Method",
    "Notice",
    "Number",
    "Outcome",
    "Page",
    "Pages",
    "Pair",
    "Paired",
    "Pairing",
    "Partial",
    "Predict",
    "Predicted",
    "Prediction",
    "Preference",
    "Probe",
    "Probed",
    "Progress",
    "Published",
    "Rate",
    "Ready",
    "Request",
    "Rescore",
    "Rescored",
    "Rescoring",
    "Retold",
    "Scan",
    "Scanned",
    "Scanning",
    "Series",
    "SetAbout",
    "SetKind",
    "Side",
    "Sight",
    "Slot",
    "Step",
    "Struct",
    "Sweep",
    "SweepProtocol",
    "Sweeping",
    "Swept",
    "Unit",
    "Verdict",
    "Waterfall",
    "Word",
    "WordScore",
    "decode_event",
    "decode_request",
    "encode",
    "raw",
]  # fmt: skip

PROTOCOL = (1, 3)
"""Major and minor. Another major is refused; a higher minor only adds fields."""

LINE_LIMIT = 2**26
"""The longest line either side accepts, in bytes."""

_encoder = msgspec.json.Encoder(enc_hook=plain)
_requests = msgspec.json.Decoder(AnyRequest)
_events = msgspec.json.Decoder(AnyEvent)


def encode(message: Request | Event) -> bytes:
    """One message as one line of UTF-8 JSON, newline included.

    A lone surrogate (half a character, from a paste or a file name) has no UTF-8; U+FFFD travels in its place.
    """
    return raw(message) + b"\n"


def raw(value: Any) -> bytes:
    """A value of the wire as JSON, in one line."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(value, enc_hook=plain)))


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
