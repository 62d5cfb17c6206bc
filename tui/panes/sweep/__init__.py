"""Accuracy by position: what is asked and kept, and what is shown."""

from tui.panes.sweep.pane import SweepPane

__all__ = ["SweepPane"]
