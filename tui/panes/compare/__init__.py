"""The Compare pane: what it asks, what it keeps, what it shows."""

from tui.panes.compare.asking import LONGEST
from tui.panes.compare.pane import ComparePane

__all__ = ["LONGEST", "ComparePane"]
