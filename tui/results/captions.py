"""The lines around a comparison: where its numbers come from, and what they add up to."""

from __future__ import annotations

from core.messages import Comparison, Method
from tui.results.reading import PAGE, Total, label


def source(comparison: Comparison, names: tuple[str, ...], where: str, cursor: int) -> str:
    """Which models, in which revision, by which method, on what: short enough for 80 columns in the usual case."""
    parts = [where]
    words = len(comparison.words)
    if words > PAGE:
        start = cursor // PAGE * PAGE
        parts.append(f"words {start + 1}–{min(start + PAGE, words)} of {words}")
    methods = [comparison.models[name] for name in names]
    for name, method in zip(names, methods, strict=True):
        parts.append(f"{label(name)} {method.identity.revision[:6]} {_how(method)}")
    parts += sorted({f"{method.identity.device} {method.identity.dtype}" for method in methods})
    return " · ".join(parts)


def _how(method: Method) -> str:
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
