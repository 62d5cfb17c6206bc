"""From a run's folder to the progress that it goes on from: the newest checkpoint that is whole and fits."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from core.errors import UserError
from core.runs import Owner, Progress, Run
from core.training.keep import checkpoint

log = logging.getLogger(__name__)


def recover(run: Run, net: Any, optimizer: torch.optim.Optimizer, tell: Callable[[str], None]) -> Progress | None:
    """Load the newest checkpoint that can be used; None where there is none yet.

    Others are set aside, which `tell` hears of in sentences for a person. Raises UserError when checkpoints are whole
    but none of them fits `net`: then it is not they that are wrong.
    """
    for name in checkpoint.set_aside(run.folder):
        _say(tell, name, "it is not as it was written.")
    unfit: list[tuple[Path, UserError]] = []
    for folder in reversed(run.checkpoints):
        try:
            restored = checkpoint.restore(folder, net, optimizer)
        except UserError as error:
            unfit.append((folder, error))
            continue
        for other, reason in unfit:
            checkpoint.damage(other)
            _say(tell, other.name, str(reason))
        return restored
    if unfit:
        raise unfit[0][1]
    return None


def how(run: Run, step: int, before: Owner | None) -> str:
    """How a run goes on at `step` after the trainer `before`, for a person; empty where nothing was before."""
    abroad = before is not None and before.host != socket.gethostname()
    if run.checkpoints:
        text = f"Resumed at step {step:,}"
    elif run.file().steps or abroad:
        lost = any((run.folder / "checkpoints").glob("bad-step-*"))
        why = "no checkpoint could be used" if lost else "there was no checkpoint yet"
        text = f"Begun again at step {step:,}: {why}"
    else:
        return ""
    return f"{text}, taken over from {before.host}." if before and abroad else f"{text}."


def _say(tell: Callable[[str], None], name: str, why: str) -> None:
    text = f"The checkpoint {name} cannot be used and was set aside: {why}"
    log.warning("%s", text)
    tell(text)
