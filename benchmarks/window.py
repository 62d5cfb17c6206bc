"""How quickly the window answers: first paint, first live result, key echo under load, quitting.

    .venv/bin/python -m benchmarks.window > benchmarks/results/window.json

The lab runs at a pseudo-terminal of 100x30 with an empty home. Each start is a fresh process on a warm disk.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.terminal import Terminal
from core import __version__, passages

STARTS = 5
KEYS = "zqxjzqxjzq" * 8


def environment(home: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    return kept | {"LOOKBOTH_HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def command() -> list[str]:
    return [str(Path(sys.executable).with_name("lookboth"))]


def start(terminal: Terminal) -> dict[str, float]:
    """Seconds from the start of the process to the first paint with the shipped result, and to the live one."""
    terminal.wait_for("cabinet")
    paint = time.perf_counter() - terminal.begun
    terminal.wait_for("live")
    return {"first_paint": paint, "first_live_result": time.perf_counter() - terminal.begun}


def quit_after(terminal: Terminal, seconds: float) -> float:
    """Seconds from ctrl+q, typed `seconds` after the start, to the end of the process."""
    while time.perf_counter() - terminal.begun < seconds:
        terminal.read(0.02)
    terminal.type("\x11")
    begun = time.perf_counter()
    while terminal.process.poll() is None:
        terminal.read(0.01)
    return time.perf_counter() - begun


def echoes(terminal: Terminal) -> list[float]:
    """Seconds from a key in Predict's field to its letter on the screen, while Compare's engine scores a long text."""
    long = " ".join(passage.text.replace("\n", " ") for passage in passages.every()[:20])
    terminal.type("i")
    terminal.drain()
    terminal.type("\x1b[200~" + long + "\x1b[201~")
    terminal.drain()
    terminal.type("\r")
    terminal.wait_for("scoring", since=len(terminal.raw) - 2000)
    terminal.type("\x1bOS")  # F4: Predict
    terminal.drain(0.2, 2)
    terminal.type("i")
    terminal.drain(0.2, 2)
    seconds = []
    for key in KEYS:
        mark = terminal.type(key)
        seconds.append(terminal.wait_for(key, since=mark, seconds=5))
        terminal.drain(0.03, 0.2)
    return seconds


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    starts, quits = [], {}
    for _ in range(STARTS + 1):
        with tempfile.TemporaryDirectory() as home, Terminal(command(), environment(home)) as terminal:
            starts.append(start(terminal))
            ready = quit_after(terminal, 0)
    for name, seconds in (("while_torch_is_imported", 1.0), ("while_models_load", 2.0)):
        with tempfile.TemporaryDirectory() as home, Terminal(command(), environment(home)) as terminal:
            quits[name] = quit_after(terminal, seconds)
    with tempfile.TemporaryDirectory() as home, Terminal(command(), environment(home)) as terminal:
        start(terminal)
        keys = echoes(terminal)
    warm = starts[1:]
    result = {
        "command": "python -m benchmarks.window",
        "lookboth": __version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "seconds": {
            name: {"median": statistics.median(s[name] for s in warm), "all": [round(s[name], 3) for s in warm]}
            for name in warm[0]
        }
        | {"quit": quits | {"when_ready": ready}},
        "key_echo_under_load": {
            "keys": len(keys), "median": statistics.median(keys), "p95": percentile(keys, 0.95), "max": max(keys),
        },
    }  # fmt: skip
    json.dump(result, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
