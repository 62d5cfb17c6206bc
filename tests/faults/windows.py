"""Take the window away from a run in three ways, and look whether the run goes on and a new window sees all of it.

    python -m tests.faults.windows --times 20

Each time a window on a pty of its own starts a real run. Then its terminal is closed, or it is killed, or its engine
is. Prints a JSON report, with the seconds from starting a new window to the curve on its screen.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec
import psutil

from core import paths
from core.runs import Run
from tests.core.toy_runs import wait_for
from tests.ending import ended
from tests.faults import toy
from tests.tui.pty_terminal import CODES, Terminal
from tui.runs.watch import Watch

WINDOW = [sys.executable, str(Path(__file__).with_name("window.py"))]
BRAILLE = re.compile("[\u2801-\u28ff]")
TRAIN = "2"
"""The key of the pane."""
SIZE = (160, 48)
"""A window in which the pane shows the run under the list at once."""


def close_terminal(terminal: Terminal) -> None:
    """As closing a terminal's window does, or losing the connection: the window is told by SIGHUP, and leaves."""
    terminal.hang_up()
    assert ended(terminal.child.pid, 10)


def kill_window(terminal: Terminal) -> None:
    """SIGKILL: it cannot do anything about it."""
    os.kill(terminal.child.pid, signal.SIGKILL)
    assert ended(terminal.child.pid, 10)


def kill_engine(terminal: Terminal) -> None:
    """SIGKILL to the engine of the window; the window stays."""
    children = psutil.Process(terminal.child.pid).children(recursive=True)
    engine = next(child for child in children if any("fake_engine" in word for word in child.cmdline()))
    engine.kill()
    assert ended(engine.pid, 10)
    assert terminal.child.poll() is None


LOSSES: dict[str, Callable[[Terminal], None]] = {
    "terminal closed": close_terminal,
    "window killed": kill_window,
    "engine killed": kill_engine,
}


def last(run: Run) -> int:
    """The last step that was written down."""
    return max(toy.curve(run), default=0)


def outlive(home: Path, tokenizer: Path | None, losses: Sequence[str], name: str) -> float:
    """Start a run in a window, take away that window and others after it, and look at the run in a last one.

    Returns the seconds from the last window's start until its screen shows the curve. Raises AssertionError where the
    run suffered.
    """
    wanted = home / f"{name}.json"
    wanted.write_bytes(msgspec.json.encode(toy.settings(home, tokenizer, "gpt2", tokens=4_000_000)))
    run, starting = Run(paths.runs() / name), [str(wanted), name]
    try:
        for loss in losses:
            window = Terminal(*SIZE, home, [*WINDOW, *starting])
            starting = []
            try:
                window.until("Train")
                window.wait(lambda: last(run) > 20)
                owner = run.file().owner
                window.press(TRAIN)
                window.until(name)
                LOSSES[loss](window)
                goes_on(run)
            finally:
                window.close()
            assert run.file().owner == owner and run.state() == "running", loss
        return seen(home, run)
    finally:
        stop(run)


def goes_on(run: Run) -> None:
    """Wait until it has made more steps."""
    before = last(run)
    wait_for(lambda: last(run) > before + 20)


def seen(home: Path, run: Run) -> float:
    """Open a window on the run; returns the seconds until the curve is on its screen."""
    before, begun = last(run), time.monotonic()
    second = Terminal(*SIZE, home, WINDOW)
    try:
        second.until("Train")
        second.press(TRAIN)
        second.until(run.id)
        try:
            second.wait(lambda: len(BRAILLE.findall(shown(second))) > 20)
        except AssertionError as error:
            raise AssertionError(f"no curve in: {shown(second)[-3000:]}") from error
        seconds = time.monotonic() - begun
    finally:
        second.close()
    points = [step for step, _ in Watch(run).poll().loss["causal"]]
    assert points == list(range(1, len(points) + 1)) and len(points) >= before, "the curve has a gap"
    return seconds


def shown(terminal: Terminal) -> str:
    """All text that was sent to the screen."""
    return CODES.sub("", terminal.output.decode("utf-8", "replace"))


def stop(run: Run) -> None:
    """End the trainer, however it is."""
    if (run.folder / "run.json").exists() and (owner := run.file().owner) and run.alive():
        os.kill(owner.pid, signal.SIGKILL)
        assert ended(owner.pid, 10)


@dataclass
class Report:
    """How many runs went on, by what was taken away."""

    times: int = 0
    went_on: int = 0
    lost: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """From the start of a new window to the curve on its screen."""


def harness(home: Path, tokenizer: Path | None, times: int) -> Report:
    """Take away windows `times` times in all, each way in turn."""
    report = Report()
    for number in range(times):
        loss = list(LOSSES)[number % len(LOSSES)]
        report.times += 1
        try:
            report.seconds.append(round(outlive(home, tokenizer, [loss], f"run-{number}"), 2))
            report.went_on += 1
        except AssertionError as error:
            report.lost.append(f"{loss}: {error}")
    return report


def main() -> int:
    """Print a report; 0 when every run went on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        report = harness(Path(home), None, chosen.times)
    print(json.dumps(asdict(report), indent=1))
    return 0 if report.went_on == chosen.times else 1


if __name__ == "__main__":
    sys.exit(main())
