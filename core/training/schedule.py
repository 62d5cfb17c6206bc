"""The plan of a run: how many steps, at which rate, with which objective. Pure functions of settings and progress."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Literal, Protocol

import msgspec

from core.runs import Progress
from core.settings import TrainSettings

LOOKS = 20
"""Looks at the held-out text on the way of a long run, at least."""
APART = 10
"""Steps between two of them, at least: in a short run they would take most of the time."""
MOST_STEPS = 10**9

Phase = Literal["causal", "masked"]
replace = msgspec.structs.replace


class Lengths(Protocol):
    """What a text knows of its windows beforehand."""

    def lengths(self, settings: TrainSettings, first: int = 0) -> Iterator[int]:
        """How many tokens each window of step `first` holds, and of all steps after it."""


def steps_for(settings: TrainSettings, text: Lengths, tokens: int, first: int = 0) -> int:
    """Steps from step `first` on until `tokens` are read, at least one."""
    read = accumulate(text.lengths(settings, first))
    return next(steps for steps, length in enumerate(read, 1) if settings.rows * length >= tokens)


def steps_of(settings: TrainSettings, text: Lengths) -> int:
    """Steps of the whole run, before anybody extends it."""
    return settings.steps or steps_for(settings, text, settings.tokens)


def settled(settings: TrainSettings, steps: int) -> TrainSettings:
    """The settings with a warm-up of at most a tenth of the run, and looks at the held-out text that suit its length.

    They are at least twenty, but at least ten steps apart where nobody wanted more of them.
    """
    return replace(
        settings,
        warmup=max(1, min(settings.warmup, steps // 10)),
        evaluate_every=max(1, min(settings.evaluate_every, max(APART, steps // LOOKS), steps)),
    )


def looks(settings: TrainSettings, steps: float) -> int:
    """Looks at the held-out text that a run of `steps` takes: on its way, at its middle, and at its end.

    It is never less for more steps, whatever `settled` rounds.
    """
    way = max(LOOKS, math.ceil(steps / settings.evaluate_every))
    return 2 + min(way, math.ceil(steps / min(APART, settings.evaluate_every)))


def affordable(settings: TrainSettings, seconds: float, speed: float, look: float) -> int:
    """The tokens of the most whole steps that take `seconds`, looks of `look` seconds included; at least one token.

    `speed` is in tokens a second. Half of the time is for training even where the rest then takes longer.
    """
    step = settings.rows * mean_length(settings)

    def whole(steps: int) -> float:
        return steps * step / speed + looks(settings, steps) * look

    fits = bisect_right(range(MOST_STEPS), seconds, key=whole) - 1
    return max(1, int(fits * step), int(speed * seconds / 2))


def mean_length(settings: TrainSettings) -> float:
    """Tokens in the mean window: a share of the batches has windows of any length from 16 on."""
    return (1 - settings.short) * settings.length + settings.short * (16 + settings.length) / 2


def begun(settings: TrainSettings, steps: int) -> Progress:
    """The progress of a run of `steps` that has done nothing yet."""
    masked = settings.family == "bert"
    switch = round(settings.causal_start * steps) if masked else steps
    turns = (switch,) if masked and 0 < switch < steps else ()
    return Progress(steps=steps, switch=switch, last_mask=steps, turns=turns)


def phase(settings: TrainSettings, progress: Progress) -> Phase:
    """The objective of the step to come."""
    return "masked" if settings.family == "bert" and progress.step >= progress.switch else "causal"


def rate(settings: TrainSettings, progress: Progress) -> float:
    """The learning rate of the step to come: a cosine to zero, with a linear warm-up after every turn."""
    turn = max((step for step in progress.turns if step <= progress.step), default=0)
    warm = min(1.0, (progress.step - turn + 1) / settings.warmup)
    cosine = 0.5 * (1 + math.cos(math.pi * progress.step / progress.steps))
    return settings.lr * 0.5**progress.restarts * warm * cosine


def clip(settings: TrainSettings, progress: Progress) -> float:
    """The largest gradient norm: at most a half once the canary has acted, to spare the fresh weights large steps."""
    return min(settings.clip, 0.5) if progress.restarts else settings.clip


def share(settings: TrainSettings, progress: Progress) -> float:
    """Share of masked tokens: linear from `mask_from` at the switch to `mask_to` at `last_mask`, and so from then."""
    done = (progress.step - progress.switch) / max(1, progress.last_mask - progress.switch)
    return settings.mask_from + (settings.mask_to - settings.mask_from) * min(1.0, max(0.0, done))


def extended(
    settings: TrainSettings, progress: Progress, text: Lengths, tokens: int, request: str, more: int = 0
) -> Progress:
    """The progress once `more` steps, or else `tokens`, are added: a longer cosine, and a new warm-up from here."""
    steps = progress.steps + (more or steps_for(settings, text, tokens, progress.steps))
    masked = settings.family == "bert"
    return replace(
        progress,
        steps=steps,
        switch=progress.switch if masked else steps,
        turns=(*progress.turns, progress.step),
        extended=(*progress.extended, request),
    )


def again(settings: TrainSettings, progress: Progress) -> Progress:
    """The progress once the canary has started the weights again: half the rate, and a causal start once more."""
    here, left = progress.step, progress.steps - progress.step
    switch = here + round(settings.causal_start * left)
    past = [step for step in progress.turns if step < here]
    turns = (*past, here, switch) if switch > here else (*past, here)
    return replace(progress, restarts=progress.restarts + 1, fresh=here, switch=switch, turns=turns)
