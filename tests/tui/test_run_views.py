"""Keys of the charts do nothing in the views of a run that are no charts."""

from __future__ import annotations

import pytest

from core import runs
from tests.tui.hosts import see
from tests.tui.made_runs import learning, make
from tests.tui.test_samples import Host
from tui.runs.watch import Watch
from tui.widgets.run_view import RunView

pytestmark = pytest.mark.usefixtures("own_runs")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_no_chart_is_changed_behind_samples_or_events(size: tuple[int, int]) -> None:
    run = make("one", family="bert", owner=runs.me())
    learning(run)
    app = Host(Watch(run))
    async with app.run_test(size=size) as pilot:
        view = app.query_one(RunView)
        before = view.state.frame
        for page in ("[events]", "[samples]"):
            await pilot.press("V")
            await see(pilot, page)
            await pilot.press("f", "l", "L", "plus", "minus")
            assert view.state.frame == before
