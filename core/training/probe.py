"""How fast a run would train on this machine, and what memory it would need: measured by a few steps of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from torch import Tensor

from core.runs import Progress
from core.settings import TrainSettings
from core.text.stream import Stream
from core.training import evaluate
from core.training.cross_entropy import rows_of
from core.training.device import usable
from core.training.learner import Learner
from core.training.objective import batch
from core.training.schedule import Phase
from core.training.team import Team
from core.training.weights import NETS

WARM = 2
"""Steps that are not counted: memory is fetched and kernels are chosen in them."""
TOKENS = 4096
"""Tokens in a step of the probe on a CPU, which is no faster with more; a step of a large batch would take minutes."""
WINDOWS = 96
"""Windows in a look at the held-out text."""
LOOKED_AT = 8
"""Windows of it that are timed."""
MIDDLE = 1000
"""The step that is measured, of a run of twice as many: half-way from the first share of masks to the last."""


class Measured(NamedTuple):
    """What a run costs on this machine."""

    tokens_per_second: float
    """Input tokens, with both phases of a masked model by their shares."""
    memory_bytes: int
    """Of a step: weights, gradients, optimizer, and what the forward pass keeps for the backward pass."""
    evaluation_seconds: float
    """One look at the held-out text."""


def measure(settings: TrainSettings, seconds: float = 3.0, check: Callable[[], None] | None = None) -> Measured:
    """Train a network of `settings` on random tokens for about `seconds`, and throw it away.

    `check` is called between steps, and may raise to end it. The random state and the thread count are as before
    afterwards. Raises UserError where not even one window fits into memory.
    """
    check = check or (lambda: None)
    with _as_before(settings.threads):
        device = usable()
        rows = min(settings.rows, max(1, TOKENS // settings.length))
        if device.type == "cuda":
            rows = settings.rows
            torch.cuda.reset_peak_memory_stats(device)
        small = msgspec.structs.replace(settings, rows=rows, lr=1e-5, frame="crops")  # noise has no sentences
        torch.manual_seed(0)
        family = NETS[settings.family]
        net = family.from_config(family.shaped(settings.shape), settings.dropout).start().to(device).train()
        learner = Learner(net, small, noise(small), 0, Team(device))
        shares = phases(settings)
        # Seconds a token add up by the phases' shares.
        pace = sum(share / _speed(learner, phase, seconds / len(shares), check) for phase, share in shares.items())
        memory = max(_memory(learner, halfway(phase), settings.rows) for phase in shares)
        check()
        begun = time.perf_counter()
        evaluate.held_out(net, small, learner.text, 0, LOOKED_AT)
        look = (time.perf_counter() - begun) * WINDOWS / LOOKED_AT
    return Measured(1 / pace, memory, look)


def phases(settings: TrainSettings) -> dict[Phase, float]:
    """The phases of a run and their shares of it."""
    shares: dict[Phase, float] = {"causal": 1.0}
    if settings.family == "bert":
        shares = {"causal": settings.causal_start, "masked": 1 - settings.causal_start}
    return {phase: share for phase, share in shares.items() if share > 0}


def halfway(phase: Phase) -> Progress:
    """The progress of a run in the middle of a phase."""
    steps = 2 * MIDDLE
    return Progress(step=MIDDLE, steps=steps, switch=steps if phase == "causal" else 0, last_mask=steps)


def noise(settings: TrainSettings) -> Stream:
    """A text of random tokens."""
    size = max(LOOKED_AT, 64) * settings.length
    ids = np.random.default_rng(0).integers(settings.shape.vocabulary, size=size).astype(np.uint16)
    return Stream(ids, np.arange(0, size, 50), 0, 0)


def _speed(learner: Learner, phase: Phase, seconds: float, check: Callable[[], None]) -> float:
    """Tokens a second of a phase: at least one step, and about `seconds` of them."""
    progress = halfway(phase)
    begun = time.perf_counter()
    for _ in range(WARM):
        check()
        progress, _, _ = learner.update(progress)
        if time.perf_counter() - begun > seconds:  # so slow that warming up changes nothing
            break
    first, begun = progress.tokens, time.perf_counter()
    while progress.tokens == first or time.perf_counter() - begun < seconds:
        check()
        progress, _, _ = learner.update(progress)
    return (progress.tokens - first) / (time.perf_counter() - begun)


def _memory(learner: Learner, progress: Progress, rows: int) -> int:
    """Bytes that a step of `rows` windows needs, measured with those of the learner."""
    device = learner.team.device
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    longest = msgspec.structs.replace(learner.settings, short=0.0)
    weights = {weight.untyped_storage().data_ptr() for weight in learner.net.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = learner.model(*batch(learner.text, longest, progress, learner.mask))
    del loss
    size: int = sum(weight.nbytes for weight in learner.net.parameters())
    vocabulary = learner.settings.shape.vocabulary
    logits = 4 * vocabulary * rows_of(vocabulary, device)
    gradient = 4 * vocabulary * learner.settings.shape.width  # the output matrix's is kept as well
    windows = (sum(kept.values()) - gradient) * rows // learner.settings.rows
    return 4 * size + windows + gradient + logits  # weights, gradients and two moments of AdamW


@contextlib.contextmanager
def _as_before(threads: int) -> Iterator[None]:
    """Use `threads` of torch inside (0: as many as before), and leave all that is torch's own as it was."""
    before, exact = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng():
        try:
            torch.set_num_threads(threads or before)
            yield
        finally:
            torch.set_num_threads(before)
            torch.use_deterministic_algorithms(exact, warn_only=True)
