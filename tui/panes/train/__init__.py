"""The Train pane: what it shows, what can be done to a run, how one is started."""

from tui.panes.train.pane import TrainPane

__all__ = ["TrainPane"]
