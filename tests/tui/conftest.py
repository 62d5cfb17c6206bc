"""A window with an engine that answers at once, in a home of its own."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

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
