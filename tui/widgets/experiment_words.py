"""What stands around the charts of an experiment: what it will do, how far it is, and what it found. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.content import Content

from core.claims.plan import Plan
from core.messages import Finding, Progress
from tui.findings.numbers import whole as whole_number
from tui.findings.text import conditions, knob
from tui.notes.known import STYLES, called, form
from tui.text import cells, plain, shorten
from tui.widgets.bars import bar
from tui.words import duration

NAME = 28
"""Columns of a number's name, at most."""


def head(plan: Plan, whole: bool) -> Content:
    """What is measured, and how long it takes; the `whole` of it while nothing is found."""
    quick, thorough = duration(plan.seconds), duration(plan.thorough_seconds)
    takes = f"r measures it, about {quick} · R thoroughly, about {thorough}, on quiet cores"
    lines = [
        Content.styled(plan.title, "bold $text-primary"),
        Content(plan.about),
        Content.styled(takes, "$text-muted"),
    ]
    return Content("\n").join(lines if whole else lines[::2])


def going(progress: Progress | None, elapsed: float, width: int) -> Content:
    """How far it is, and how long it may take."""
    if progress is None or not progress.total:
        return Content(f" starting an engine for it, {duration(elapsed)} · x stops")
    share = progress.done / progress.total
    left = f", about {duration(elapsed * (1 - share) / share)} left" if share > 0.02 else ""
    said = f" {100 * share:3.0f} %{left} · x stops"
    drawn = bar(min(1.0, share), max(4, min(24, width // 3))).replace(" ", "·")
    note = shorten(plain(progress.note).plain, width)
    return Content.assemble((drawn, "$text-primary"), said, "\n", (note, "$text-muted"))


def verdict(found: Finding, where: str) -> Content:
    """The verdict, why, and where it comes from."""
    lines = [
        Content.assemble(
            ("Measured: ", "bold"), (called(found.verdict), f"bold {STYLES[found.verdict]}"),
            ("   Literature: ", "bold"), (called(found.literature), STYLES[found.literature]),
        ),
        Content.styled(plain(where).plain, "$text-muted"),
        plain(found.why),
    ]  # fmt: skip
    if found.differs:
        lines.append(Content.assemble(("Why they may differ: ", "bold"), plain(found.differs)))
    return Content("\n").join(lines)


def stale(found: Finding, changed: Mapping[str, float | str]) -> Content:
    """Which of the `changed` knobs stood otherwise when it was measured; empty where all stand as they did."""
    known = found.knobs | {"seed": found.seed}
    other = [f"{name} {knob(known[name])}" for name, value in changed.items() if known.get(name, value) != value]
    if not other:
        return Content()
    said = f"This is for {', '.join(other)}. The knobs stand otherwise now: r measures that."
    return Content.styled(plain(said).plain, "bold $text-warning")


def beside(shipped: Finding) -> Content:
    """The verdict of the one that ships."""
    return Content.assemble(
        (f"Shipped, {form(shipped)}: ", "bold"), (called(shipped.verdict), STYLES[shipped.verdict]), " ",
        plain(shipped.why),
    )  # fmt: skip


def numbers(found: Finding, over: Finding | None, width: int) -> Iterator[Content]:
    """A line a number, with that of the finding that ships under it where one is compared."""
    names = [*found.measured, *(name for name in (over.measured if over else {}) if name not in found.measured)]
    said = {name: shorten(plain(name.replace("_", " ")).plain, NAME) for name in names}
    room = max(map(cells, said.values()), default=0)
    for name in names:
        gap = " " * (room - cells(said[name]))
        if one := found.measured.get(name):
            yield Content.assemble(
                (said[name] + gap, "bold"), f"  {plain(whole_number(one)).plain}", (_n(one.n), "$text-muted")
            )
        if over and (other := over.measured.get(name)):
            lead = "" if name in found.measured else said[name]
            yield Content.assemble(
                lead + " " * (room - cells(lead)),
                (f"  {plain(whole_number(other)).plain}{_n(other.n)} shipped", "$text-muted"),
            )


def small(found: Finding) -> Iterator[Content]:
    """The rule, what must be known of the numbers, and on what they were measured."""
    yield Content.assemble(("The rule, fixed beforehand: ", "bold"), plain(found.rule))
    for note in found.notes:
        yield Content("• ") + plain(note)
    for line in conditions(found):
        yield Content.styled(plain(line).plain, "$text-muted")


def _n(count: int) -> str:
    return f" n {count:,}" if count > 1 else ""
