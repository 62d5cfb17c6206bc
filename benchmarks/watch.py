"""What it costs to watch a long run: seconds until the whole curve is known, and what it adds to the window's memory.

    .venv/bin/python -m benchmarks.watch > benchmarks/results/watch.json

A run of 100,000 steps is written as a trainer writes it (a row a step, an evaluation every 500, samples with it, a
machine row every 20) and watched in a fresh process, as the window does: read, drawn at 160x48, and polled again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil

STEPS = 100_000
SENTENCES = 8
CHARTS = 4


def rows() -> Iterator[dict[str, Any]]:
    """The metrics of a masked model with a causal start."""
    for step in range(1, STEPS + 1):
        loss = 4 + 4 / (1 + step / 5000) + 0.2 * ((step * 2654435761) % 1000) / 1000
        when = {"attempt": 1, "time": 1.7e9 + step / 10}
        yield {
            "step": step, "tokens": step * 1024, "seconds": step / 10, "phase": "causal" if step < 35_000 else "masked",
            "loss": loss, "loss_hex": loss.hex(), "lr": 1e-3 * (1 - step / STEPS), "grad_norm": 0.8 + loss / 10,
            "tokens_per_second": 10_240.0 + step % 100,
        } | when  # fmt: skip
        if step % 500 == 0:
            yield {"step": step, "tokens": step * 1024, "held_out": {"nats": loss, "top1": 0.2, "targets": 900}} | when
        if step % 20 == 0:
            yield {"step": step, "machine": {"cpu": 1.9, "memory": 650_000_000 + step}} | when


def samples() -> Iterator[dict[str, Any]]:
    for step in range(500, STEPS + 1, 500):
        for number in range(SENTENCES):
            tops = [[f" word{(step + number + at) % 997}", 0.1] for at in range(5)]
            text = f"Sentence {number} with a [MASK] in it."
            yield {"step": step, "text": text, "answer": " word", "prob": step / STEPS / 2, "rank": 9, "tops": tops}


def make() -> None:
    """Write the run. In a process of its own, so that the watching one starts clean."""
    from core import runs
    from core.settings import Shape, TrainSettings

    form = Shape(vocabulary=4096, layers=4, width=192, heads=6, inner=768, positions=128)
    run = runs.create(
        TrainSettings(
            family="bert", shape=form, texts=["text.txt"], tokenizer="bundled", tokens=STEPS * 1024, rows=8, length=128,
            lr=1e-3, warmup=100,
        ),
        "long",
    )  # fmt: skip
    whole = msgspec.structs.replace(run.file(), steps=STEPS, unigram_nats=6.9)
    (run.folder / "run.json").write_bytes(msgspec.json.encode(whole))
    for name, lines in (("metrics", rows()), ("samples", samples())):
        with open(run.folder / f"{name}.jsonl", "wb") as file:
            file.writelines(msgspec.json.encode(line) + b"\n" for line in lines)


def watch(traced: bool) -> dict[str, float]:
    """Read and draw the run in this process."""
    from core import runs
    from tui.charts import plot
    from tui.charts.series import Frame
    from tui.runs.panels import panels
    from tui.runs.watch import Watch
    from tui.widgets import run_view

    assert run_view  # what the window has imported anyway does not count
    run, process = runs.find("long"), psutil.Process()
    before = process.memory_info().rss
    if traced:
        tracemalloc.start()
    begun = time.perf_counter()
    following = Watch(run)
    seen = following.poll()
    read = time.perf_counter() - begun
    begun = time.perf_counter()
    for panel in panels(seen)[:CHARTS]:
        plot.draw(panel.framed(Frame(weight=0.9)).series, 80, 16)
    drawn = time.perf_counter() - begun
    begun = time.perf_counter()
    again = following.poll()
    assert again.now.step == STEPS
    figures = {"first_poll_s": read, "draw_4_charts_s": drawn, "poll_without_news_s": time.perf_counter() - begun}
    if traced:
        held, peak = tracemalloc.get_traced_memory()
        return {"python_held_mb": held / 1e6, "python_peak_mb": peak / 1e6}
    return figures | {"rss_added_mb": (process.memory_info().rss - before) / 1e6}


def main() -> None:
    if sys.argv[1:2] == ["make"]:
        make()
    elif sys.argv[1:2] == ["watch"]:
        print(json.dumps(watch(sys.argv[2] == "traced")))
    else:
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"LOOKBOTH_RUNS": folder}
            itself = [sys.executable, "-m", "benchmarks.watch"]
            subprocess.run([*itself, "make"], check=True, env=environment)
            found: dict[str, float] = {
                "steps": STEPS, "file_mb": (Path(folder) / "long" / "metrics.jsonl").stat().st_size / 1e6
            }  # fmt: skip
            for how in ("plain", "traced"):
                told = subprocess.run(
                    [*itself, "watch", how], check=True, env=environment, capture_output=True, text=True
                )
                found |= json.loads(told.stdout)
        command = ".venv/bin/python -m benchmarks.watch"
        print(json.dumps({"command": command} | {k: round(v, 3) for k, v in found.items()}, indent=2))


if __name__ == "__main__":
    main()
