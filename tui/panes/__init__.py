"""The panes, by name: made when first shown, so that the first paint pays for one of them only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.panes.pane import Pane


def _notes() -> Pane:
    from tui.panes.notes import NotesPane

    return NotesPane(id="notes")


def _train() -> Pane:
    from tui.panes.train import TrainPane

    return TrainPane(id="train")


def _predict() -> Pane:
    from tui.panes.predict import PredictPane

    return PredictPane(id="predict")


def _compare() -> Pane:
    from tui.panes.compare import ComparePane

    return ComparePane(id="compare")


def _evaluate() -> Pane:
    from tui.panes.evaluate import EvaluatePane

    return EvaluatePane(id="evaluate")


def _sweep() -> Pane:
    from tui.panes.sweep import SweepPane

    return SweepPane(id="sweep")


def _scan() -> Pane:
    from tui.panes.scan import ScanPane

    return ScanPane(id="scan")


PANES: dict[str, tuple[str, Callable[[], Pane]]] = {
    "notes": ("Notes", _notes),
    "train": ("Train", _train),
    "predict": ("Predict", _predict),
    "compare": ("Compare", _compare),
}
"""Id, title and maker, in the order of their keys."""
ASIDE: dict[str, tuple[str, Callable[[], Pane]]] = {
    "evaluate": ("Evaluate", _evaluate),
    "sweep": ("Sweep", _sweep),
    "scan": ("Scan", _scan),
}
"""What stands behind a key, but not among the tabs; esc leads back to the pane before."""
