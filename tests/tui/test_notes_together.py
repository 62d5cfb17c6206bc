"""Page and experiment together: one above the other where it is narrow, side by side where it is wide, or one alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.claims import every, size
from tests.tui.findings import finding
from tests.tui.hosts import see, shown, until
from tests.tui.notes_lab import PLAN, NotesLab, go_to, reader, settle
from tui.findings import archive
from tui.notes.known import Known
from tui.widgets.experiment import ExperimentView
from tui.widgets.outline import Outline


@pytest.fixture(autouse=True)
def plans(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One claim that is measured, and one that is reckoned with; nothing ships."""
    monkeypatch.setattr(every, "PLANS", {"C2": size.PLAN, "C7": PLAN})
    monkeypatch.setattr(archive, "shipped", lambda claim, thorough: None)


def parts(lab: NotesLab) -> tuple[bool, bool]:
    """Whether the page is in sight, and whether the experiment is."""
    return lab.notes.query_one("#page").display, lab.notes.query_one(ExperimentView).display


async def opened(pilot: Pilot[None], claim: str) -> None:
    await settle(pilot)
    await go_to(pilot, claim)
    await pilot.press("tab")
    await until(pilot, lambda: isinstance(pilot.app.focused, ExperimentView))


@pytest.mark.parametrize("room", [(80, 24), (100, 50), (130, 36)])
async def test_the_page_stays_while_the_experiment_is_open(room: tuple[int, int]) -> None:
    lab = NotesLab()
    async with lab.run_test(size=room) as pilot:
        await opened(pilot, "C7")
        await see(pilot, "Verdict:", "Accuracy at the ends", "windows")
        page, mine = reader(pilot).region, lab.notes.query_one(ExperimentView).region
        if room[0] < 120:
            assert page.bottom == mine.y and page.width == mine.width == room[0]
            assert 5 < page.height < mine.height < 3 * page.height
        else:
            assert page.right == mine.x and page.height == mine.height
        await pilot.press("r")
        await see(pilot, "Measured: ± mixed", "Verdict:")


@pytest.mark.parametrize("room", [(80, 24), (130, 36)])
async def test_v_gives_one_of_them_all_the_room(room: tuple[int, int]) -> None:
    lab = NotesLab()
    async with lab.run_test(size=room) as pilot:
        await opened(pilot, "C7")
        await see(pilot, "v View")
        assert parts(lab) == (True, True)
        for seen in ((True, False), (False, True), (True, True)):
            await pilot.press("v")
            await until(pilot, lambda seen=seen: parts(lab) == seen, str(seen))
            assert lab.focused is lab.notes.query_one("#page" if seen == (True, False) else "#lab")
        await pilot.press("v", "tab")
        await until(pilot, lambda: parts(lab) == (False, True), "one at a time, as was said")
        await go_to(pilot, "C3")
        assert not lab.notes.check_action("view", ())
        assert parts(lab) == (True, False)


async def test_both_are_scrolled_by_keys_and_what_has_the_focus_is_copied() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "C7")
        lab.notes.known["C7"] = Known().with_new(finding(), 0.0)
        lab.notes.turned()
        await pilot.press("space")
        await until(pilot, lambda: lab.notes.query_one(ExperimentView).scroll_y > 0)
        assert "measured here:" in lab.notes.as_text()
        await pilot.press("shift+tab", "space")
        await until(pilot, lambda: reader(pilot).scroll_y > 1)
        assert parts(lab) == (True, True) and lab.focused is reader(pilot)
        assert lab.notes.as_text().startswith("## C7")
        await pilot.press("tab", "tab", "shift+tab")
        await until(pilot, lambda: isinstance(lab.focused, ExperimentView))
        await pilot.press("escape")
        await until(pilot, lambda: parts(lab) == (True, False) and lab.focused is reader(pilot))
        await pilot.press("shift+tab")
        await until(pilot, lambda: isinstance(lab.focused, Outline) and parts(lab) == (False, False))


async def test_where_what_the_knobs_come_to_would_not_fit_in_it_has_all_the_room() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "C2")
        assert parts(lab) == (False, True)
        await see(pilot, "v shows the page above it")
        await pilot.resize_terminal(80, 50)
        await until(pilot, lambda: parts(lab) == (True, True))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: parts(lab) == (False, True))
        await pilot.press("v")
        await until(pilot, lambda: parts(lab) == (True, True))
        await see(pilot, "v gives one of the two all the room")
        assert "Verdict:" in shown(lab)
