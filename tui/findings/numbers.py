"""The numbers of a finding as a person reads them: shares in percent, intervals beside their value."""

from __future__ import annotations

from core.messages import Number

NONE = "–"
"""Where nothing was measured."""


def said(value: float | None, unit: str = "") -> str:
    """A value without its unit; a share in percent."""
    if value is None:
        return NONE
    if unit == "share":
        return f"{100 * value:.1f}"
    if value == round(value) and 1 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.4g}"


def unit(number: Number) -> str:
    """The unit that goes with `said`."""
    return "%" if number.unit == "share" else number.unit


def interval(number: Number) -> str:
    """Its 95 % interval, where it has one."""
    if number.low is None or number.high is None:
        return ""
    return f"{said(number.low, number.unit)} to {said(number.high, number.unit)}"


def whole(number: Number) -> str:
    """Everything in one line: value, unit, interval."""
    parts = [said(number.value, number.unit), unit(number), f"({ends})" if (ends := interval(number)) else ""]
    return " ".join(part for part in parts if part)
