"""The device that training uses."""

from __future__ import annotations

import torch

from core.device import choose


def usable() -> torch.device:
    """The device to train on: as chosen for the engine, but for mps, whose LSTM and attention train wrongly."""
    device = choose().device
    if device.type == "cuda":
        torch.use_deterministic_algorithms(True, warn_only=True)
    return torch.device("cpu") if device.type == "mps" else device
