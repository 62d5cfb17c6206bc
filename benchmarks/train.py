"""How fast training is: our loop, a plain loop over the Hugging Face model and the Hugging Face Trainer, side by side.

    python -m benchmarks.train > benchmarks/results/train.json

All train the same shapes on the same text with the same threads, each in its own process, and take turns of a few
seconds, so that whatever else the machine does hits all alike: ratios are taken within a round. Set-up and a first
turn are left out. Ours has the environment in which `lookboth train` starts it (huge pages that are kept), and so has
`roof`, which computes the matrix products of a step and nothing else. "like": the same batch, no dropout, the same
clipping, 15 % masks. "default": each as it comes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from typing import Any

import msgspec
import torch

from benchmarks.contestants import Form, text
from benchmarks.roof import products
from core import __version__, presets, shapes
from core.settings import Shape
from tui.engine import command

WHO = ("ours", "loop", "trainer", "roof")
LARGER = Shape(vocabulary=8192, layers=6, width=256, heads=4, inner=1024, positions=128)
GOALS = {"like": {"causal": 1.2, "masked": 1.4}, "default": {"causal": 1.45, "masked": 1.7}}
GOAL_OF_ROOF = 0.85


def forms(threads: list[int], only: list[str]) -> dict[str, Form]:
    """Everything that is measured, by name."""
    found = {}
    for count in threads:
        for size, shape in (("6.9M", LARGER), ("small", presets.shape("gpt2", "small", 4096))):
            for task in ("causal", "masked"):
                for mode in GOALS:
                    name = f"{size} {task} {mode} {count}"
                    if all(word in name.split() for word in only):
                        found[name] = Form(shape=shape, masked=task == "masked", like=mode == "like", threads=count)
    return found


class Contestant:
    """One way to train, in a process of its own."""

    def __init__(self, who: str, form: Form, heard: bool) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contestants", who, msgspec.json.encode(form).decode()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=None if heard else subprocess.DEVNULL,
            env=(os.environ if who in ("loop", "trainer") else command.environment(trains=True))
            | {"OMP_NUM_THREADS": str(form.threads), "TOKENIZERS_PARALLELISM": "false"},
        )  # fmt: skip

    def turn(self, seconds: float) -> dict[str, float]:
        assert self.process.stdin
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return self._row()

    def end(self) -> dict[str, float]:
        assert self.process.stdin
        self.process.stdin.close()
        row = self._row()
        self.process.wait()
        return row

    def _row(self) -> dict[str, float]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended: run it with -v to see why.")
        return dict(json.loads(line))


def spread(values: list[float]) -> dict[str, Any]:
    return {"median": round(statistics.median(values), 3), "all": [round(value, 3) for value in values]}


def compare(form: Form, rounds: int, seconds: float, heard: bool) -> dict[str, Any]:
    """The speeds of all contestants in `form`, and ours against theirs."""
    running = {who: Contestant(who, form, heard) for who in WHO}
    turns: dict[str, list[dict[str, float]]] = {who: [] for who in WHO}
    for number in range(rounds + 1):
        for who, contestant in running.items():
            row = contestant.turn(seconds)
            if number:
                turns[who].append(row)
    ends = {who: contestant.end() for who, contestant in running.items()}
    rates = {who: [row["tokens"] / row["seconds"] for row in rows] for who, rows in turns.items()}
    # Seconds of processor time are what a busy machine does not take away.
    paces = {who: [row["tokens"] / row["cpu_seconds"] for row in rows] for who, rows in turns.items()}
    found: dict[str, Any] = {
        "tokens_per_second": {who: spread(rates[who]) for who in WHO[:-1]},
        "peak_mb": {who: round(ends[who]["peak_bytes"] / 1e6) for who in WHO[:-1]},
        "peak_mb_above_imports": {
            who: round((ends[who]["peak_bytes"] - ends[who]["at_start"]) / 1e6) for who in WHO[:-1]
        },
        "ours_against": {
            who: spread([mine / other for mine, other in zip(rates["ours"], rates[who], strict=True)])
            | {"by_cpu_time": spread([mine / other for mine, other in zip(paces["ours"], paces[who], strict=True)])}
            for who in ("loop", "trainer")
        },
    }
    if form.like:
        found |= against_roof(form, turns, rates, paces)
    return found


def against_roof(form: Form, turns: dict[str, Any], rates: dict[str, Any], paces: dict[str, Any]) -> dict[str, Any]:
    """The arithmetic of a step, the machine's rate in it, and the share of that rate that each loop reaches."""
    tokens = form.rows * form.shape.positions
    inside = form.shape.positions - 2
    targets = form.rows * round(0.15 * inside) if form.masked else tokens
    flops = shapes.flops(form.settings(), tokens, targets)
    assert flops == sum(product.flops() for product in products(form.settings(), targets))
    return {
        "gflop_a_step": round(flops / 1e9, 3),
        "matmul_gflops": spread([rate / tokens * flops / 1e9 for rate in rates["roof"]]),
        "share_of_matmul_rate": {
            who: spread([mine / most for mine, most in zip(rates[who], rates["roof"], strict=True)])
            | {"by_cpu_time": spread([mine / most for mine, most in zip(paces[who], paces["roof"], strict=True)])}
            for who in WHO[:-1]
        },
    }


def verdicts(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """What was wanted, and what it came to."""
    _, task, mode, _ = name.split()
    goals = {"trainer": GOALS[mode][task], "reached": found["ours_against"]["trainer"]["median"]}
    if "share_of_matmul_rate" in found:
        goals |= {"matmul": GOAL_OF_ROOF, "matmul_reached": found["share_of_matmul_rate"]["ours"]["median"]}
    return goals


def main() -> None:
    import accelerate
    import transformers

    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a turn")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", default=[], help="words that the name of a comparison holds")
    parser.add_argument("--note", default="", help="what else the machine was doing")
    parser.add_argument("-v", action="store_true", help="show what the processes say")
    told = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        text()  # cut once, for all processes
        for name, form in forms(told.threads, told.only).items():
            found = compare(form, told.rounds, told.seconds, told.v)
            results[name] = found | {"goals": verdicts(name, found)}
            print(name, json.dumps(results[name]["goals"]), file=sys.stderr, flush=True)
    versions = {"lookboth": __version__, "torch": torch.__version__, "transformers": transformers.__version__}
    print(
        json.dumps(
            {
                "command": " ".join(["python -m benchmarks.train", *sys.argv[1:]]),
                "device": f"{platform.machine()}, {os.cpu_count()} CPUs, {processor()}",
                "versions": versions | {"accelerate": accelerate.__version__, "python": platform.python_version()},
                "note": told.note,
                "load": os.getloadavg()[0],
                "results": results,
            },
            indent=1,
        )
    )


def processor() -> str:
    """The processor's name, where Linux says it."""
    try:
        with open("/proc/cpuinfo") as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        return platform.processor()


if __name__ == "__main__":
    main()
