"""A home of its own, with a small text in it, for the tests that train."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.toy_runs import TEXT


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path))
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    return tmp_path
