"""Whether a run would be ended at logout: asked of commands that pretend to be the system's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.runs import logind

SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
MANAGER = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope\n"
SERVICE = "0::/system.slice/slurmstepd.scope/job_7\n"


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all there is on the path, and somebody who is not root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(logind, "control_group", lambda: SESSION)
    return tmp_path


def pretend(commands: Path, name: str, says: str) -> None:
    command = commands / name
    command.write_text(f"#!/bin/sh\n{says}\n")
    command.chmod(0o755)


def test_a_run_that_would_be_ended_is_told_with_what_helps(commands: Path) -> None:
    pretend(commands, "busctl", "echo b true")
    pretend(commands, "loginctl", "echo Linger=no")
    said = logind.warning()
    assert said is not None and "log out" in said and "loginctl enable-linger" in said


def test_a_user_who_lingers_is_left_alone(commands: Path) -> None:
    pretend(commands, "busctl", "echo b true")
    pretend(commands, "loginctl", 'case "$*" in "show-user 1000 -p Linger") echo Linger=yes;; esac')
    assert logind.warning() is None


def test_a_system_that_lets_processes_live_is_left_alone(commands: Path) -> None:
    pretend(commands, "busctl", "echo b false")
    pretend(commands, "loginctl", "echo Linger=no")
    assert logind.warning() is None


def test_the_second_command_answers_where_the_first_is_missing(commands: Path) -> None:
    pretend(commands, "loginctl", 'case "$1" in show-session) echo KillUserProcesses=yes;; *) echo Linger=no;; esac')
    assert logind.warning() is not None


def test_below_the_user_manager_a_run_ends_with_the_last_login(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logind, "control_group", lambda: MANAGER)
    pretend(commands, "busctl", "echo b false")
    pretend(commands, "loginctl", "echo Linger=no")
    assert logind.warning() is not None


@pytest.mark.parametrize("group", [SERVICE, ""])
def test_outside_a_login_nothing_is_asked(commands: Path, monkeypatch: pytest.MonkeyPatch, group: str) -> None:
    monkeypatch.setattr(logind, "control_group", lambda: group)
    pretend(commands, "busctl", "echo b true")
    assert logind.warning() is None


def test_root_is_exempt(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(commands, "busctl", "echo b true")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert logind.warning() is None


def test_without_the_commands_nothing_is_said(commands: Path) -> None:
    assert logind.warning() is None


def test_a_system_that_does_not_answer_holds_nobody_up(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logind, "PATIENCE", 0.05)
    for name in ("busctl", "loginctl"):
        pretend(commands, name, "exec /bin/sleep 60")
    assert logind.warning() is None


def test_a_command_that_fails_says_nothing(commands: Path) -> None:
    pretend(commands, "busctl", "echo b true; exit 1")
    assert logind.warning() is None
