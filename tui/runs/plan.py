"""What a run, or a trio, would be, worked out before it starts: its size, its budget, and how long it may take here.

Only small files are read: no torch, no tokenizer.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core import shapes
from core.plan import Choice, settle, weight
from core.runs import Budget
from core.settings import Family, Shape, TrainSettings
from core.trio import members
from tui.runs.now import Now
from tui.words import amount_of_bytes, duration, short

BYTES_A_TOKEN = 3.3
"""English text under the bundled tokenizer of 4,096 entries, about."""
GUESSED_FLOPS = 3e10
"""Multiplications and additions a second of a laptop that has not trained yet: a guess, and always called one."""
NAMES = {"bert": "BERT", "gpt2": "GPT-2", "lstm": "LSTM"}

Kind = tuple[Family, Shape, int, int, float, int, int]
"""What the speed of a run depends on."""


def kind(settings: TrainSettings) -> Kind:
    """Runs of one kind are equally fast on one machine."""
    run = settings
    return run.family, run.shape, run.rows, run.length, run.dropout, run.threads, run.processes


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a run would be, and how that is known."""

    tokens_per_second: float
    memory: int = 0
    """Bytes; 0 where nobody measured them."""
    source: Literal["measured", "earlier", "guess"]


SOURCES = {
    "measured": "measured just now",
    "earlier": "as an earlier run here",
    "guess": "a guess: nothing like it was trained here yet",
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One run of the plan."""

    settings: TrainSettings
    budget: Budget
    pace: Pace

    @property
    def seconds(self) -> float:
        """Of training."""
        return self.budget.tokens / self.pace.tokens_per_second


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would happen: one run, or `seeds` of each of the three."""

    choice: Choice
    parts: tuple[Part, ...]
    seeds: int
    size: int
    """Bytes of text."""

    @property
    def trio(self) -> bool:
        """Whether the three are trained to be compared."""
        return len(self.parts) > 1

    def lines(self, note: str = "") -> list[str]:
        """The plan in words, one sentence a line; `note` is what else there is to say of the time."""
        return [self._models(), self._text(), self._budget(), f"{self._time()}{note or '.'}", *self._start()]

    def _models(self) -> str:
        form = self.parts[0].settings.shape
        if not self.trio:
            name, count = NAMES[self.parts[0].settings.family], self.parts[0].budget.parameters
            return (
                f"{name}: {count:,} parameters, {form.layers} layer{'s' * (form.layers > 1)} of {form.width}, "
                f"a vocabulary of {form.vocabulary:,}."
            )
        counts = ", ".join(f"{NAMES[part.settings.family]} {part.budget.parameters:,}" for part in self.parts)
        seeds = f" Each with {self.seeds} seeds." if self.seeds > 1 else ""
        return f"Parameters: {counts}.{seeds}"

    def _text(self) -> str:
        texts = self.parts[0].settings.texts
        if not self.choice.texts:
            return f"Text: the Python documentation on this machine, {amount_of_bytes(self.size)}."
        named = ", ".join(Path(text).name for text in texts[:3]) + (" …" if len(texts) > 3 else "")
        return f"Text: {len(texts)} file{'s' * (len(texts) > 1)}, {amount_of_bytes(self.size)}: {named}"

    def _budget(self) -> str:
        part = self.parts[0]
        tokens, run = part.budget.tokens, part.settings
        passes = tokens / max(1.0, self.size / BYTES_A_TOKEN)
        times = f"{passes:.2g}" if passes < 10 else short(round(passes))
        who = "Each reads" if self.trio else "It reads"
        flops = " · ".join(dict.fromkeys(f"{part.budget.flops:.1e}".replace("e+", "e") for part in self.parts))
        targets = " · ".join(dict.fromkeys(short(part.budget.targets) for part in self.parts))
        count = run.steps or steps(run, tokens)
        return (
            f"{who} about {short(tokens)} tokens in {count:,} step{'s' * (count > 1)}: the text about {times} times; "
            f"{targets} targets, {flops} FLOPs."
        )

    def _time(self) -> str:
        seconds = self.seeds * sum(part.seconds for part in self.parts)
        speeds = " · ".join(short(round(part.pace.tokens_per_second)) for part in self.parts)
        memory = max(part.pace.memory for part in self.parts)
        needs = f", {amount_of_bytes(memory)} of memory" if memory else ""
        worst = max((part.pace.source for part in self.parts), key=list(SOURCES).index)
        return f"About {duration(seconds)} at {speeds} tokens/s{needs}: {SOURCES[worst]}"

    def _start(self) -> list[str]:
        share = self.parts[0].settings.causal_start  # BERT is the first of the three
        who = "BERT reads" if self.trio else "It reads"
        return [f"{who} left to right for the first {share:.0%} of its steps, then with masks."] if share else []


def steps(settings: TrainSettings, tokens: int) -> int:
    """About how many steps `tokens` come to: a share of the batches has shorter windows, half as long on average."""
    mean = settings.length * (1 - settings.short / 2)
    return max(1, round(tokens / (settings.rows * mean)))


def pace(settings: TrainSettings, earlier: Iterable[Now], measured: Mapping[Kind, Pace]) -> Pace:
    """What to reckon with: what was measured, else an earlier run of this kind on this machine, else a guess."""
    wanted = kind(settings)
    if wanted in measured:
        return measured[wanted]
    for run in earlier:
        if run.file and run.file.owner and run.file.owner.host == socket.gethostname():
            speed = run.speed or run.file.tokens_per_second
            if speed and kind(run.file.settings)[:5] == wanted[:5]:
                return Pace(tokens_per_second=speed, memory=run.file.memory, source="earlier")
    return Pace(tokens_per_second=GUESSED_FLOPS / shapes.flops_per_token(settings), source="guess")


def plan(
    choice: Choice,
    *,
    trio: bool = False,
    seeds: int = 1,
    earlier: Iterable[Now] = (),
    measured: Mapping[Kind, Pace] | None = None,
) -> Plan:
    """Everything about what `choice` asks for. Raises UserError for a text or a budget that cannot be used."""
    settled = list(members.settle(choice, choice.seed, seeds).values()) if trio else [settle(choice)]
    earlier = list(earlier)
    paces = [pace(settings, earlier, measured or {}) for settings in settled]
    timed = 60 * choice.minutes / (seeds * sum(1 / one.tokens_per_second for one in paces))
    parts = []
    for settings, one in zip(settled, paces, strict=True):
        tokens = settings.tokens or max(1, round(timed))
        parts.append(Part(settings=settings, budget=shapes.budget(settings, tokens), pace=one))
    size = sum(weight(Path(text)) for text in settled[0].texts)
    return Plan(choice=choice, parts=tuple(parts), seeds=seeds if trio else 1, size=size)
