"""One sweep from request to curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.errors import UserError
from core.messages import Curves, Sweep
from core.models.model import Model
from core.sweep import conditions, paired, salamone, text
from core.sweep.pace import Report

MOST_WINDOWS = 100_000


def sweep(
    models: Mapping[str, Model],
    formats: Mapping[str, str],
    request: Sweep,
    report: Report,
    show: Callable[[Curves], None],
) -> Curves:
    """Accuracy by position of `models`, each trained in the condition that `formats` names.

    `report(done, total, note)` is called after every batch and may raise to cancel; `show` gets a partial result about
    once a second. Raises UserError for what cannot be swept.
    """
    if not 1 <= request.windows <= MOST_WINDOWS:
        raise UserError(f"{request.windows:,} windows cannot be read.", hint=f"Give 1 to {MOST_WINDOWS:,}.")
    if not models:
        raise UserError("No model was named.")
    conditions.check(request.conditions)
    found = text.find(request.text, request.path, request.protocol)
    if request.protocol == "salamone2021":
        return salamone.run(models, request, found, report, show)
    return paired.run(models, formats, request, found, report, show)
