"""The sign of life of a trainer: what it does now, and what it uses of the machine."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil
import torch

from core.runs import Beat
from core.runs.files import Doing
from core.training.keep import disk

EVERY = 2.0
"""Seconds between two beats of a trainer that goes on doing the same."""


class Pulse:
    """Writes beat.json: at every change, and every few seconds."""

    def __init__(self, run: Path) -> None:
        self._path = run / "beat.json"
        self._doing: Doing = "reading"
        self._last = 0.0
        self.machine: dict[str, Any] = {}
        """What the last beat said of the machine."""
        self._used: tuple[float, float] = (0.0, 0.0)
        # torchrun's children are one run: what the first of them reports is what all of them use.
        me = psutil.Process()
        self._root = me.parent() or me if "TORCHELASTIC_RUN_ID" in os.environ else me

    def note(self, doing: Doing, detail: str = "") -> None:
        """Say that something else is being done now."""
        self._doing = doing
        self._write(detail)

    def tick(self, detail: str = "") -> bool:
        """Beat, where the last beat is some seconds old; returns whether it was."""
        if time.monotonic() - self._last < EVERY:
            return False
        self._write(detail)
        return True

    def _write(self, detail: str) -> None:
        if time.monotonic() - self._used[0] >= EVERY:  # over less the share of a processor says nothing
            self.machine = self._measure()
        beat = Beat(doing=self._doing, time=time.time(), detail=detail, **self.machine)
        disk.replace(self._path, msgspec.json.encode(beat), durable=False)
        self._last = time.monotonic()

    def _measure(self) -> dict[str, Any]:
        """Cores and bytes in use by the trainer and its children, and those of the GPU where there is one."""
        seconds, memory = 0.0, 0
        for process in (self._root, *self._root.children(recursive=True)):
            try:
                times = process.cpu_times()
                memory += process.memory_info().rss
                seconds += times.user + times.system
            except psutil.Error:  # it ended while we looked
                continue
        now, (then, before) = time.monotonic(), self._used
        self._used = (now, seconds)
        cores = (seconds - before) / (now - then) if then and now > then else 0.0
        return {"cpu": round(max(0.0, cores), 2), "memory": memory} | _gpu()


def _gpu() -> dict[str, Any]:
    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return {}
    found: dict[str, Any] = {"gpu_memory": torch.cuda.memory_allocated()}
    with contextlib.suppress(ModuleNotFoundError, RuntimeError):  # NVML's Python module, or NVML itself, is missing
        found["gpu"] = torch.cuda.utilization() / 100
    return found
