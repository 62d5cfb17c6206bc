"""Harnesses that try to lose a training run: kills, failing disks, damaged checkpoints, lost windows."""
