"""What stands beside the curves: the waterfall as bars, how often a full stop is said at each end, the sentences."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from core.messages import Curves, Estimate
from tui.sweeps.numbers import NONE, estimate, percent
from tui.text import cells, one_line, plain, shorten
from tui.widgets import bars

LABEL, NUMBERS = 13, 24
"""Cells of the name of a part of the waterfall, and of its numbers."""
LEAST = 6
"""Cells of the shortest bar that is drawn."""
LONGEST = 40
"""Cells of the longest."""


def page(found: Curves, width: int) -> Content:
    """Everything, in lines of at most `width` cells; the sentences are for the widget to wrap."""
    parts = [*_waterfalls(found, width), *_stops(found, width)]
    for said in found.sentences:
        parts += [plain(said), Content("")]
    parts += [plain(note).stylize("dim") for note in found.notes]
    return Content("\n").join(parts)


def _head(text: str) -> Content:
    return Content.styled(text, "bold $primary")


def _waterfalls(found: Curves, width: int) -> Iterator[Content]:
    """fall = artefact + information, each where it lies between the others."""
    if not found.falls:
        return
    room = min(LONGEST, width - LABEL - NUMBERS - 2)
    reach = [0.0, *(end for name in found.falls for _, _, *ends in _parts(found, name) for end in ends)]
    low, high = min(reach), max(reach)
    yield _head("Fall to the last position, in points")
    for name, fall in found.falls.items():
        split = found.waterfalls.get(name)
        first = split.bare if split else fall
        ends = f" {first.condition}: {percent(first.middle)} → {percent(first.last)} %"
        if split and split.trained.condition != first.condition:
            last = split.trained
            ends += f", {last.condition}: {percent(last.middle)} → {percent(last.last)} %"
        called = one_line(name)
        yield Content.assemble((shorten(called, max(8, width - cells(ends))), "bold"), ends)
        for label, one, start, end in _parts(found, name):
            drawn = span(start, end, low, high, room) if room >= LEAST else ""
            yield Content(f" {label:<{LABEL - 1}}{estimate(one):<{NUMBERS}}") + Content.styled(f" {drawn}", "$primary")
    yield Content("")


def _parts(found: Curves, name: str) -> list[tuple[str, Estimate, float, float]]:
    """Name, number, and where its bar starts and ends."""
    if (split := found.waterfalls.get(name)) is None:
        fall = found.falls[name].fall
        return [("fall", fall, 0.0, fall.value)]
    known = split.trained.fall
    return [
        ("fall", split.bare.fall, 0.0, split.bare.fall.value),
        ("information", known, 0.0, known.value),
        ("artefact", split.artefact, known.value, known.value + split.artefact.value),
    ]


def span(start: float, end: float, low: float, high: float, width: int) -> str:
    """A bar from `start` to `end` on an axis from `low` to `high`, in halves of `width` cells; │ is zero."""
    scale = 2 * width / ((high - low) or 1.0)
    first, last = sorted((round((start - low) * scale), round((end - low) * scale)))
    zero = min(width - 1, round(-low * scale) // 2)
    drawn = []
    for cell in range(width):
        left, right = (first <= half < last for half in (2 * cell, 2 * cell + 1))
        empty = "│" if cell == zero else " "
        drawn.append("█" if left and right else "▌" if left else "▐" if right else empty)
    return "".join(drawn).rstrip()


def _stops(found: Curves, width: int) -> Iterator[Content]:
    """The share of "." among the first guesses at both ends, for what was read at one of them."""
    places = [found.positions.index(at) if at in found.positions else None for at in (0, found.length - 1)]
    rows = [
        (name, [None if at is None else one.stop[at] for at in places]) for name, one in found.series.items()
    ]  # fmt: skip
    rows = [(name, shares) for name, shares in rows if any(share is not None for share in shares)]
    if not rows:
        return
    room = max(0, min(10, (width - 34) // 2))
    name_room = max(8, min(22, width - 2 * (room + 8)))
    yield _head("First guess is “.”, in %")
    heads = (f"position {at}" for at in (0, found.length - 1))
    yield Content(" " * name_room + "".join(f"  {head:<{room + 6}}" for head in heads).rstrip())
    for name, shares in rows:
        called = shorten(one_line(name), name_room)
        line = Content(called + " " * (name_room - cells(called)))
        for share in shares:
            drawn = bars.bar(share or 0.0, room)
            line += Content.assemble(f"  {percent(share):>5} ", (drawn, "$primary"))
        yield line
    if any(share is None for _, shares in rows for share in shares):
        yield Content.styled(f"{NONE} not asked there", "dim")
    yield Content("")
