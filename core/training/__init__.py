"""Training: windows, objectives, checkpoints, the loop, and the models that ship."""
