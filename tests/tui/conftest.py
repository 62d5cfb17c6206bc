"""A window with an engine that answers at once, in a home of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from core.errors import UserError
from core.runs import Run
from tests.tui.command_line import ROOT, Shell
from tests.tui.fakes import FakeEngine, comparison
from tui.app import LookbothApp
from tui.results import shipped


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything the lab writes goes here, and nothing that a person kept is read."""
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path))
    monkeypatch.delenv("LOOKBOTH_RUNS", raising=False)
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    monkeypatch.setattr(shipped, "first", lambda: tmp_path / "nothing-ships.json")
    return tmp_path


@pytest.fixture
def engine(home: Path) -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def lab(engine: FakeEngine) -> LookbothApp:
    return LookbothApp(engine)


@pytest.fixture
def ships(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that ships a result."""
    path = tmp_path / "first-compare.json"
    path.write_bytes(msgspec.json.encode(comparison()))
    monkeypatch.setattr(shipped, "first", lambda: path)


@pytest.fixture
def own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in a folder of the test's own."""
    monkeypatch.setenv("LOOKBOTH_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def processes(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What a process that a test starts finds: this home, no hub cache, and the code of this checkout.

    A trainer that still works on a run of this home at the end is ended.
    """
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield home
    for path in home.rglob("run.json"):
        with contextlib.suppress(UserError, psutil.NoSuchProcess):
            owner = Run(path.parent).file().owner
            if owner and owner.pid != os.getpid() and Run(path.parent).alive():
                psutil.Process(owner.pid).kill()


@pytest.fixture
def shell(processes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """`lookboth`, within this process."""
    return Shell(capsys, monkeypatch)
