"""A window with an engine that answers at once, in a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import FakeEngine
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
