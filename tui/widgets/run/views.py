"""The line that names the views of a run."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.text import cells

HINT = "v next view"


def line(names: Sequence[str], shown: Sequence[str], width: int) -> Content:
    """Every view by its name, those on the screen in brackets, the chosen one (the first of `shown`) bold too."""
    parts = [f"[{name}]" if name in shown else f" {name} " for name in names]
    styles = ["bold reverse" if name == shown[0] else "" for name in names]
    spaced = sum(map(cells, parts)) <= width
    found = [
        Content.styled(part if spaced else part.strip() + " ", style) for part, style in zip(parts, styles, strict=True)
    ]
    left = width - sum(map(cells, parts)) - len(HINT) - 2
    return Content.assemble(*found, (f"{' ' * left} {HINT}", "$text-muted") if left >= 0 else "")
