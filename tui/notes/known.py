"""What is known of a claim: the newest finding of this machine, and those that ship with the lab."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from core.messages import Finding
from tui.findings import archive
from tui.text import one_line
from tui.words import duration

SIGNS = {"supported": "✓", "refuted": "✗", "mixed": "±", "conditional": "±", "inconclusive": "?"}
"""Of verdicts, so that a glance is enough; the word always stands beside."""
STYLES = {
    "supported": "$text-success",
    "refuted": "$text-error",
    "mixed": "$text-warning",
    "conditional": "$text-warning",
    "inconclusive": "$text-muted",
}


class Known(NamedTuple):
    """The findings of one claim."""

    here: Finding | None = None
    """The newest one without a control, whose verdict stands."""
    made: float = 0.0
    """When `here` was measured, in seconds since the epoch."""
    last: Finding | None = None
    """The newest one, which may be of a control."""
    last_made: float = 0.0
    thorough: Finding | None = None
    """What ships, of the thorough form."""
    quick: Finding | None = None
    """What ships, of the quick form."""

    @property
    def best(self) -> Finding | None:
        """What stands on the card: the one of this machine, else what ships."""
        return self.here or self.thorough or self.quick

    @property
    def ships(self) -> Finding | None:
        """What one measured here is compared with."""
        return self.thorough or self.quick

    def with_new(self, finding: Finding, made: float) -> Known:
        """With one more finding of this machine, newer than the others."""
        newer = self._replace(last=finding, last_made=made)
        return newer if archive.control(finding) else newer._replace(here=finding, made=made)


def look(claims: Iterable[str]) -> dict[str, Known]:
    """What is known of each of `claims`. Reads files."""
    found = {
        claim: Known(thorough=archive.shipped(claim, thorough=True), quick=archive.shipped(claim, thorough=False))
        for claim in claims
    }
    for kept in reversed(archive.every()):
        if kept.finding is not None and (before := found.get(kept.finding.claim)) is not None:
            found[kept.finding.claim] = before.with_new(kept.finding, kept.made)
    return found


def called(verdict: str) -> str:
    """A verdict with its sign."""
    return f"{SIGNS.get(verdict, '?')} {verdict}"


def form(finding: Finding) -> str:
    """Which form of the experiment it was."""
    return "thorough" if finding.thorough else "quick"


def when(made: float, now: float | None = None) -> str:
    """A moment, short: only the time where it was today."""
    then = time.localtime(made)
    today = time.localtime(now) if now is not None else time.localtime()
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d %H:%M", then)


def source(finding: Finding, made: float | None) -> str:
    """Where a finding comes from, when it was measured and on what. `made` is None for one that ships."""
    where = f"{form(finding)}, {when(made)}" if made is not None else f"{form(finding)}, ships with the lab"
    if chosen := archive.control(finding):
        where += f", control {one_line(chosen)}"
    on = ", ".join(one_line(name) for name in finding.models) or "its own networks"
    return f"{where} · {on} on {one_line(finding.device)} · {duration(finding.seconds)}"
