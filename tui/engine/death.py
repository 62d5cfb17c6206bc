"""How a process ended, in words a person can use."""

from __future__ import annotations

import signal
from dataclasses import dataclass

ADVICE = {
    "SIGKILL": "perhaps out of memory",
    "SIGSEGV": "a crash in native code",
    "SIGBUS": "a crash in native code",
    "SIGABRT": "a crash in native code",
    "SIGILL": "this processor lacks an instruction",
    "SIGFPE": "a crash in native code",
    "SIGTERM": "something asked it to end",
    "SIGHUP": "its terminal went away",
    "SIGXCPU": "a limit on processor time",
}


@dataclass(frozen=True)
class Death:
    """The end of a process: its exit code as `subprocess` gives it, and its last lines on standard error."""

    code: int
    seconds: float
    """How long it had been up."""
    lines: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """A clause such as `killed by signal 9 (SIGKILL): perhaps out of memory`."""
        if self.code < 0:
            return f"killed by signal {_named(-self.code)}"
        if self.code == 0:
            return "it ended by itself"
        if self.code > 128 and _name(self.code - 128):  # so a shell or ssh reports a signal
            return f"exit code {self.code}, which means signal {_named(self.code - 128)}"
        return f"exit code {self.code}"

    @property
    def last(self) -> str:
        """The last line that says something; empty when it died without a word."""
        return next((line for line in reversed(self.lines) if line.strip()), "")

    def tail(self, count: int = 50) -> str:
        """The last `count` lines."""
        return "\n".join(self.lines[-count:])


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""


def _named(number: int) -> str:
    name = _name(number)
    if not name:
        return str(number)
    return f"{number} ({name})" + (f": {ADVICE[name]}" if name in ADVICE else "")
