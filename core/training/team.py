"""The processes that train one network together, each on its part of every batch. Alone, all of it costs nothing."""

from __future__ import annotations

import datetime
import logging
import os
from typing import Any

import torch
from torch import distributed, nn

from core.errors import UserError
from core.training.keep.ear import ORDERS, Order

PATIENCE = datetime.timedelta(days=2)
"""How long a process waits for the others: the first one may be reading much text. torchrun ends those left behind."""


class Team:
    """`rank` of `world` processes. The first one alone writes, measures and hears what a person wants."""

    def __init__(self, device: torch.device, rank: int = 0, world: int = 1) -> None:
        self.device, self.rank, self.world = device, rank, world

    @classmethod
    def joined(cls, device: torch.device) -> Team:
        """The team that torchrun's environment describes; one process alone without it."""
        if "RANK" not in os.environ:
            return cls(device)
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=PATIENCE)
        return cls(device, distributed.get_rank(), distributed.get_world_size())

    @property
    def first(self) -> bool:
        return self.rank == 0

    def sum(self, *values: float) -> list[float]:
        """The sums of everybody's values. Every process of the team must call it at the same place."""
        if self.world == 1:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(total)
        sums: list[float] = total.tolist()
        return sums

    def check(self, rows: int) -> None:
        """Raise UserError when there are more processes than windows in a batch."""
        if self.world > rows:
            raise UserError(
                f"{self.world} processes cannot share {rows} windows.",
                hint="Start fewer of them, or give the run more rows.",
            )

    def agree(self, order: Order, value: float = 0.0) -> tuple[Order, float]:
        """What the first process was asked to do, and the sum of everybody's `value`, in one exchange."""
        if self.world == 1:
            return order, value
        mine = (ORDERS.index(order.do), order.tokens, order.steps) if self.first else (0, 0, 0)
        total, code, tokens, steps = self.sum(value, *mine)
        return (order if self.first else Order(ORDERS[round(code)], round(tokens), steps=round(steps))), total

    def wrap(self, task: nn.Module) -> nn.Module:
        """`task`, with gradients that are averaged over the team."""
        if self.world == 1:
            return task
        devices: Any = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(task, device_ids=devices)

    def leave(self) -> None:
        """Call it last of all. A team ends together, and at once: gloo (torch 2.13) may hang when it is taken down."""
        if self.world > 1:
            self.sum(0)
            logging.shutdown()
            os._exit(0)
