"""Full windows through torch.compile on a GPU: tried when a run begins, taken where it pays, and kept on resume.

On a CPU nothing is tried: a compiled network is no faster there. A compiled network's numbers differ from the plain
one's in their last bits, so what was chosen once is a setting of the run.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec
import torch
from torch import Tensor

from core.runs import Progress
from core.settings import Compiled
from core.training import probe
from core.training.learner import Learner
from core.training.objective import batch
from core.training.schedule import Phase

DEVICES = ("cuda",)
"""Where it is tried."""
OPTIONS: dict[Compiled, dict[str, Any]] = {
    "yes": {"deterministic": True},
    "graphs": {"deterministic": True, "triton.cudagraphs": True},
}
"""For inductor. Deterministic: it chooses no kernel by its speed, for a resumed run might get another one."""
WARM, TIMED = 3, 10
"""Batches of each phase before the clock is looked at (a CUDA graph is recorded in the second), and of all while it
runs."""
GAIN = 0.05
"""Least share of the time that must be saved."""
LEAST = 300.0
"""Seconds of training below which nothing is tried: to compile takes a minute."""
NAMES: dict[Compiled, str] = {"no": "as it is", "yes": "compiled", "graphs": "compiled with CUDA graphs"}
clock = time.perf_counter
log = logging.getLogger(__name__)


class Choice(NamedTuple):
    """What a run does, and what is to be said of it."""

    mode: Compiled
    event: Literal["", "compiled", "eager"] = ""
    text: str = ""


class Reader:
    """`net.hidden`, compiled for windows of one shape (rows, length). All others are read as they are."""

    def __init__(self, net: Any, mode: Compiled, shape: tuple[int, int]) -> None:
        self._net, self._shape = net, shape
        self._compiled = build(net.hidden, mode)

    def __call__(self, ids: Tensor, **how: bool) -> Tensor:
        read: Callable[..., Tensor] = self._compiled if ids.shape == self._shape else self._net.hidden
        return read(ids, **how)


def build(hidden: Callable[..., Tensor], mode: Compiled) -> Callable[..., Tensor]:
    """`hidden` compiled for one shape, at its first call."""
    return torch.compile(hidden, dynamic=False, options=OPTIONS[mode])


def begin(learner: Learner, progress: Progress, tell: Callable[[], object]) -> Choice:
    """Have `learner` read full windows in the way that its settings say, or that is found here to pay.

    Weights, optimizer and the numbers of all steps stay as they are. `tell` is called now and then. Every process of a
    team must call it at the same place, and all choose the same. The mode of the choice belongs into the run's
    settings.
    """
    settings, mode = learner.settings, learner.settings.compiled
    left = progress.steps - progress.step
    # Where memory ran out no full batch is read at once, and whole sentences come in windows of any length.
    if progress.micro or settings.frame == "sentences" or not left:
        return Choice(mode)
    choice = Choice(mode)
    if not mode:
        # A run that began without a choice was read as it is until now.
        choice = _tried(learner, round(left * (1 - settings.short)), tell) if progress.step == 0 else Choice("no")
    if choice.mode != "no" and (why := _warm(learner, choice.mode, tell)):
        return Choice(choice.mode, "eager", f"The network cannot be compiled this time, and is read as it is: {why}")
    return choice


def _tried(learner: Learner, left: int, tell: Callable[[], object]) -> Choice:
    """What pays for `left` steps of full windows. The learner reads as it is afterwards."""
    if _warm(learner, "no", tell):  # no room for a batch: the first step will find smaller parts
        return Choice("no")
    plain = _pace(learner, tell)
    if plain * left < LEAST:
        return Choice("no")
    best, step, said = Choice("no"), plain, [f"{plain * 1000:.1f} ms as it is"]
    modes: tuple[Compiled, ...] = ("yes", "graphs") if learner.team.world == 1 else ("yes",)
    for mode in modes:
        begun = clock()
        if why := _warm(learner, mode, tell):
            said.append(f"{NAMES[mode]} not at all ({why})")
            continue
        cost = learner.team.sum(clock() - begun)[0] / learner.team.world
        found = _pace(learner, tell)
        said.append(f"{found * 1000:.1f} ms {NAMES[mode]}")
        if found < step and found <= (1 - GAIN) * plain and (plain - found) * left >= cost:
            best, step = Choice(mode, "compiled"), found
    use(learner, "no")
    text = f"The network is read {NAMES[best.mode]}. A batch takes {', '.join(said)}."
    return Choice(best.mode, best.event or "eager", text)


def use(learner: Learner, mode: Compiled) -> None:
    """Read full windows in this way from now on; what was compiled before is thrown away."""
    torch.compiler.reset()
    rows = len(range(learner.team.rank, learner.settings.rows, learner.team.world))
    shape = (rows, learner.settings.length)
    learner.task.reader = None if mode == "no" else Reader(learner.net, mode, shape)


def _warm(learner: Learner, mode: Compiled, tell: Callable[[], object]) -> str:
    """Use `mode` and have everything compiled; returns why that cannot be, and then everybody reads as it is."""
    why = ""
    try:
        use(learner, mode)
        _rehearse(learner, dict.fromkeys(probe.phases(learner.settings), WARM), tell)
    except Exception as error:  # whatever a compiler cannot do, the network itself can
        log.warning("The network is not read %s.", NAMES[mode], exc_info=error)
        why = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"[:200]
    if learner.team.sum(float(bool(why)))[0]:
        use(learner, "no")
        learner.forget()
        return why or "another process of the run could not"
    return ""


def _pace(learner: Learner, tell: Callable[[], object]) -> float:
    """Seconds in which a batch goes through the network forward and backward: the mean of the team."""
    rounds = {phase: math.ceil(share * TIMED) for phase, share in probe.phases(learner.settings).items()}
    begun = clock()
    _rehearse(learner, rounds, tell)
    return learner.team.sum(clock() - begun)[0] / learner.team.world / sum(rounds.values())


def _rehearse(learner: Learner, rounds: Mapping[Phase, int], tell: Callable[[], object]) -> None:
    """Read so many full batches of random tokens in each phase."""
    full, team = msgspec.structs.replace(learner.settings, short=0.0), learner.team
    for phase, count in rounds.items():
        noise, halfway = probe.noise(full), probe.halfway(phase)
        mine = batch(noise, full, halfway, learner.mask, rank=team.rank, world=team.world).to(team.device)
        for _ in range(count):
            tell()
            learner.rehearse(mine)
