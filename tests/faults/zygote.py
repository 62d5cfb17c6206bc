"""Trainers without the two seconds that torch takes to import: forked from a process that has imported it.

The zygote (`python -m tests.faults.zygote [BROKEN]`) reads run folders from standard input, one a line. For each it
forks a child, which is then what `python -P -m core train FOLDER` is: a session of its own, console.log as its
output, `core.__main__.main` as its code, with a normal end of the interpreter. Nothing of torch has run before the
fork, so the child inherits imported modules and no state; only its priority is not lowered. `Fresh` starts the real
command instead.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path) -> dict[str, str]:
    """One thread, a home of its own, and the core of this checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOOKBOTH")}
    return kept | {"LOOKBOTH_HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


class Child(Protocol):
    """A trainer that somebody started."""

    pid: int

    def ended(self, seconds: float) -> int | None:
        """Its exit code (negative for a signal), waiting at most `seconds` for it; None while it works."""


class Fresh:
    """The trainer as a front end starts it."""

    def __init__(self, folder: Path, home: Path) -> None:
        with open(folder / "console.log", "ab") as console:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "core", "train", str(folder)], stdin=subprocess.DEVNULL, stdout=console,
                stderr=console, start_new_session=True, env=environment(home),
            )  # fmt: skip
        self.pid = self._process.pid

    def ended(self, seconds: float) -> int | None:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


class Forked:
    """A trainer that a zygote forked."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self.pid, self._zygote, self._code = pid, zygote, None

    _code: int | None

    def ended(self, seconds: float) -> int | None:
        if self._code is None and (line := self._zygote.line(seconds)):
            self._code = int(line)
        return self._code


class Zygote:
    """The front of a zygote: it forks one trainer at a time. Close it when done."""

    def __init__(self, home: Path, broken: str = "") -> None:
        command = [sys.executable, "-m", "tests.faults.zygote", *([broken] if broken else [])]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def start(self, folder: Path) -> Forked:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder}\n".encode())
        return Forked(self, int(self.line(120)))

    def line(self, seconds: float) -> bytes:
        """What the zygote says next: the pid of a child, then its exit code; empty when it does not in time."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return b""
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError("The zygote died.")
        return said

    def close(self) -> None:
        """End it. A trainer that it forked goes on."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


def _become_trainer(folder: str) -> None:
    """What a fresh process would be: its own session, no input, console.log as output."""
    os.setsid()
    console = os.open(Path(folder) / "console.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, standard in ((nothing, 0), (console, 1), (console, 2)):
        os.dup2(file, standard)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["core", "train", folder]


def main() -> None:
    """Import what a trainer imports, then fork one for every line."""
    from core.environment import prepare

    prepare()
    for name in ("core.training.launch", "torch._dynamo"):  # the second is what an optimizer imports
        importlib.import_module(name)
    if sys.argv[1:]:
        broken = importlib.import_module("tests.faults.broken")
        getattr(broken, sys.argv[1])(setattr)
    os.nice = lambda _: 0  # or whatever else runs here would starve it
    for line in sys.stdin.buffer:
        if not (pid := os.fork()):
            _become_trainer(line.decode().rstrip("\n"))
            from core.__main__ import main as core

            return core()
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
