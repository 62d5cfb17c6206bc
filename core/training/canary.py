"""The canary: a masked model that reads nothing after thousands of updates will not begin to, so it starts again.

Such a model sits at the cross-entropy of a unigram, and answers every mask alike (Chen et al. 2023, arXiv 2309.07311,
on when a masked model leaves that plateau).
"""

from __future__ import annotations

from core.runs import Progress
from core.settings import TrainSettings
from core.training import schedule

PATIENCE = 3000
"""Updates with masks before anything is said about a run: the plateau is paid in updates."""
SHARE = 0.1
"""And this share of the run's updates with masks."""
TWICE = 2
BELOW = 0.3
"""Nats below the unigram at which a model reads something."""
ALIKE = 0.95
"""Mean cosine of the answers to three prompts from which on they are alike."""


def stuck(settings: TrainSettings, progress: Progress, held_out: dict[str, float], unigram: float) -> bool:
    """Whether the weights should be started again, by the held-out numbers of now and the unigram's nats.

    Weights that came from another model are left alone, and so is a run that was started again twice.
    """
    if not settings.canary or settings.start or progress.restarts >= TWICE:
        return False
    if schedule.phase(settings, progress) == "causal":
        return False
    updates = progress.step - max(progress.switch, progress.fresh)
    if updates < max(PATIENCE, SHARE * (progress.steps - progress.switch)):
        return False
    return held_out["nats"] > unigram - BELOW and held_out.get("cosine", 1.0) >= ALIKE
