"""What a run would be, worked out before it starts: its settings, its size, and how long it may take here.

Only small files are read: no torch, no tokenizer.
"""

from __future__ import annotations

import codecs
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core import paths, settings
from core.errors import UserError
from core.runs import RunFile
from core.settings import Family, Shape, TrainSettings, shape, vocabulary_size
from tui.runs.watch import Now
from tui.words import duration, short

BYTES_A_TOKEN = 3.3
"""English text under the bundled tokenizer of 4,096 entries, about."""
GUESSED_FLOPS = 3e10
"""Multiplications and additions a second of a laptop that has not trained yet: a guess, and always called one."""
LOOK = 64 * 1024
"""Bytes of each file that are looked at before a run is started on it."""
MOST_FILES = 20_000
"""Files and folders that are looked through for text."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person chose. At most one of `minutes` and `tokens` is given; with none the budget is the preset's."""

    family: Family
    preset: str
    texts: Sequence[str] = ()
    """Paths of files or folders; none means the passages that ship."""
    minutes: float = 0.0
    tokens: int = 0
    seed: int = 1
    causal_start: bool = True
    """Whether a BERT has the causal start of its recipe; without it, it is trained masked from the first step on."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would happen."""

    settings: TrainSettings
    parameters: int
    speed: float
    """Tokens a second that are reckoned with."""
    measured: bool
    """Whether an earlier run on this machine had that speed; otherwise it is a guess."""
    size: int
    """Bytes of text."""

    def lines(self) -> list[str]:
        """The plan in words: one sentence a line."""
        run = self.settings
        steps = -(-run.tokens // (run.rows * run.length))
        held = self.size / BYTES_A_TOKEN
        source = "as an earlier run here" if self.measured else "a guess: nothing like it was trained here yet"
        passes = run.tokens / max(1.0, held)
        times = f"{passes:.1f}" if passes < 10 else short(round(passes))
        lines = [
            f"{run.family}: {self.parameters:,} parameters, {run.shape.layers} layers of "
            f"{run.shape.width}, {len(run.texts)} files, {short(self.size)} bytes.",
            f"It reads {short(run.tokens)} tokens in about {steps:,} steps: the text about {times} times.",
            f"About {duration(run.tokens / self.speed)} at {short(round(self.speed))} tokens/s ({source}).",
        ]
        if run.causal_start:
            lines.append(
                f"The first {run.causal_start:.0%} of the steps are causal: it reads left to right, then masked."
            )
        return lines


def files(texts: Iterable[str]) -> list[Path]:
    """The text files that `texts` name, folders looked through. Raises UserError for what cannot be trained on."""
    chosen = [Path(text).expanduser() for text in texts] or [paths.assets() / "passages"]
    found: list[Path] = []
    for path in chosen:
        inside = [path] if path.is_file() else sorted(_within(path))
        if not inside:
            why = "It is a folder without .txt or .md files." if path.is_dir() else "There is no such file or folder."
            raise UserError(f"{path} cannot be trained on.", why=why, hint="Name text files or folders of them.")
        found += [readable(file) for file in inside]
    if not sum(map(weight, found)):
        raise UserError("There is no text in these files.", hint="Name files with some text in them.")
    return found


def readable(file: Path) -> Path:
    """`file`, absolute, once its beginning was seen to be text. Raises UserError when it is not."""
    try:
        with open(file, "rb") as opened:
            start = opened.read(LOOK)
    except OSError as error:
        raise UserError(f"{file} cannot be read.", why=f"{error.strerror or error}.") from error
    if file.suffix != ".xz":
        if (nul := start.find(b"\0")) >= 0:
            raise UserError(f"{file} is not a text file.", why=f"Byte {nul:,} is NUL.", hint="Name plain text files.")
        try:
            codecs.getincrementaldecoder("utf-8")().decode(start)
        except UnicodeDecodeError as error:
            why = f"Byte {error.start:,} is not UTF-8."
            raise UserError(
                f"{file} is not a text file.", why=why, hint="Convert it, for example with iconv."
            ) from error
    return file.resolve()


def _within(folder: Path) -> Iterable[Path]:
    """The text files under `folder`. Somebody may have named the root of a disk, so the walk has an end."""
    seen = 0
    for parent, _, names in os.walk(folder):
        seen += len(names) + 1
        if seen > MOST_FILES:
            raise UserError(f"{folder} holds too many files.", hint="Name the folder with the texts itself.")
        yield from (Path(parent, name) for name in names if name.endswith((".txt", ".txt.xz", ".md")))


def weight(file: Path) -> int:
    """Bytes of text in `file`; compressed text is about four times as long as the file."""
    return file.stat().st_size * (4 if file.suffix == ".xz" else 1)


def parameters(family: Family, form: Shape) -> int:
    """Trainable numbers in a network of `form`, its embedding shared with its output."""
    width, inner, words = form.width, form.inner, form.vocabulary * form.width
    if family == "lstm":
        first = 4 * inner * (width + inner) + 8 * inner
        return words + first + (form.layers - 1) * (8 * inner * inner + 8 * inner) + inner * width + width
    norm = 2 * width
    block = 4 * width * width + 4 * width + 2 * width * inner + inner + width + 2 * norm
    body = words + form.positions * width + form.layers * block + norm
    if family == "gpt2":
        return body
    return body + 2 * width + width * width + width + norm + form.vocabulary


def speed(family: Family, form: Shape, earlier: Iterable[Now]) -> tuple[float, bool]:
    """Tokens a second to reckon with, and whether an earlier run of the same form on this machine had it."""
    for run in earlier:
        if (
            run.speed
            and run.file
            and _here(run.file)
            and (run.file.settings.family, run.file.settings.shape) == (family, form)
        ):
            return run.speed, True
    return GUESSED_FLOPS / (6 * parameters(family, form)), False


def _here(file: RunFile) -> bool:
    return file.owner is not None and file.owner.host == socket.gethostname()


def plan(choice: Choice, earlier: Iterable[Now] = ()) -> Plan:
    """Everything about the run that `choice` asks for. Raises UserError for a text or a budget that cannot be used."""
    texts, tokenizer = files(choice.texts), paths.assets() / "models" / choice.family
    form = shape(choice.family, choice.preset, vocabulary_size(tokenizer))
    rate, measured = speed(choice.family, form, earlier)
    tokens = choice.tokens or round(choice.minutes * 60 * rate) or None
    whole = settings.plan(choice.family, texts, choice.preset, tokenizer, tokens, seed=choice.seed)
    steps = whole.tokens // (whole.rows * whole.length)
    return Plan(
        settings=msgspec.structs.replace(
            whole,
            warmup=max(1, min(whole.warmup, steps // 10)),
            causal_start=whole.causal_start if choice.causal_start else 0.0,
            evaluate_every=max(10, min(whole.evaluate_every, steps // 20)),
        ),
        parameters=parameters(choice.family, form),
        speed=rate,
        measured=measured,
        size=sum(map(weight, texts)),
    )
