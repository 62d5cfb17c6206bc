"""The board on which a sweep keeps its scores, and from which its curves are read at any moment."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import msgspec

from core.messages import Curves, Fall, Identity, Published, SweepProtocol, Unit, Waterfall
from core.sweep import slots
from core.sweep.curve import curve
from core.sweep.scores import Reading, Scores
from core.sweep.sentences import sentences
from core.sweep.waterfall import fall, resamples, waterfall

RESAMPLES = 2000
"""Resamples behind an interval."""
AT_FIRST = 200
"""The same, while the sweep is not complete."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep is, before anything was scored."""

    positions: list[int]
    unit: Unit
    protocol: SweepProtocol
    seed: int
    length: int
    windows: int
    text: str
    models: dict[str, Identity]
    formats: dict[str, str]
    notes: list[str]
    published: list[Published] = msgspec.field(default_factory=list)

    @property
    def middle(self) -> list[int]:
        """The positions that count as the middle."""
        return slots.middle(self.positions, self.length)


class Board:
    """Scores by model and condition."""

    def __init__(
        self, plan: Plan, conditions: Mapping[str, Sequence[str]], stops: Mapping[str, frozenset[int]]
    ) -> None:
        """`conditions` of each model; `stops` are the tokens of each that are a full stop."""
        self.plan, self._stops = plan, stops
        self.scores = {
            (model, condition): Scores(plan.windows, plan.positions)
            for model, named in conditions.items()
            for condition in named
        }
        self._begun = time.monotonic()

    def put(self, model: str, condition: str, window: int, position: int, reading: Reading) -> None:
        """Write down one reading."""
        self.scores[model, condition].put(window, position, reading, self._stops[model])

    def curves(self, complete: bool) -> Curves:
        """Everything that is known by now."""
        plan = self.plan
        series = {self._name(*key): curve(*key, scores) for key, scores in self.scores.items()}
        falls, waterfalls = self._falls(RESAMPLES if complete else AT_FIRST)
        found = Curves(
            positions=plan.positions,
            middle=plan.middle,
            unit=plan.unit,
            protocol=plan.protocol,
            seed=plan.seed,
            length=plan.length,
            windows=plan.windows,
            text=plan.text,
            models=plan.models,
            formats=plan.formats,
            series=series,
            falls=falls,
            waterfalls=waterfalls,
            notes=plan.notes,
            published=plan.published,
            complete=complete,
            seconds=time.monotonic() - self._begun,
        )
        return msgspec.structs.replace(found, sentences=sentences(found))

    def _name(self, model: str, condition: str) -> str:
        return model if condition == self.plan.formats[model] else f"{model}/{condition}"

    def _falls(self, count: int) -> tuple[dict[str, Fall], dict[str, Waterfall]]:
        plan, last = self.plan, self.plan.length - 1
        if last not in plan.positions or not plan.middle:
            return {}, {}
        draws = resamples(plan.windows, count, plan.seed)
        falls: dict[str, Fall] = {}
        waterfalls: dict[str, Waterfall] = {}
        for model, trained in plan.formats.items():
            scores = self.scores[model, trained]
            if one := fall(trained, scores, plan.middle, last, draws):
                falls[model] = one
            bare = self.scores.get((model, "bare")) if plan.protocol == "paired" else None
            if bare and (split := waterfall(bare, scores, trained, plan.middle, last, draws)):
                waterfalls[model] = split
        return falls, waterfalls
