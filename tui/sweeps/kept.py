"""The sweeps that a person saved, and those that ship with the lab."""

from __future__ import annotations

from pathlib import Path

import msgspec

from core.errors import UserError
from core.messages import Curves
from core.messages import Series as Measured
from tui.results import store
from tui.results.store import Store


def _flaw(found: Curves) -> str:
    """What a sweep lacks."""
    many = len(found.positions)
    if not found.series or not many or found.positions != sorted(set(found.positions)):
        return "It has no curve, or its positions are in disorder."
    if not all(_lengths(one) == {many} and one.model in found.models for one in found.series.values()):
        return "Some curves do not have all positions, or their models are not described."
    named = found.falls.keys() | found.waterfalls.keys()
    return "" if named <= found.models.keys() else "Some falls are of no model."


def _lengths(one: Measured) -> set[int]:
    shares = (one.accuracy, one.low, one.high, one.top5, one.top5_low, one.top5_high, one.logprob, one.stop)
    return {len(one.n), *map(len, shares)}


STORE: Store[Curves] = Store("sweep", msgspec.json.Decoder(Curves).decode, _flaw)


def first() -> Path:
    """The trio's, which ships with the lab."""
    return STORE.shipped() / "trio.json"


def ships() -> Curves | None:
    """That result. For a thread: it reads a file."""
    try:
        return STORE.read(first())
    except UserError:
        return None


def name_of(found: Curves) -> str:
    """A name for a sweep nobody named: its models, its text and the day."""
    return store.name_of(" ".join([*list(found.models)[:3], found.text]))
