"""Numbers that follow the knobs at once, the ways to set a knob, and the cursor of a heat map."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from core.claims import budget, every, size
from tests.tui.findings import finding
from tests.tui.hosts import see, shown, until
from tests.tui.notes_lab import PLAN, NotesLab, go_to, settle
from tui.findings import archive
from tui.notes.known import Known
from tui.widgets import experiment_form as form
from tui.widgets.entry import Entry
from tui.widgets.experiment import ExperimentView
from tui.widgets.heat_map import HeatMap
from tui.widgets.outline import Outline


@pytest.fixture(autouse=True)
def plans(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two claims that are reckoned with and one that is measured; nothing ships."""
    monkeypatch.setattr(every, "PLANS", {"C2": size.PLAN, "C7": PLAN, "C10": budget.PLAN})
    monkeypatch.setattr(archive, "shipped", lambda claim, thorough: None)


@pytest.mark.parametrize("room", [(80, 24), (160, 48)])
async def test_parameters_follow_the_slider_without_an_engine(room: tuple[int, int]) -> None:
    lab = NotesLab()
    async with lab.run_test(size=room) as pilot:
        await settle(pilot)
        await go_to(pilot, "C2")
        await pilot.press("tab")
        await pilot.press("right")
        await see(pilot, "‹ 544  ›", f"{size.sizes(544, 4).lstm:,}", f"{size.sizes(544, 4).transformer:,}")
        await pilot.press("shift+left", "down", "left")
        await see(pilot, "‹ 224  ›", "‹ 3.5  ›", f"{size.sizes(224, 3.5).transformer:,}")
        await pilot.press("delete")
        await see(pilot, "2,101,248")
        assert not lab.own.asked


async def test_a_budget_follows_what_is_typed_and_its_bars_with_it() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(100, 60)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C10")
        await pilot.press("tab", "v", "v")
        await see(pilot, "10,035,200", "your run tokens")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lab.screen, Entry))
        await pilot.press("ctrl+u", *"2e8", "enter")
        await see(pilot, "steps cannot be 2e8.")
        await pilot.press("ctrl+u", *"1000000", "enter")
        await until(pilot, lambda: isinstance(lab.focused, ExperimentView))
        await see(pilot, "‹ 1000000 ›", "1,024,000,000", "1.02G")
        assert lab.notes.turned_knobs["C10"] == {"steps": 1e6}
        assert not lab.own.asked


async def test_a_slider_is_clicked() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C2")
        await pilot.press("tab")
        place = form.columns(size.PLAN, {}).slider + form.TRACK - 1
        await pilot.click(lab.notes.query_one("#form", Static), offset=(place, 2))
        await see(pilot, "▸*layers", "‹  48  ›", f"{48 * 2_101_248:,}")
        await pilot.click(lab.notes.query_one("#form", Static), offset=(1, 1))
        await see(pilot, "▸ feed forward")


async def with_a_map(pilot: Pilot[None], lab: NotesLab) -> None:
    """C7 in front, measured, and the focus on its experiment."""
    await settle(pilot)
    await go_to(pilot, "C7")
    lab.notes.known["C7"] = Known().with_new(finding(), 0.0)
    lab.notes.turned()
    await pilot.press("tab")
    await until(pilot, lambda: lab.notes.query_one(ExperimentView).maps())


async def test_a_heat_map_has_a_cursor_that_says_where_it_is() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await with_a_map(pilot, lab)
        assert "column 1" not in shown(lab)
        await pilot.press("tab")
        await until(pilot, lambda: isinstance(lab.focused, HeatMap))
        await see(pilot, "row 1 “c” · column 1 “a”: 0", "▸c ◆◆◆◆████")
        await pilot.press("right", "right")
        await see(pilot, "row 1 “c” · column 2 “b”: 1")
        await pilot.press("down")
        await see(pilot, "row 2 “d” · column 2 “b”: not measured", "▸d ▒▒▒▒◆◆◆◆")
        await pilot.press("enter")
        assert lab.screen is lab.window, "there is no knob under the cursor"
        await pilot.press("home")
        await see(pilot, "column 1 “a”: 0.5")
        await pilot.press("tab")
        await until(pilot, lambda: isinstance(lab.focused, Outline))


async def test_the_pointer_says_what_it_is_over() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(100, 80)) as pilot:
        await with_a_map(pilot, lab)
        heat = lab.notes.query_one(ExperimentView).maps()[0]
        await see(pilot, "▒▒▒▒····")
        await pilot.hover(heat, offset=(3, 2))
        await see(pilot, "row 2 “d” · column 1 “a”: 0.5")
        assert isinstance(lab.focused, ExperimentView)
        await pilot.click(heat, offset=(7, 1))
        await see(pilot, "row 1 “c” · column 2 “b”: 1", "▸c     ◆◆◆◆")
        assert lab.focused is heat
