"""What Compare says when it cannot answer: in its own line, in a dialog only for who asked, and what to do next."""

from __future__ import annotations

import pytest
from textual.screen import ModalScreen

from core.messages import Failed
from tests.tui.fakes import SIZES, FakeEngine, comparison
from tests.tui.hosts import shown, until
from tui.app import LookbothApp
from tui.engine.death import Death
from tui.panes.compare.asking import TOO_LONG
from tui.preferences import Drafts, save
from tui.widgets.problem import Problem


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("size", SIZES)
async def test_a_draft_that_is_too_long_opens_no_dialog(
    lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    save(Drafts(texts={"compare": "word " * 55_474}))
    async with lab.run_test(size=size) as pilot:
        await until(pilot, lambda: "about 55,474 words, 50,000 fit" in words(shown(lab)))
        await until(pilot, lambda: lab.status.phase == "ready")
        assert not isinstance(lab.screen, ModalScreen) and not engine.asked
        await pilot.press("i", "ctrl+l", *"short")
        await until(pilot, lambda: "55,474" not in shown(lab))
        await pilot.press("enter")
        await until(pilot, lambda: "live result" in shown(lab))


async def test_enter_on_a_text_that_is_too_long_says_so_in_a_dialog(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take("word " * 56_000)
        await pilot.press("i", "enter")
        await until(pilot, lambda: isinstance(lab.screen, Problem) and "56,000 words" in shown(lab))
        assert lab.screen.parts["hint"] == TOO_LONG and not engine.asked


async def test_a_passage_can_be_opened_in_place_of_a_text_that_is_too_long(lab: LookbothApp) -> None:
    save(Drafts(texts={"compare": "word " * 55_474}))
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await pilot.press("o")
        await until(pilot, lambda: "Study passages" in shown(lab))
        await pilot.press(*"saturday market", "enter")
        await until(pilot, lambda: "live result" in shown(lab))


async def test_a_refusal_says_what_why_and_what_to_do(lab: LookbothApp, engine: FakeEngine) -> None:
    engine.answer = lambda ask: Failed(id=ask.id, what="No model bert.", why="It is gone.", hint="Choose another.")
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take("text")
        await pilot.press("i", "enter")
        await until(pilot, lambda: isinstance(lab.screen, Problem))
        told = ("No model bert.", "It is gone.", "Choose another.")
        await until(pilot, lambda: all(part in shown(lab) for part in told))


async def test_a_refusal_that_nobody_asked_for_waits_for_the_key(lab: LookbothApp, engine: FakeEngine) -> None:
    save(Drafts(texts={"compare": "text"}))
    engine.answer = lambda ask: Failed(id=ask.id, what="No model bert.", why="It is gone.", hint="Choose another.")
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No model bert. ! shows more" in shown(lab))
        assert not isinstance(lab.screen, ModalScreen)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "It is gone." in shown(lab) and "Choose another." in shown(lab))


async def test_an_engine_that_died_during_a_compare_is_told_of_also_when_another_runs(
    lab: LookbothApp, engine: FakeEngine
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison(), "live result")
        engine.hold = True
        await pilot.press("i", *"abc", "enter", "escape")
        await until(pilot, lambda: engine.held)
        engine.tell(Death(code=-9, seconds=30.0, lines=("the last line",)))
        request, future = engine.held[0]
        future.set_result(Failed(id=request.id, what="The engine died before it had an answer.", hint="Ask again."))
        await until(pilot, lambda: "engine killed by signal 9 (SIGKILL) · ctrl+r restarts it" in shown(lab))
        engine.ready_now()
        told = "engine killed by signal 9 (SIGKILL) · started anew · ! shows more"
        await until(pilot, lambda: told in shown(lab))
        assert not isinstance(lab.screen, ModalScreen)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "perhaps out of memory" in shown(lab) and "the last line" in shown(lab))
        assert "It is started anew" in shown(lab) and "ctrl+r" not in shown(lab)
