"""The lines around a comparison: where its numbers come from, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.messages import PAGE, Comparison, Method
from tui.results.gaps import GAIN
from tui.results.reading import Total, label
from tui.words import duration


def source(comparison: Comparison, names: tuple[str, ...], where: str, cursor: int) -> str:
    """Which models, in which revision, by which method, on what: short enough for 80 columns in the usual case."""
    parts = [where]
    words = len(comparison.words)
    if words > PAGE:
        parts.append(f"page {cursor // PAGE + 1} of {-(-words // PAGE)}")
    if (more := len(comparison.models) - len(names)) > 0:
        parts.append(f"{len(names)} of {len(names) + more} models")
    methods = [comparison.models[name] for name in names]
    for name, method in zip(names, methods, strict=True):
        parts.append(f"{label(name)} {method.identity.revision[:6]} {how(method)}")
    parts += sorted({f"{method.identity.device} {method.identity.dtype}" for method in methods})
    return " · ".join(parts)


def how(method: Method) -> str:
    """By what method a model was scored."""
    if method.kind == "masked":
        return f"PLL {method.method.removeprefix('within_word_')}"
    return f"first token {method.first_token}"


def totals(sums: dict[str, Total], names: tuple[str, ...]) -> str:
    """Each model's sum; bits per character only where there is a probability of the whole text."""
    parts = []
    for name in names:
        one = sums[name]
        more = " (pseudo)" if one.pseudo else ""
        more += f", {one.per_character:.2f}/char" if one.per_character is not None else ""
        more += f", {one.unscored} not scored" if one.unscored else ""
        parts.append(f"{label(name)} {one.bits:.1f}{more}")
    return "total bits  " + " │ ".join(parts)


def gained(gains: Mapping[str, Sequence[float | None]], names: Sequence[str], room: int) -> str:
    """What each masked model gained from the right side over the whole text, in at most about `room` columns."""
    parts = [f"{label(name)} {sum(value or 0 for value in gains[name]):+.1f} bits" for name in names if name in gains]
    line = f"{GAIN}: {', '.join(parts)}"
    return line if len(line) <= room else f"gain from right side: {', '.join(parts)} (incl. poor left-only reading)"


def long_work(words: int, names: Sequence[str], seconds: float | None) -> str:
    """A question before long work: how much there is, and how long it takes as far as anybody knows."""
    much = f"{words:,} words through {', '.join(label(name) for name in names)}"
    if seconds is None:
        return f"{much}. How long that takes is not known: these models were not measured yet in this session."
    return f"{much}: about {duration(seconds)}, by the speed measured on this machine."
