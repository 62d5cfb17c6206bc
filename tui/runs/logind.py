"""Whether the system will end a run when the person logs out, which no process can prevent for itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

MANAGER = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
PATIENCE = 1.0
"""Seconds that a system which does not answer may take: the warning is a courtesy."""


def warning() -> str | None:
    """What to tell a person before a run is started; None when it will outlive the login, or nobody can say."""
    group = control_group()
    # root is exempt unless somebody took it out of logind's KillExcludeUsers
    if os.geteuid() == 0 or not ("session-" in group or "user@" in group):
        return None
    if "Linger=yes" in _answer("loginctl", "show-user", str(os.geteuid()), "-p", "Linger"):
        return None
    # Under user@.service a process ends with the last login of the user, whatever logind is told to kill.
    if "user@" not in group and not _kills():
        return None
    return (
        "This system ends your processes when you log out, so a run would end there too. "
        "Say once: loginctl enable-linger. It does not help to start the run inside tmux or screen."
    )


def control_group() -> str:
    """The control group of this process as Linux names it; empty on other systems."""
    try:
        return Path("/proc/self/cgroup").read_text("utf-8")
    except OSError:
        return ""


def _kills() -> bool:
    said = _answer("busctl", "get-property", *MANAGER, "KillUserProcesses")
    return said == "b true" or (not said and "KillUserProcesses=yes" in _answer("loginctl", "show-session"))


def _answer(*words: str) -> str:
    """What a command prints; empty when it is missing, fails or takes too long."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
