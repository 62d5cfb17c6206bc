"""The numbers of a sweep in as few characters as they need: percents, intervals, points, bits."""

from __future__ import annotations

from math import log

from core.messages import Estimate

NONE = "–"
"""Where nothing was measured."""
BIT = log(2)
"""Nats in a bit."""


def percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f}"


def interval(low: float | None, high: float | None) -> str:
    """The ends of an interval of shares, in percent."""
    return "" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f}"


def bits(nats: float | None) -> str:
    return NONE if nats is None else f"{nats / BIT:.2f}"


def points(value: float) -> str:
    """A difference of shares, in percentage points."""
    return f"{100 * value:+.1f}"


def estimate(one: Estimate) -> str:
    """A difference with its interval."""
    return f"{points(one.value)} ({points(one.low)} to {points(one.high)})"
