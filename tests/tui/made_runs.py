"""Run folders as a trainer leaves them, without a trainer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import msgspec

from core import runs
from core.runs import Beat, Best, Outcome, Owner, Progress, Run
from core.settings import Shape, TrainSettings

UNIGRAM = 6.61


def settings(family: str = "gpt2", tokens: int = 1_024_000) -> TrainSettings:
    form = Shape(vocabulary=600, layers=2, width=64, heads=2, inner=256, positions=64)
    return TrainSettings(
        family=family, shape=form, texts=["/texts/diary.txt"], tokenizer="/tokenizer", tokens=tokens, rows=16,
        length=64, lr=1e-3, warmup=10, causal_start=0.3 if family == "bert" else 0.0,
    )  # type: ignore[arg-type]  # fmt: skip


def make(name: str, family: str = "gpt2", owner: Owner | None = None, age: float = 600, **changes: Any) -> Run:
    """A run called `name` that began `age` seconds ago."""
    run = runs.create(settings(family), name)
    whole = {"owner": owner, "created": time.time() - age, "steps": 1000, "parameters": 402_112, "device": "cpu"}
    file = msgspec.structs.replace(run.file(), unigram_nats=UNIGRAM, **(whole | changes))
    (run.folder / "run.json").write_bytes(msgspec.json.encode(file))
    return run


def row(step: int, loss: float | None, phase: str = "causal", attempt: int = 1) -> dict[str, Any]:
    """One row of metrics as the trainer writes it; a loss that is no number is written as null."""
    return {
        "step": step, "tokens": step * 1024, "seconds": step / 10, "phase": phase, "loss": loss, "lr": 1e-3,
        "grad_norm": 0.8, "tokens_per_second": 10_240.0, "attempt": attempt,
    }  # fmt: skip


def held_out(step: int, nats: float, attempt: int = 1, **more: float) -> dict[str, Any]:
    return {
        "step": step, "tokens": step * 1024, "attempt": attempt, "held_out": {"nats": nats, "top1": 0.25} | more
    }  # fmt: skip


def machine(step: int, cpu: float = 1.9, memory: float = 6.5e8, **more: float) -> dict[str, Any]:
    return {"step": step, "machine": {"cpu": cpu, "memory": memory} | more}


def event(step: int, kind: str, text: str) -> dict[str, Any]:
    return {"step": step, "time": 1_700_000_000.0 + step, "event": kind, "text": text}


def said(step: int, text: str, answer: str, prob: float, rank: int, *tops: tuple[str, float]) -> dict[str, Any]:
    """One row of samples."""
    return {"step": step, "text": text, "answer": answer, "prob": prob, "rank": rank, "tops": tops}


def write(run: Run, rows: Iterable[object], name: str = "metrics.jsonl") -> None:
    """Append `rows` to a file of the run."""
    with open(run.folder / name, "a", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in rows)


def end(run: Run, status: str, error: str = "", **more: Any) -> None:
    outcome = Outcome(status=status, step=1, tokens=1, seconds=1.0, error=error, **more)  # type: ignore[arg-type]
    (run.folder / "result.json").write_bytes(msgspec.json.encode(outcome))


def beat(run: Run, doing: str, detail: str = "", age: float = 0.0) -> None:
    """What the trainer says it does."""
    now = Beat(doing=doing, time=time.time() - age, detail=detail, cpu=1.9, memory=650_000_000)  # type: ignore[arg-type]
    (run.folder / "beat.json").write_bytes(msgspec.json.encode(now))


def save(run: Run, *steps: int, best: Best | None = None) -> None:
    """Leave checkpoints without weights; with `best`, what the last of them says."""
    for step in steps:
        (run.folder / "checkpoints" / f"step-{step:08d}").mkdir()
    if best:
        state = msgspec.json.encode(Progress(step=steps[-1], best=best))
        (run.folder / "checkpoints" / f"step-{steps[-1]:08d}" / "state.json").write_bytes(state)


def learning(run: Run, family: str = "bert", steps: int = 1000) -> None:
    """A whole life: a causal start, a plateau, words; machine rows, samples and events."""
    switch = steps * 3 // 10 if family == "bert" else 0
    rows: list[object] = [event(0, "resumed", "Began on 2 threads.")]
    for step in range(1, steps + 1):
        phase = "causal" if step <= switch or family != "bert" else "masked"
        loss = 8.0 - 3 * step / steps if phase == "causal" else max(4.5, 6.9 - 3 * max(0, step - steps // 2) / steps)
        rows.append(row(step, loss, phase))
        if step % (steps // 20) == 0:
            masked = 6.7 if step < steps // 2 else 6.6 - 2 * (step - steps // 2) / steps
            rows += [held_out(step, masked if family == "bert" else loss - 0.1), machine(step)]
    rows.append(event(steps * 4 // 5, "memory", "Memory ran out: a batch is now read in 2 pieces."))
    write(run, rows)
    write(run, sentences(steps), "samples.jsonl")


def sentences(steps: int) -> Iterable[object]:
    """What it says, from noise to words."""
    for number in range(21):
        step, share = number * steps // 20, number / 20
        prob = 10 ** (-4.5 + 4 * share)
        rome = said(step, "The capital of Italy is [MASK].", " Rome", prob, round(900 * (1 - share)) + 1,
                    (" the", 0.08), (" Rome" if share > 0.7 else " of", 0.07), (" a", 0.04))  # fmt: skip
        went = said(
            step, "She opened the door and [MASK] inside.", " went", prob / 2, 12, (",", 0.3), (" went", prob / 2)
        )
        yield from (rome, went)
