"""Every model on every set, part by part."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from core.errors import UserError
from core.evaluation import cloze, pairs, reading, text, unigram
from core.evaluation.clock import Clock, Progress, speed, words
from core.evaluation.items import Facts, Pairs, Set, Text
from core.evaluation.job import Chunk, Job
from core.evaluation.parts import Part, Store
from core.messages import UNIGRAM, Evaluation, Outcome
from core.models.model import Model


@dataclass(frozen=True)
class Task:
    """A job, whose it is, and the parts of it that are already known."""

    model: str
    asked: Set
    job: Job
    pace: float
    """Tokens a second."""
    known: Mapping[int, Part]

    def seconds(self, chunk: Chunk) -> float:
        """How long a part will take, as far as one can tell."""
        return chunk.work / self.pace

    def left(self) -> float:
        """How long all that is not known will take."""
        return sum(self.seconds(chunk) for number, chunk in enumerate(self.job.chunks) if number not in self.known)


def evaluate(
    models: Mapping[str, Model], sets: Sequence[str], everything: bool, seed: int, folder: str, progress: Progress
) -> Evaluation:
    """`models` and the unigram on `sets`, each the name of a known set or a path.

    Of minimal pairs 50 a paradigm are asked, unless `everything`. Finished parts are kept in `folder` ("": nowhere),
    and taken from there when the same is asked again. `progress(done, total, note)` first says how long it will take;
    it is called after every batch, with milliseconds of estimated work, and may raise to cancel.
    Raises UserError for a set that cannot be read, before anything is computed.
    """
    if not models or not sets or UNIGRAM in models:
        raise UserError(
            "There is nothing to evaluate.", why=f"Give at least one model (not called {UNIGRAM}) and a set."
        )
    begun, store = time.perf_counter(), Store(folder)
    asked = [reading.read(name, everything, seed) for name in dict.fromkeys(sets)]
    _distinct(asked)
    tasks, notes = _tasks(models, asked, seed, store, progress)
    total = sum(task.left() for task in tasks)
    clock = Clock(progress, total)
    clock.tell(f"{words(total)} for all of it")
    result = Evaluation(
        models={name: model.identity for name, model in models.items()},
        sets=[one.about for one in asked],
        outcomes=[],
        seed=seed,
        everything=everything,
    )
    outcomes: list[Outcome] = []
    while True:
        result = msgspec.structs.replace(
            result,
            outcomes=list(outcomes),
            notes=list(dict.fromkeys(notes)),
            seconds=time.perf_counter() - begun,
            complete=not tasks,
        )
        store.tell(result)
        if not tasks:
            return result
        outcome, said = _finish(tasks.pop(0), store, clock)  # what a task has read is let go of
        outcomes.append(outcome)
        notes += [f"{outcome.model} {note} ({outcome.set})." for note in said]


def _distinct(asked: Sequence[Set]) -> None:
    names = [one.about.name for one in asked]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"Two sets are called {name}.", hint="Ask about each file once, or rename one of them.")


def _tasks(
    models: Mapping[str, Model], asked: Sequence[Set], seed: int, store: Store, progress: Progress
) -> tuple[list[Task], list[str]]:
    """What is to be done, in order, and what a reader of any number must know."""
    paces = {name: speed(model) for name, model in models.items()}
    kept, tasks, notes = store.known(), [], [_ASKED[type(one)] for one in asked]
    for one in asked:
        base, note = unigram.baseline(one)
        notes.append(note)
        for name, model in {**models, UNIGRAM: base}.items():
            progress(0, 1, f"reading {one.about.name} for {name}")
            job = _job(model, one, seed)
            known: dict[int, Part] = {}
            for number, chunk in enumerate(job.chunks if kept else ()):
                progress(0, 1, f"looking for finished parts of {one.about.name} for {name}")
                if (key := chunk.key()) in kept and (part := store.get(key)):
                    known[number] = part
            tasks.append(Task(name, one, job, paces.get(name) or speed(base), known))
    return tasks, notes


_ASKED: dict[type[Set], str] = {
    Text: "A text is read as it lies in its file, line ends and all; bits per character are for causal models only.",
    Pairs: f"Two sentences within {pairs.TIE:g} nats are a tie, which counts 0.5.",
    Facts: "left: the answer from what stands left of it; both: from both sides. Choices know both sides.",
}


def _job(model: Model, asked: Set, seed: int) -> Job:
    if isinstance(asked, Text):
        return text.plan(model, asked, seed)
    return pairs.plan(model, asked) if isinstance(asked, Pairs) else cloze.plan(model, asked)


def _finish(task: Task, store: Store, clock: Clock) -> tuple[Outcome, list[str]]:
    """Compute the parts that are missing, and put all of them together."""
    parts: list[Part] = []
    for number, chunk in enumerate(task.job.chunks):
        if (part := task.known.get(number)) is None:
            part = _computed(task, chunk, clock)
            store.put(chunk.key(), part)
        parts.append(part)
    found = task.job.conclude([part.rows for part in parts])
    if task.model == UNIGRAM:
        found = unigram.everywhere(found)
    outcome = Outcome(
        model=task.model,
        set=task.asked.about.name,
        method="token frequencies" if task.model == UNIGRAM else task.job.method,
        measures=found.measures,
        groups=found.groups,
        seconds=sum(part.seconds for part in parts),
    )
    return outcome, found.notes


def _computed(task: Task, chunk: Chunk, clock: Clock) -> Part:
    begun = time.perf_counter()
    rows = clock.run(task.seconds(chunk), f"{task.model} on {task.asked.about.name}", chunk.run)
    return Part(rows, time.perf_counter() - begun)
