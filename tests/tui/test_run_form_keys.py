"""The form that starts a run: its keys, its help, and what comes while it closes."""

from __future__ import annotations

import pytest

from core import messages
from tests.tui.fakes import FakeEngine
from tests.tui.hosts import see, until
from tests.tui.test_run_form import Asked, form, started
from tui.app import LookbothApp
from tui.widgets.options import Options
from tui.widgets.run_form import RunForm

__all__ = ["started"]
pytestmark = pytest.mark.usefixtures("started")


async def test_what_comes_while_the_form_closes_finds_no_fields_and_hurts_nobody(
    lab: LookbothApp, engine: FakeEngine, started: Asked
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        engine.hold = True
        found = await form(pilot)
        await see(pilot, "measuring …")
        accepted = found.plan
        assert accepted is not None
        await found.query("*").remove()  # as a screen that is being removed: its fields go first
        engine.release()
        await until(pilot, lambda: not found._wanted or found.gone)
        answer = messages.Probed(id=1, tokens_per_second=5.0, memory=1, device="cpu")
        found.take(accepted.parts[0].settings, answer)
        for late in (found.reckon, found._measure, found._describe, found.action_start):
            late()
        found._tell(accepted, "")
        found._tell(None, "no")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(lab.screen, RunForm), "the form is gone")
        assert started.runs == []


async def test_space_keeps_the_option_that_is_chosen(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        found = await form(pilot)
        await pilot.press("space")
        assert found.query_one("#family", Options).chosen == 1
        await pilot.press("right")
        assert found.query_one("#family", Options).chosen == 2


async def test_the_form_explains_itself(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await pilot.press("question_mark")
        await see(pilot, "Help: New run", "Model: Which model")
        await pilot.press("escape", "tab", "f1")
        await see(pilot, "Help: New run")
