"""What is on screen of a comparison, for every widget that shows a part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.messages import Comparison
from tui.results import ranks
from tui.results.gaps import Gap
from tui.results.painting import Colour


@dataclass(frozen=True)
class Shown:
    """A page of words under some models, and how they are marked."""

    comparison: Comparison
    names: tuple[str, ...]
    """The models shown, in order: some of `comparison.models`."""
    span: range
    """The words of the page."""
    gap: Gap | None = None
    """The number after the models: a difference, or a gain."""
    pair: tuple[str, str] | None = None
    """The models whose difference is said."""
    gains: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    """What masked models gained from the right side, by word, where that is known."""
    pins: tuple[int, ...] = ()
    """Words that stay in the inspector."""
    colour: Colour = "bits"
    limits: tuple[int, ...] = ranks.DEFAULT
    """The thresholds of the rank buckets."""
