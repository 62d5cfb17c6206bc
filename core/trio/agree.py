"""What the members of a trio share is settled before the first of them starts: tokenizer, sizes, tokens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import psutil

from core.errors import UserError
from core.plan import Choice
from core.runs import Run, write_atomically
from core.settings import Family, TrainSettings
from core.text import stream, vocabulary
from core.text.corpus import documents
from core.text.stream import Stream
from core.training import probe
from core.trio import budget
from core.trio.budget import Pace
from core.trio.files import Trio
from core.trio.folder import TrioFolder
from core.trio.members import settle

log = logging.getLogger(__name__)
replace = msgspec.structs.replace


def agree(trio: TrioFolder, check: Callable[[], None]) -> None:
    """Settle what is not settled yet, write it into the runs that wait, then into trio.json.

    Killed in between it does all of it anew: no member has begun. `check` may raise to end it.
    """
    began, opening = psutil.Process().create_time(), time.time() - psutil.Process().create_time()
    file = trio.file()
    seeds = len({member.seed for member in file.members})
    choice = shared(trio, file.choice)
    settled = settle(choice, choice.seed, seeds)
    if choice.minutes:
        check()
        read(settled["gpt2"], Path(settled["gpt2"].tokenizer), lambda _: check())
        paces = measured(settled, check)
        left = began + 60 * choice.minutes - time.time()
        tokens = budget.affordable(left, settled, paces, seeds, opening)
        if not tokens:
            why = "Reading the text and measuring took most of it."
            raise UserError(f"{choice.minutes:g} minutes are too few for a trio.", why=why, hint="Give it more.")
        whole = time.time() - began + budget.expected(tokens, settled, paces, seeds, opening)
        log.info("Each reads %s tokens; all of it takes about %.1f minutes.", f"{tokens:,}", whole / 60)
        file = replace(file, speeds={name: pace.tokens_per_second for name, pace in paces.items()}, expected=whole)
        choice = replace(choice, minutes=0.0, steps=0, tokens=tokens)
    write_down(trio, replace(file, agreed=True), choice)


def shared(trio: TrioFolder, choice: Choice) -> Choice:
    """`choice` with the tokenizer that all members use; a new one is trained into the folder of the trio."""
    settings = settle(choice, choice.seed)["gpt2"]
    if settings.tokenizer != "new":
        return choice
    folder, partial = trio.folder / "tokenizer", trio.folder / ".tokenizer"
    if not folder.is_dir():
        log.info("A tokenizer of %s entries is trained.", settings.shape.vocabulary)
        files = [Path(name) for name in settings.texts]
        vocabulary.train(documents(files, settings.field), settings.shape.vocabulary, partial)
        partial.rename(folder)
    return replace(choice, tokenizer=str(folder))


def read(settings: TrainSettings, tokenizer: Path, tell: Callable[[int], None]) -> tuple[Stream, Stream]:
    """The text that all members train on and the held-out one, cut into tokens once for all of them."""
    texts, held = ([Path(name) for name in names] for names in (settings.texts, settings.held_out))
    train = stream.load(texts, tokenizer, "all" if held else "training", settings.field, tell)
    return train, stream.load(held or texts, tokenizer, "all" if held else "held out", settings.field, tell)


def measured(settled: Mapping[Family, TrainSettings], check: Callable[[], None]) -> dict[Family, Pace]:
    """How fast each family is on this machine."""
    paces: dict[Family, Pace] = {}
    for family, settings in settled.items():
        found = probe.measure(settings, check=check)
        paces[family] = Pace(found.tokens_per_second * settings.processes, found.evaluation_seconds)
        log.info("%s: %.0f tokens a second.", family, paces[family].tokens_per_second)
    return paces


def write_down(trio: TrioFolder, file: Trio, choice: Choice) -> None:
    """Give every member that has not begun its final settings, then commit what was agreed."""
    settled = {seed: settle(choice, seed) for seed in {member.seed for member in file.members}}
    for member in file.members:
        run = Run(trio.folder.parent / member.run)
        if (run.folder / "run.json").is_file() and (kept := run.file()).owner is None:
            settings = settled[member.seed][member.family]
            write_atomically(run.folder / "run.json", msgspec.json.encode(replace(kept, settings=settings)))
    trio.write(replace(file, tokens=settled[choice.seed]["gpt2"].tokens))
