"""C10: one's own run as the knobs of the budget: what it has done, or what it will do until that is counted."""

from __future__ import annotations

from typing import NamedTuple

from core import shapes
from core.claims.plan import OfRun
from core.errors import UserError
from core.runs import Progress, RunFile
from core.settings import TrainSettings

SHORTER = 4
"""Times that a short window of the reader's own run goes into a full one."""
DIGITS = 6
"""After the point: a millionth of a million parameters is one, and a share is as exact as a run needs it."""


class _Done(NamedTuple):
    """What a run read and was asked about, in `steps` of them."""

    steps: int
    tokens: float
    targets: float


def knobs_of(file: RunFile, progress: Progress | None) -> OfRun:
    """The knobs of C10 with which its arithmetic gives this run's steps, tokens, targets and parameters.

    They are those counted up to the newest checkpoint where `progress` has one, else those of the whole run as it is
    planned. A run has short windows of many lengths; here they stand as that share of windows of a quarter of the
    full length, with which the mean window is as long. Raises UserError for a run that does not know yet how long it
    is.
    """
    settings = file.settings
    if min(settings.rows, settings.length) < 1:
        raise UserError(f"The run {file.id} has no windows.", why=f"Its batch is {settings.rows} x {settings.length}.")
    if done := _counted(progress):
        told = f"the {done.steps:,} steps up to its newest checkpoint"
    else:
        done = _planned(file)
        told = f"the {done.steps:,} steps that are planned, as it has no checkpoint yet"
    mean = min(settings.length, done.tokens / (done.steps * settings.rows))
    share = (1 - mean / settings.length) / (1 - 1 / SHORTER)
    length, short = (float(settings.length), share) if share <= 1 else (mean, 0.0)
    parameters = file.parameters or shapes.parameters(settings.family, settings.shape)
    exact = {
        "steps": done.steps, "batch": settings.rows, "length": length, "short": 100 * short,
        "asked": 100 * done.targets / done.tokens, "parameters": parameters / 1e6,
    }  # fmt: skip
    return OfRun({name: round(float(value), DIGITS) for name, value in exact.items()}, told)


def _counted(progress: Progress | None) -> _Done | None:
    if progress is None or not (progress.step and progress.tokens and progress.targets):
        return None
    return _Done(progress.step, progress.tokens, progress.targets)


def _planned(file: RunFile) -> _Done:
    settings = file.settings
    if not settings.tokens:
        raise UserError(
            f"The run {file.id} does not know yet how long it is.",
            hint="It was given minutes: its trainer measures first what they come to.",
        )
    steps = file.steps or settings.steps or max(1, round(settings.tokens / (settings.rows * _mean_window(settings))))
    return _Done(steps, settings.tokens, settings.tokens * shapes.targets_per_token(settings))


def _mean_window(settings: TrainSettings) -> float:
    """Tokens in the mean window: a share of the batches has windows of any length from the shortest on."""
    return (1 - settings.short) * settings.length + settings.short * (shapes.SHORTEST + settings.length) / 2
