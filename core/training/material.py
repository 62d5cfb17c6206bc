"""What a run is made of before its first step: settled settings, its own tokenizer, its text."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec
import torch

from core import __version__, shapes
from core.errors import UserError
from core.runs import Progress, Run
from core.settings import Compiled, TrainSettings
from core.text import stream
from core.text.stream import Stream
from core.text.tokens import Tokenizer
from core.training import probe, schedule
from core.training.keep import disk
from core.training.keep.ownership import own_tokenizer

Tell = Callable[[Literal["reading", "measuring"], int], None]
replace = msgspec.structs.replace


@dataclass(frozen=True)
class Material:
    """Everything that is read, and nothing that is trained."""

    settings: TrainSettings
    folder: Path
    """That of the run's tokenizer."""
    tokenizer: Tokenizer
    mask: int
    text: Stream
    held_out: Stream
    steps: int
    digests: tuple[str, str]
    """What run.json calls `text` and `held_out_text`."""


def gather(run: Run, tell: Tell, first: bool = True, world: int = 1) -> Material:
    """Read what the run in `run` is made of, for a team of `world` processes.

    `tell` hears, while it takes time, what is being done ("reading" or "measuring") and how much was read, and may
    raise to end it. The first process of a team settles what depends on the machine and writes it into run.json.
    Raises UserError where the run cannot be.
    """
    settings = run.file().settings
    folder = own_tokenizer(run, settings, lambda read: tell("reading", read))
    tokenizer = Tokenizer.load(folder)
    if tokenizer.mask is None and settings.family == "bert":
        raise UserError("The tokenizer has no mask token.", why="A masked model is trained with it.")
    if settings.frame != "crops" and settings.family != "bert":
        raise UserError(f"A {settings.family} is not trained on {settings.frame}.", hint="Train it on crops.")
    text, held_out = _texts(settings, folder, lambda read: tell("reading", read))
    if settings.frame == "bare" and text.newline < 0:
        raise UserError("The tokenizer has no token for a line end.", why="Bare windows join documents with it.")
    if min(len(text), 10 * len(held_out)) < 10 * settings.length:
        raise UserError(
            "The text is too short to train on.",
            why=f"It has {len(text):,} tokens to train on and {len(held_out):,} to check with.",
            hint=f"Give at least {20 * settings.length:,} tokens of text.",
        )
    if first and not run.file().steps:
        settings, steps = _settle(run, tokenizer.vocabulary, text, tell, world)
    else:
        steps = schedule.steps_of(settings, text)
    digests = (text.digest(), held_out.digest())
    return Material(settings, folder, tokenizer, tokenizer.mask or 0, text, held_out, steps, digests)


def _texts(settings: TrainSettings, folder: Path, tell: Callable[[int], None]) -> tuple[Stream, Stream]:
    files, held = ([Path(name) for name in names] for names in (settings.texts, settings.held_out))
    text = stream.load(files, folder, "all" if held else "training", settings.field, tell)
    return text, stream.load(held or files, folder, "all" if held else "held out", settings.field, tell)


def _settle(run: Run, vocabulary: int, text: Stream, tell: Tell, world: int) -> tuple[TrainSettings, int]:
    """Turn what depends on the machine into numbers, once, and keep them in run.json. Returns the steps as well."""
    file = run.file()
    settings = replace(file.settings, threads=torch.get_num_threads())
    if settings.tokenizer == "new":
        settings = replace(settings, shape=replace(settings.shape, vocabulary=vocabulary))
    if not settings.tokens:
        tell("measuring", 0)
        found = probe.measure(settings, check=lambda: tell("measuring", 1))
        speed = found.tokens_per_second * world
        tokens = schedule.affordable(settings, 60 * settings.minutes, speed, found.evaluation_seconds)
        settings = replace(settings, tokens=tokens)
        file = replace(file, tokens_per_second=speed, memory=found.memory_bytes)
    if settings.steps:
        lengths = islice(text.lengths(settings), settings.steps)
        settings = replace(settings, tokens=settings.rows * sum(lengths))
    steps = schedule.steps_of(settings, text)
    settings = schedule.settled(settings, steps)
    disk.replace(run.folder / "run.json", msgspec.json.encode(replace(file, settings=settings)))
    return settings, steps


def keep_choice(run: Run, mode: Compiled) -> None:
    """Write into run.json how full windows are read."""
    file = run.file()
    settings = replace(file.settings, compiled=mode)
    disk.replace(run.folder / "run.json", msgspec.json.encode(replace(file, settings=settings)))


def describe(run: Run, made: Material, progress: Progress, parameters: int, unigram_nats: float, device: str) -> None:
    """Write into run.json what is known of the run now: the budget as planned, or as spent at its end."""
    settings = made.settings
    if progress.step == progress.steps and progress.targets:
        spent = shapes.budget(settings, progress.tokens, progress.targets)
    else:
        spent = shapes.budget(settings, settings.tokens * progress.steps // made.steps)
    known = replace(
        run.file(),
        steps=progress.steps,
        switch=progress.switch if settings.family == "bert" else 0,
        versions={"lookboth": __version__, "torch": str(torch.__version__), "python": platform.python_version()},
        device=device,
        parameters=parameters,
        unigram_nats=unigram_nats if math.isfinite(unigram_nats) else 0.0,
        text=made.digests[0],
        held_out_text=made.digests[1],
        budget=spent,
    )
    disk.replace(run.folder / "run.json", msgspec.json.encode(known))
