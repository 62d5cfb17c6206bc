"""How a bundled model learned: what a few of its early checkpoints said about the study sentences. No torch.

`learning.json` stands in the model's folder; publishing writes it from the samples of the run (see
`core.training.learning`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from core.runs import Run, read, write_atomically

NAME = "learning.json"
COUNT = 10
"""Checkpoints that are kept of a run."""


class Sample(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the model said about one sentence at one step."""

    step: int
    text: str
    answer: str = ""
    """The word that belongs at the mask, with the space before it; empty where nobody wrote it down."""
    prob: float | None = None
    """Of the answer's first token; None where it is unknown."""
    rank: int | None = None
    tops: tuple[tuple[str, float], ...] = ()


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of `learning.json`."""

    revision: str
    """First 12 hex digits of the SHA-256 of the weights that ship: those of the last checkpoint, in half precision."""
    run: str
    steps: int
    """Of the whole run."""
    command: str
    """The one that wrote this."""
    samples: tuple[Sample, ...]
    version: int = 1


def of(run: Run, revision: str, answers: Mapping[str, str]) -> Learning:
    """What the run's checkpoints said, at about `COUNT` steps in a geometric series, the first and the last among them.

    `answers` by text, for sentences whose answer the run did not write down: it then has a probability and a rank
    where it was among the likeliest tokens.
    """
    said = _said(run)
    kept = set(spaced(sorted({step for step, _ in said})))
    rising = sorted(said.values(), key=lambda sample: sample.step)
    samples = tuple(_answered(sample, answers) for sample in rising if sample.step in kept)
    return Learning(
        revision=revision,
        run=run.id,
        steps=run.file().steps,
        command=f"python -P -m core.training.learning {run.id} FOLDER",
        samples=samples,
    )


def _said(run: Run) -> dict[tuple[int, str], Sample]:
    """Everything in samples.jsonl by step and text; what a later attempt says replaces what followed its beginning."""
    said: dict[tuple[int, str], Sample] = {}
    offset, attempt = 0, 1
    while (found := run.rows("samples.jsonl", offset))[1] > offset:
        rows, offset = found
        for row in rows:
            if row.get("attempt", 1) > attempt:
                attempt = row["attempt"]
                said = {key: sample for key, sample in said.items() if key[0] < row["step"]}
            sample = msgspec.convert(row, Sample)
            said[sample.step, sample.text] = sample
    return said


def spaced(steps: list[int], count: int = COUNT) -> list[int]:
    """`count` of the rising `steps`, the first and the last among them, as evenly as can be by their logarithm."""
    if len(steps) <= count:
        return steps
    chosen, first = {steps[0]}, max(1, steps[1])
    for at in range(count - 1):
        wanted = first * (steps[-1] / first) ** (at / (count - 2))
        chosen.add(min((step for step in steps if step not in chosen), key=lambda step: abs(step - wanted)))
    return sorted(chosen)


def _answered(sample: Sample, answers: Mapping[str, str]) -> Sample:
    answer = answers.get(sample.text, "")
    if sample.answer or not answer:
        return sample
    rank = next((place for place, (word, _) in enumerate(sample.tops, 1) if word == answer), None)
    prob = sample.tops[rank - 1][1] if rank else None
    return msgspec.structs.replace(sample, answer=answer, prob=prob, rank=rank)


def write(learning: Learning, folder: Path) -> None:
    """Put it beside the model in `folder`, a sample a line."""
    lines = [msgspec.json.encode(sample) for sample in learning.samples]
    head = msgspec.json.encode(msgspec.structs.replace(learning, samples=()))
    content = head.replace(b'"samples":[]', b'"samples":[\n' + b",\n".join(lines) + b"\n]")
    write_atomically(folder / NAME, content + b"\n")


def beside(folder: Path) -> Learning | None:
    """How the model in `folder` learned; None where nobody wrote it down."""
    return read(folder / NAME, Learning)
