"""The frame of the window: header, footer, passing words, and what happens when it is too small."""

from __future__ import annotations

import pytest
from textual.screen import ModalScreen

from core.messages import Notice
from tests.tui.fakes import SENTENCE, FakeEngine, comparison
from tests.tui.hosts import shown, until
from tui.app import LookbothApp
from tui.panes import PANES
from tui.state import Status
from tui.widgets.problem import Problem
from tui.widgets.too_small import TooSmall


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_models_that_do_not_fit_end_in_an_ellipsis_and_the_device_stays(lab: LookbothApp, width: int) -> None:
    async with lab.run_test(size=(width, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.models = ["a-model-with-a-name", "another-model-with-a-longer-name", "and-a-third-one-with-a-name"]
        for status, where in ((lab.status, "cpu"), (Status("starting"), "starting")):
            lab.status = status
            lab.paint()
            await until(pilot, lambda where=where: shown(lab).splitlines()[0].rstrip().endswith(f"…  {where}"))


@pytest.mark.parametrize("pane", PANES)
async def test_help_stays_in_the_footer_of_the_smallest_window(lab: LookbothApp, pane: str) -> None:
    async with lab.run_test(size=(60, 20)) as pilot:
        await lab.action_show(pane)
        await until(pilot, lambda: lab.screen._compositor.render_strips()[-1].text.rstrip().endswith("? Help"))


async def test_a_passed_self_test_covers_nothing_and_a_failed_one_is_told(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await lab.action_show("predict")
        engine.tell(Notice(text="Self-test of cuda: no wrong number found."))
        await until(pilot, lambda: "· Self-test of cuda: no wrong number found." in shown(lab))
        assert not lab._notifications
        engine.tell(Notice(text="Self-test of cuda failed: it is not used.", level="error"))
        await until(pilot, lambda: len(lab._notifications) == 1)
        assert all(one.timeout <= 4 for one in lab._notifications)


async def test_passing_words_leave_the_words_and_their_candidates_in_sight(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison(), "live result")
        await until(pilot, lambda: "lay .03" in shown(lab) and "word 1 of 14" in shown(lab))
        before = [line for line in shown(lab).splitlines() if line.strip()]
        lab.say("one line of words")
        await until(pilot, lambda: "one line of words" in shown(lab))
        after = [line for line in shown(lab).splitlines() if line.strip()]
        assert after[4:] == before[4:]


async def test_a_window_that_is_too_small_says_only_that_and_comes_back(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison(), "live result")
        focused = lab.focused
        for size in ((38, 9), (59, 30), (90, 19)):
            await pilot.resize_terminal(*size)
            line = f"too small: {size[0]}x{size[1]}, the lab needs 60x20"
            await until(pilot, lambda line=line: shown(lab).strip() == line)
        assert sum(isinstance(screen, TooSmall) for screen in lab.screen_stack) == 1
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: "cabinet" in shown(lab) and not isinstance(lab.screen, ModalScreen))
        assert lab.focused is focused


async def test_an_error_in_a_window_that_is_too_small_leaves_no_cover_behind(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(38, 9)
        await until(pilot, lambda: isinstance(lab.screen, TooSmall))
        lab.fail(Problem("It broke."))
        await until(pilot, lambda: isinstance(lab.screen, Problem))
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape")
        await until(pilot, lambda: len(lab.screen_stack) == 1)


@pytest.mark.parametrize("pane", ["compare", "predict"])
async def test_i_goes_to_the_end_and_one_key_empties_the_field(lab: LookbothApp, pane: str) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        await lab.action_show(pane)
        field = lab.pane.field
        lab.pane.take(f"{SENTENCE}\nMore.")
        field.move_cursor((0, 0))
        await pilot.press("i")
        assert field.cursor_location == (1, 5)
        await until(pilot, lambda: "^l Empty" in shown(lab))
        await pilot.press("home", "ctrl+l")
        assert field.text == ""
        await pilot.press("ctrl+z")
        assert field.text == f"{SENTENCE}\nMore."


async def test_help_says_what_the_colours_and_the_empty_key_are(lab: LookbothApp) -> None:
    async with lab.run_test(size=(100, 80)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "Colours follow the same steps" in shown(lab) and "Empty the field" in shown(lab))


async def test_models_are_chosen_only_where_some_answer(lab: LookbothApp) -> None:
    async with lab.run_test(size=(120, 30)) as pilot:
        for pane, offered in (("compare", True), ("train", False), ("notes", False), ("predict", True)):
            await lab.action_show(pane)
            await pilot.pause()
            assert ("m" in lab.screen.active_bindings) == offered, pane
        await lab.action_show("train")
        await pilot.press("m")
        assert not isinstance(lab.screen, ModalScreen) and "Models" not in shown(lab).splitlines()[-1]
