"""How fast scoring is: ours, minicons, the fill-mask pipeline and a naive batch, side by side.

    python -m benchmarks.score > benchmarks/results/score.json
    python -m benchmarks.score --quick --json

All score the same sentences with the same weights in float32 and as many threads, each in its own process, and take
turns, so that whatever else the machine does hits all alike: ratios are taken within a round, and a first turn is left
out. `minicons` is handed ten sentences at once, `single` is minicons with one at a time, which a CPU likes better.
`roof` computes the matrix products of ours and nothing else. "base" has the shape and the vocabulary size of bert-base
and random weights; the others are the bundled trio.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import save_file

from benchmarks.scorers import Form
from benchmarks.train import processor
from core import __version__, passages, paths
from core.models.nets.bert import Bert
from core.settings import Shape
from tui.engine import command

BASE = Shape(vocabulary=30522, layers=12, width=768, heads=12, inner=3072, positions=512)
LENGTHS, QUICK = (16, 32, 64, 100), (16, 32)
"""Tokens of one sentence, special tokens counted."""
KINDS = {"bert": "masked", "gpt2": "causal", "lstm": "causal"}
SHORT = 2000
"""Short sentences, for the trio."""
SAMPLE = 50
"""Of these, every so manieth is for those who take too long."""
GOALS = {"base": 1.5, "short masked": 3.0, "short causal": 1.4, "extra memory": 0.1}


def words() -> list[str]:
    """The words of the study passages, in lower case."""
    return re.findall(r"[a-z]+", " ".join(passage.text for passage in passages.every()).lower())


def base(folder: Path) -> Path:
    """A model of the shape of bert-base with random weights, whose vocabulary holds the words of the passages."""
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(words())]
    rest = [f"[unused{number}]" for number in range(BASE.vocabulary - len(known))]
    (folder / "vocab.txt").write_text("\n".join([*known, *rest]), "utf-8")
    torch.manual_seed(1)
    net = Bert.from_config(Bert.shaped(BASE)).start()
    (folder / "config.json").write_text(json.dumps(net.config()))
    save_file(net.to_tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def short() -> list[str]:
    """2,000 sentences of up to 24 words: those of the passages, over and over."""
    found = [part.strip() + "." for passage in passages.every() for part in re.split(r"[.!?]\s+", passage.text)]
    found = [sentence for sentence in found if 4 <= len(sentence.split()) <= 24]
    return [found[number % len(found)] for number in range(SHORT)]


class Contestant:
    """One way to score, in a process of its own."""

    def __init__(self, who: str, form: Path, threads: int, heard: bool) -> None:
        own = who in ("ours", "roof")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scorers", who, str(form)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=None if heard else subprocess.DEVNULL,
            env=(command.environment() if own else dict(os.environ))
            | {"OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"},
        )  # fmt: skip

    def turn(self, workload: str) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(workload + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"A scorer ended at {workload}: run with -v to see why.")
        return dict(json.loads(line))

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def spread(values: list[float]) -> dict[str, Any]:
    return {"median": round(statistics.median(values), 3), "all": [round(value, 3) for value in values]}


def measure(running: dict[str, Contestant], workload: str, sampled: frozenset[str], rounds: int) -> dict[str, Any]:
    """Seconds of everyone at one workload, ours against the others, and what memory each took besides the model."""
    turns: dict[str, list[dict[str, Any]]] = {who: [] for who in running}
    for number in range(rounds + 1):
        for who, contestant in running.items():
            row = contestant.turn(workload + (" sample" if sampled and (who in sampled or not number) else ""))
            if number:
                turns[who].append(row)
    whole = {who: SAMPLE if who in sampled else 1 for who in running}
    took = {
        how: {who: [row[how] * whole[who] for row in rows] for who, rows in turns.items()}
        for how in ("seconds", "cpu_seconds")
    }
    ratios = {
        how: {who: spread([b / a for a, b in zip(by["ours"], by[who], strict=True)]) for who in by if who != "ours"}
        for how, by in took.items()
    }
    mine, judge = turns["ours"][-1], turns["minicons"][-1]
    found: dict[str, Any] = {
        "seconds": {who: spread(values) for who, values in took["seconds"].items()},
        "ours_against": {
            who: ratio | {"by_cpu_time": ratios["cpu_seconds"][who]}
            for who, ratio in ratios["seconds"].items()
            if who != "roof"
        },
        "extra_mb": {who: round(max(row["extra_bytes"] for row in rows) / 1e6) for who, rows in turns.items()},
        "above_imports_mb": {
            who: round(max(row["above_imports"] for row in rows) / 1e6) for who, rows in turns.items()
        },
        "largest_difference_nats": max(abs(a - b) for a, b in zip(mine["scores"], judge["scores"], strict=True)),
    }
    if "roof" in running:
        flops = turns["roof"][-1]["scores"][0]
        found["gflop"] = round(flops / 1e9, 2)
        found["matmul_gflops"] = spread([flops / 1e9 / value for value in took["cpu_seconds"]["roof"]])
        found["share_of_matmul_rate"] = ratios["seconds"]["roof"] | {"by_cpu_time": ratios["cpu_seconds"]["roof"]}
    return found


def race(form: Form, home: Path, who: list[str], told: argparse.Namespace, sampled: frozenset[str]) -> dict[str, Any]:
    """All workloads of one model."""
    named = list(form.workloads)
    if sampled:
        form.workloads.update({f"{name} sample": form.workloads[name][::SAMPLE] for name in named})
    file = home / "form.json"
    file.write_bytes(msgspec.json.encode(form))
    running = {name: Contestant(name, file, told.threads, told.v) for name in who}
    found = {}
    for name in named:
        # What is done in half a second takes more turns: something always happens in half a second.
        long = sum(len(text.split()) for text in form.workloads[name])
        found[name] = measure(running, name, sampled, (told.rounds or (2 if told.quick else 3)) * max(1, 128 // long))
        said = {other: ratio["median"] for other, ratio in found[name]["ours_against"].items()}
        print(name, json.dumps(said), file=sys.stderr, flush=True)
    for contestant in running.values():
        contestant.end()
    return found


def everything(told: argparse.Namespace) -> dict[str, Any]:
    """What was measured, by the name of the workload."""
    lengths, spoken = QUICK if told.quick else LENGTHS, words()
    workloads = {f"base masked {length}": [" ".join(spoken[200 : 198 + length])] for length in lengths}
    workloads |= {} if told.quick else {f"short {KINDS[name]} {name}": short() for name in KINDS}
    asked = {name: texts for name, texts in workloads.items() if all(word in name.split() for word in told.only)}
    found: dict[str, Any] = {}
    for model in ("base", *KINDS):
        mine = {name: texts for name, texts in asked.items() if model in name.split()}
        if not mine:
            continue
        with tempfile.TemporaryDirectory() as home:
            folder = base(Path(home)) if model == "base" else paths.assets() / "models" / model
            kind = KINDS.get(model, "masked")
            slow = ["naive", "pipeline"] if kind == "masked" and not told.quick else []
            form = Form(str(folder), kind, told.threads, mine)
            alone = ["single"] if model != "base" else []
            who = ["ours", "minicons", *alone, *slow, *(["roof"] if slow else [])]
            found |= race(form, Path(home), who, told, frozenset(["pipeline", "naive"] if model != "base" else []))
    return found


def verdicts(found: dict[str, Any]) -> dict[str, Any]:
    """What was wanted, and what it came to at worst."""
    goals = {}
    for start in ("base", "short masked", "short causal"):
        these = [row["ours_against"]["minicons"] for name, row in found.items() if name.startswith(start)]
        if these:
            goals[start] = {
                "goal": GOALS[start],
                "reached": min(row["median"] for row in these),
                "by_cpu_time": min(row["by_cpu_time"]["median"] for row in these),
            }
        if these and start == "base":
            longest = [row["extra_mb"] for name, row in found.items() if name.startswith(start)][-1]
            share = round(longest["ours"] / max(1, longest["minicons"]), 3)
            goals["extra memory"] = {"goal": GOALS["extra memory"], "reached": share}
    return goals


def main() -> None:
    import minicons
    import transformers

    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="only bert-base at 16 and 32 tokens against minicons")
    parser.add_argument("--json", action="store_true", help="one line, without what was measured in each turn")
    parser.add_argument("--rounds", type=int, default=0, help="turns that count, after a first one")
    parser.add_argument("--only", nargs="+", default=[], help="words that the name of a workload holds")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--note", default="", help="what else the machine was doing")
    parser.add_argument("-v", action="store_true", help="show what the processes say")
    told = parser.parse_args()
    found = everything(told)
    goals = verdicts(found)
    whole = goals.get("base", {})
    ratio = {"ratio_to_minicons": whole.get("reached"), "by_cpu_time": whole.get("by_cpu_time")}
    if told.json:
        print(json.dumps(ratio | {"goals": goals}))
        return
    versions = {"lookboth": __version__, "torch": torch.__version__, "transformers": transformers.__version__}
    about = {
        "command": " ".join(["python -m benchmarks.score", *sys.argv[1:]]),
        "device": f"{platform.machine()}, {os.cpu_count()} CPUs, {processor()}",
        "versions": versions | {"minicons": minicons.__version__, "python": platform.python_version()},
        "threads": told.threads,
        "note": told.note,
        "load": os.getloadavg()[0],
    }
    print(json.dumps(about | ratio | {"goals": goals, "results": found}, indent=1))


if __name__ == "__main__":
    main()
