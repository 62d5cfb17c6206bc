"""A run goes on when its window is taken away, and a new window sees all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import windows


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path))
    monkeypatch.delenv("LOOKBOTH_RUNS", raising=False)
    return tmp_path


def test_a_run_outlives_three_windows(home: Path, own_folder: Path) -> None:
    """The first of them started it; one is closed, one killed, one loses its engine."""
    windows.outlive(home, own_folder, list(windows.LOSSES), "run")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_runs_outlive_the_window_that_started_them(home: Path, own_folder: Path) -> None:
    report = windows.harness(home, own_folder, 20)
    assert report.went_on == 20, report
