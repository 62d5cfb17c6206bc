"""Every member of a trio is opened at its newest good checkpoint and asked the same."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import load_file
from torch import Tensor

from core import shapes
from core.errors import UserError
from core.rates import wilson
from core.runs import Progress, Run
from core.settings import TrainSettings
from core.text.stream import Stream
from core.text.tokens import Tokenizer
from core.training import evaluate
from core.training.device import usable
from core.training.keep import checkpoint
from core.training.opened import HELD_OUT_WINDOWS
from core.training.weights import NETS
from core.trio import agree, cloze
from core.trio.cloze import Places
from core.trio.files import Cloze, Measured, Member, Report, Trio
from core.trio.folder import TrioFolder
from core.trio.report import READER, report

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Text:
    """What all members are asked about."""

    held_out: Stream
    digest: str
    unigram_nats: float
    mask: int
    places: Places | None


def examine(trio: TrioFolder, check: Callable[[], None]) -> Report:
    """The report on a trio whose members were trained. `check` is called now and then, and may raise to end it.

    Raises UserError where the text can no longer be read.
    """
    file = trio.file()
    if file.choice.threads:
        torch.set_num_threads(file.choice.threads)
    runs = {member.run: Run(trio.folder.parent / member.run) for member in file.members}
    good = {name: folder for name, run in runs.items() if (folder := checkpoint.newest(run.folder)[0])}
    text, frequency = None, None
    if good:
        name, folder = next(iter(good.items()))
        text, frequency = read(runs[name].file().settings, folder, file.choice.seed, lambda _: check())
    members = []
    for member in file.members:
        check()
        members.append(measured(runs[member.run], member, good.get(member.run), text, file))
    places = text.places if text else None
    return report(file, members, len(places) if places else 0, cloze.CANDIDATES, frequency)


def read(
    settings: TrainSettings, tokenizer_folder: Path, seed: int, tell: Callable[[int], None]
) -> tuple[Text, Cloze | None]:
    """The held-out text of the trio with the questions about it, and what word frequencies alone get at the cloze."""
    train, held_out = agree.read(settings, tokenizer_folder, tell)
    unigram = train.unigram(settings.shape.vocabulary)
    tokenizer = Tokenizer.load(tokenizer_folder)
    assert tokenizer.mask is not None  # no member would have a checkpoint without
    places, frequency = None, None
    try:
        places = cloze.places(held_out, unigram, tokenizer, settings.length, seed)
        frequency = judged(unigram[places.candidates])
    except UserError as error:
        log.warning("%s", error)
    nats = evaluate.unigram_nats(unigram, held_out, HELD_OUT_WINDOWS, settings.length)
    return Text(held_out, held_out.digest(), nats, tokenizer.mask, places), frequency


def judged(scores: Tensor) -> Cloze:
    """Accuracy at the cloze with its interval, from the scores (P, K) of the candidates."""
    right = float(cloze.credit(scores).sum())
    low, high = wilson(right, len(scores))
    return Cloze(accuracy=right / len(scores), low=low, high=high)


def measured(run: Run, member: Member, folder: Path | None, text: Text | None, trio: Trio) -> Measured:
    """What one member was found to be."""
    base = Measured(run=run.id, family=member.family, seed=member.seed, state="deleted", problem="it was deleted.")
    if not (run.folder / "run.json").is_file():
        return base
    file, outcome, state = run.file(), run.outcome(), run.state()
    base = msgspec.structs.replace(base, state=state, problem=_problem(state, outcome.error if outcome else ""))
    if folder is None or text is None:
        return msgspec.structs.replace(base, problem=f"{base.problem or 'it finished.'} It has no good checkpoint.")
    progress = msgspec.json.decode((folder / "state.json").read_bytes(), type=Progress)
    problem = base.problem or _other(file.settings, progress, trio) or _elsewhere(file.held_out_text, text.digest)
    numbers = _numbers(folder, file.settings, text)
    nats, reader = numbers["nats"], None
    if member.family == "bert":
        reader = nats > text.unigram_nats - READER
    return msgspec.structs.replace(
        base,
        problem=problem,
        complete=not problem,
        step=progress.step,
        parameters=shapes.parameters(member.family, file.settings.shape),
        tokens=progress.tokens,
        targets=progress.targets,
        flops=shapes.flops(file.settings, progress.tokens, progress.targets),
        seconds=progress.seconds,
        unigram_nats=text.unigram_nats,
        unigram_reader=reader,
        **numbers,
    )


def _problem(state: str, error: str) -> str:
    said = {"stopped": "it was stopped.", "died": "its trainer died.", "waiting": "it never began.",
            "failed": f"it failed: {error}", "elsewhere": "it is trained on another machine."}  # fmt: skip
    return "" if state == "finished" else said.get(state, f"it is {state}.")


def _other(settings: TrainSettings, progress: Progress, trio: Trio) -> str:
    """Whether a finished member read another amount than the trio agreed on; the last step may go over it."""
    if abs(progress.tokens - trio.tokens) <= max(shapes.CLOSE * trio.tokens, settings.rows * settings.length):
        return ""
    return f"it read {progress.tokens:,} tokens, and the budget is {trio.tokens:,}."


def _elsewhere(its: str, ours: str) -> str:
    return "the held-out text has changed since." if its and its != ours else ""


def _numbers(folder: Path, settings: TrainSettings, text: Text) -> dict[str, Any]:
    """What the weights in a checkpoint are worth, dropout off."""
    net = opened(folder, settings)
    held = evaluate.held_out(net, settings, text.held_out, text.mask, HELD_OUT_WINDOWS)
    found: dict[str, Any] = {name: held.get(name) for name in ("nats", "top1", "bits_per_character")}
    if text.places:
        net.eval()
        stream = text.held_out
        found["cloze"] = judged(cloze.scores(net, text.places, stream.start, stream.end, text.mask))
    return found


def opened(folder: Path, settings: TrainSettings) -> Any:
    """The network of a checkpoint, on the device that trains."""
    family = NETS[settings.family]
    return family.from_tensors(family.shaped(settings.shape), load_file(folder / "model.safetensors")).to(usable())
