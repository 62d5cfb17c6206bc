"""How the bundled models learned, watched before there is any run."""

from __future__ import annotations

import pytest

from tests.tui.fakes import SIZES
from tests.tui.hosts import Host, see, shown, until
from tui.panes.train import TrainPane
from tui.results import learned
from tui.widgets.learned import LearnedSheet

pytestmark = pytest.mark.usefixtures("own_runs")


def test_the_trio_tells_how_it_learned() -> None:
    found = learned.bundled()
    assert [one.name for one in found] == ["bert", "gpt2", "lstm"]
    for one in found:
        assert all(sentence.looks[0].step == 0 and len(sentence.looks) >= 8 for sentence in one.sentences)


@pytest.mark.parametrize("size", SIZES)
async def test_b_shows_it_checkpoint_by_checkpoint(size: tuple[int, int]) -> None:
    bert, gpt2, _ = learned.bundled()
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "b shows how the bundled models learned")
        await until(pilot, lambda: pilot.app.focused is not None, "something has the focus")
        await pilot.press("b")
        await see(pilot, "How bert learned")
        await see(pilot, f"now: step {bert.sentences[0].looks[-1].step:,}")
        assert "The capital of Italy is [MASK]." in shown(pilot.app)
        await pilot.press("home")
        await see(pilot, "step 0 of")
        await pilot.press("right")
        await see(pilot, f"step {bert.sentences[0].looks[1].step:,} of")
        await pilot.press("m")
        await see(pilot, "How gpt2 learned")
        await see(pilot, gpt2.about.split()[-1])
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, LearnedSheet), "it is closed")


async def test_a_lab_without_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned, "bundled", list)
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "No runs yet")
        await until(pilot, lambda: pilot.app.focused is not None, "something has the focus")
        await pilot.press("b")
        said = "Nobody wrote down how the bundled models learned."
        await until(pilot, lambda: said in [one.message for one in pilot.app._notifications])
