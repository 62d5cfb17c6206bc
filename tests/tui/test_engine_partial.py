"""Partial results reach who asked for them, before the answer and not after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import messages as m
from tests.tui.lab import Lab


@pytest.fixture
async def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    monkeypatch.setenv("LOOKBOTH_HOME", str(tmp_path / "home"))
    lab = Lab()
    yield lab
    await lab.engine.stop()


async def test_partial_results_come_before_the_answer(lab: Lab) -> None:
    seen: list[m.Sweeping] = []
    message = m.Sweep(id=lab.engine.fresh(), models=["bert"], length=12)
    answer = await lab.engine.request(message, on_partial=seen.append)
    assert isinstance(answer, m.Swept) and answer.sweep.complete
    assert seen and not any(part.sweep.complete for part in seen) and {part.id for part in seen} == {message.id}
    assert isinstance(await lab.engine.request(m.Sweep(id=lab.engine.fresh(), models=["bert"], length=12)), m.Swept)
