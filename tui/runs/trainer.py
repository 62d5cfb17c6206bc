"""Start a trainer: its own process in its own session, which outlives the window, the terminal and the connection."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core import catalogue, paths, runs, settings
from core.errors import UserError
from core.runs import Run
from core.settings import Family, TrainSettings
from tui.engine import command
from tui.engine.death import Death
from tui.runs import plan


@dataclass(frozen=True)
class Started:
    """A run and the process that was started for it at `begun` (`time.monotonic`)."""

    run: Run
    process: subprocess.Popen[bytes]
    begun: float

    def death(self) -> Death | None:
        """How the trainer ended, with the last lines of its console; None while it works."""
        code = self.process.poll()
        if code is None:
            return None
        console = (self.run.folder / "console.log").read_bytes()[-20_000:].decode("utf-8", "replace")
        return Death(code=code, seconds=time.monotonic() - self.begun, lines=tuple(console.splitlines()[-50:]))


def planned(
    family: Family,
    texts: Sequence[str],
    preset: str,
    tokens: int | None,
    steps: int | None,
    seed: int,
    *,
    held_out: Sequence[str] = (),
    tokenizer: str = "",
    threads: int = 0,
) -> TrainSettings:
    """The settings of a run on `texts`, or on what ships; `steps` of full windows count as tokens.

    `tokenizer` is a model or a folder with a tokenizer.json; without it, that of the bundled model of the family.
    Raises UserError for a text, a size, a tokenizer or a budget that cannot be used.
    """
    size = settings.preset(preset)
    budget = tokens if steps is None else steps * size.rows * size.length
    folder = Path(tokenizer).expanduser() if tokenizer else paths.assets() / "models" / family
    if not (folder / "tokenizer.json").is_file():
        folder = Path(catalogue.resolve(tokenizer or family).folder)
    checked = plan.files(held_out) if held_out else []
    return settings.plan(family, plan.files(texts), preset, folder, budget, checked, seed, threads)


def start(chosen: TrainSettings, name: str = "") -> Started:
    """Make a run folder and start its trainer. Raises UserError when either fails."""
    return resume(runs.create(chosen, name))


def resume(run: Run) -> Started:
    """Start a trainer on a run that has none: it goes on from the newest good checkpoint, or begins.

    Raises UserError when the process cannot be started.
    """
    folder = run.folder.resolve()
    try:
        with open(folder / "console.log", "ab") as console:
            process = subprocess.Popen(
                command.of("train", str(folder)),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                env=command.environment(),
            )
    except OSError as error:
        raise UserError(f"The trainer of {run.id} cannot be started.", why=str(error)) from error
    # Its end must be collected, or it stays in the process table as a zombie for as long as the window is open.
    threading.Thread(target=process.wait, daemon=True, name=f"trainer {run.id}").start()
    return Started(run, process, time.monotonic())
