"""One update of a network: forward and backward in parts that fit into memory, clipping, AdamW; and its row."""

from __future__ import annotations

import contextlib
import math
import time
from typing import Any

import msgspec
import torch
from torch import Tensor

from core.errors import UserError
from core.runs import Progress
from core.settings import TrainSettings
from core.text.stream import Stream, generator
from core.training import schedule
from core.training.keep.ear import NOTHING, Order
from core.training.objective import Batch, Task, batch, pieces
from core.training.team import Team

SHOWN = 8
"""Documents that are named where a batch could not be used."""
SCARCE = ("not enough memory", "can't allocate memory")
"""What torch says on a CPU, where running out has no exception of its own."""


class NotANumber(UserError):
    """A loss or the gradient of step `step` is infinite or no number. The last checkpoint knows nothing of it."""

    def __init__(self, step: int, what: str, where: str) -> None:
        super().__init__(
            f"The loss is not a number at step {step}.",
            why=f"{what}. {where}",
            hint="What was saved before is good. `resume` goes on past this batch; where it happens again, start a new "
            "run with a lower learning rate.",
        )
        self.step = step


class OutOfMemory(UserError):
    """Not even one window fits."""

    def __init__(self) -> None:
        super().__init__(
            "There is not enough memory.",
            why="Not even one window goes through the network at once.",
            hint="Make the model or windows smaller, or give the machine more memory. What was saved before is good.",
        )


def scarce(error: BaseException) -> bool:
    """Whether memory ran out."""
    text = str(error)
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(words in text for words in SCARCE)
    )


class Learner:
    """A network in training: its weights, its optimizer and the text that it reads."""

    def __init__(self, net: Any, settings: TrainSettings, text: Stream, mask: int, team: Team) -> None:
        self.net, self.settings, self.text, self.mask, self.team = net, settings, text, mask, team
        self.task = Task(net)
        self.model: Any = team.wrap(self.task)
        matrices = [p for p in net.parameters() if p.ndim == 2]
        vectors = [p for p in net.parameters() if p.ndim != 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
            lr=settings.lr, betas=(0.9, 0.98), eps=1e-6, fused=True,
        )  # fmt: skip

    def restart(self, fresh: Any) -> None:
        """Take over the weights of `fresh`, and forget what the optimizer knew of the old ones."""
        self.net.load_state_dict(fresh.state_dict())
        self.optimizer.state.clear()

    def update(self, progress: Progress, order: Order = NOTHING) -> tuple[Progress, dict[str, Any], Order]:
        """One step: the progress after it, its row of metrics, and what the first process of the team was asked to do.

        Where memory runs out, fewer windows go through the network at once, and the step is begun again: the progress
        says so. Raises NotANumber or OutOfMemory, before any weight has changed.
        """
        started = time.perf_counter()
        rate = schedule.rate(self.settings, progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        team = self.team
        whole = batch(self.text, self.settings, progress, self.mask, rank=team.rank, world=team.world).to(team.device)
        micro = progress.micro
        while (part := self._gradients(whole, micro, progress.step)) is None:
            micro = self._halved(micro or len(whole.ids))
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), schedule.clip(self.settings, progress))
        mine, size = torch.stack([part, norm.to(part.dtype)]).tolist()
        order, loss = team.agree(order, mine)
        if not (math.isfinite(loss) and math.isfinite(size)):
            raise NotANumber(progress.step, f"The loss is {loss}, the gradient's norm {size}", self._where(progress))
        self.optimizer.step()
        spent, read, targets = time.perf_counter() - started, self._count(whole.ids), self._count(whole.targets)
        after = msgspec.structs.replace(
            progress, step=progress.step + 1, tokens=progress.tokens + read, targets=progress.targets + targets,
            micro=micro,
        )  # fmt: skip
        row = {
            "step": after.step, "tokens": after.tokens, "seconds": progress.seconds,
            "phase": schedule.phase(self.settings, progress), "loss": loss, "loss_hex": loss.hex(), "lr": rate,
            "grad_norm": size, "tokens_per_second": read / spent,
        }  # fmt: skip
        return after, row, order

    def rehearse(self, whole: Batch) -> None:
        """Send a batch forward and backward as a step does, wait until it is through, and forget the gradients.

        Nothing is exchanged with the others of a team. The random state is another afterwards: every step sets its own.
        """
        torch.manual_seed(0)
        with self.model.no_sync() if self.team.world > 1 else contextlib.nullcontext():
            with self._autocast():
                loss = self.model(*whole)
            loss.backward()
        loss.item()
        self.optimizer.zero_grad(set_to_none=True)

    def forget(self) -> None:
        """Drop the gradients, and give the memory back that only they and what led to them needed."""
        self.optimizer.zero_grad(set_to_none=True)
        if self.team.device.type == "cuda":
            torch.cuda.empty_cache()

    def _gradients(self, whole: Batch, micro: int, step: int) -> Tensor | None:
        """Fill the gradients; returns this process's share of the mean loss, or None where memory ran out.

        The caller tries again after this frame, and the tensors that the error holds on to, are gone.
        """
        try:
            return self._backward(whole, micro, step)
        except RuntimeError as error:
            if not scarce(error) or self.team.world > 1:
                # The others of a team already wait for our gradients, in pieces of the old size.
                raise
        return None

    def _backward(self, whole: Batch, micro: int, step: int) -> Tensor:
        rank = (self.team.rank,) if self.team.world > 1 else ()
        torch.manual_seed(int(generator(self.settings.seed, step, 3, *rank).integers(2**62)))
        self.optimizer.zero_grad(set_to_none=True)
        total, everyone = torch.zeros((), device=self.team.device), self._count(whole.targets)
        parts = pieces(whole, micro)
        for number, part in enumerate(parts, 1):
            last = number == len(parts)
            with contextlib.nullcontext() if last or self.team.world == 1 else self.model.no_sync():
                with self._autocast():
                    loss = self.model(*part)
                share = loss.float() * (len(part.targets) / everyone)
                (share * self.team.world).backward()  # DDP averages, and the batch is a sum of shares
            total += share.detach()
        return total

    def _autocast(self) -> contextlib.AbstractContextManager[Any]:
        if self.team.device.type != "cuda":
            return contextlib.nullcontext()
        return torch.autocast("cuda", torch.bfloat16)

    def _halved(self, micro: int) -> int:
        self.forget()
        if micro == 1:
            raise OutOfMemory
        return (micro + 1) // 2

    def spoiled(self, progress: Progress, nats: float) -> NotANumber:
        """The error of weights whose held-out loss is `nats`: the last update did it."""
        last = msgspec.structs.replace(progress, step=max(0, progress.step - 1))
        return NotANumber(last.step, f"The held-out loss after it is {nats}", self._where(last))

    def _count(self, mine: Tensor) -> int:
        """Elements in the whole team's batch, of which this process has `mine`: windows are all of one size."""
        windows = len(range(self.team.rank, self.settings.rows, self.team.world))
        return mine.numel() // windows * self.settings.rows

    def _where(self, progress: Progress) -> str:
        """Which text the step to come reads, for a person."""
        first, rows = progress.step * self.settings.rows, self.settings.rows
        documents = ", ".join(str(number) for number in self.text.documents(self.settings, progress.step)[:SHOWN])
        more = " and others" if rows > SHOWN else ""
        return f"It was the windows {first:,} to {first + rows - 1:,}, which begin in document {documents}{more}."
