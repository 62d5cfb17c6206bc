"""Giving way to the rest of the machine, where the kernel schedules by session too."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core import niceness

SCRIPT = "import os; from core import niceness; niceness.give_way(7); print(os.nice(0)); "


def test_it_lowers_the_priority_of_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 7


@pytest.mark.skipif(not niceness.AUTOGROUP.exists(), reason="this kernel does not schedule by session")
def test_a_process_in_its_own_session_lowers_that_too() -> None:
    more = SCRIPT + "print(niceness.AUTOGROUP.read_text())"
    done = subprocess.run(
        [sys.executable, "-c", more], capture_output=True, text=True, check=True, start_new_session=True
    )
    assert done.stdout.split()[-2:] == ["nice", "7"]


def test_a_process_in_the_session_of_others_leaves_that_alone() -> None:
    more = SCRIPT.replace("niceness.give_way", "niceness.AUTOGROUP = None; niceness.give_way")
    done = subprocess.run([sys.executable, "-c", more], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
