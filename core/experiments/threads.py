"""How many threads torch computes with, for as long as an experiment needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Compute with `count` threads, and afterwards with as many as before; 0 leaves them as they are.

    Networks of a few thousand weights gain nothing from a second thread and lose much to waiting for it.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
