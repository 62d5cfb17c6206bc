"""A trainer that trains nothing: it claims its run, writes rows, and obeys what it finds in control/."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import msgspec

from core.runs import Beat, Outcome, Run, me, write_atomically

ITSELF = Path(__file__).resolve()
STEPS = 100_000
TOKENS = 1024
"""Of a step."""


def claim(run: Run) -> int:
    """Own the run; returns the step it goes on from."""
    file = msgspec.structs.replace(run.file(), owner=me(), steps=STEPS)
    write_atomically(run.folder / "run.json", msgspec.json.encode(file))
    (run.folder / "result.json").unlink(missing_ok=True)
    return max((row["step"] for row in run.rows()[0] if "step" in row), default=0)


def add(run: Run, row: dict[str, object]) -> None:
    with open(run.folder / "metrics.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(row | {"attempt": 1, "time": time.time()}) + "\n")


def orders(run: Run) -> list[dict[str, object]]:
    """What was asked since the last time, obeyed by whoever calls."""
    found = []
    for path in sorted((run.folder / "control").glob("[0-9]*.json")):
        found.append(json.loads(path.read_bytes()))
        path.unlink()
    return found


def main(folder: str) -> int:
    """Go on until somebody says stop."""
    run, doing = Run(Path(folder)), "training"
    step = claim(run)
    while True:
        for order in orders(run):
            add(run, {"step": step, "event": order["do"], "text": f"asked to {order['do']} {order['tokens']}"})
            doing = {"pause": "paused", "go": "training"}.get(str(order["do"]), doing)
            if order["do"] == "stop":
                ended = Outcome(status="stopped", step=step, tokens=step * TOKENS, seconds=1.0)
                write_atomically(run.folder / "result.json", msgspec.json.encode(ended))
                return 0
        if doing == "training":
            step += 1
            row = {"step": step, "tokens": step * TOKENS, "seconds": step / 100, "phase": "causal", "loss": 5.0}
            add(run, row | {"lr": 1e-3, "grad_norm": 1.0, "tokens_per_second": 102_400.0})
        beat = Beat(doing=doing, time=time.time())  # type: ignore[arg-type]
        write_atomically(run.folder / "beat.json", msgspec.json.encode(beat))
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1]))
