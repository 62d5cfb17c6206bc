"""Accuracy by position in the window: it starts from Compare, refines, stops, is read, saved, opened and exported."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.messages import Cancelled, Failed, Sweep, Sweeping
from tests.sweeps import curves
from tests.tui.fakes import HARMFUL, RAW, SIZES, FakeEngine
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.commands import every
from tui.panes.sweep import SweepPane
from tui.panes.sweep.asking import FIRST
from tui.sweeps import kept
from tui.widgets.problem import Problem
from tui.widgets.sweep_form import SweepForm
from tui.widgets.ticks import Ticks


@pytest.fixture(autouse=True)
def nothing_ships(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "first", lambda: home / "ships.json")
    return home / "ships.json"


@pytest.fixture
def own(engine: FakeEngine) -> FakeEngine:
    """The engine of the pane, which keeps its answers back."""
    own = engine.another()
    own.hold = True
    return own


async def open_pane(lab: LookbothApp, pilot: Pilot[None]) -> SweepPane:
    await until(pilot, lambda: lab.status.phase == "ready")
    await pilot.press("P")
    await until(pilot, lambda: isinstance(lab.pane, SweepPane) and lab.focused is lab.pane.rest())
    pane = lab.pane
    assert isinstance(pane, SweepPane)
    return pane


async def finished(lab: LookbothApp, pilot: Pilot[None]) -> SweepPane:
    pane = await open_pane(lab, pilot)
    await until(pilot, lambda: pane.source == "complete")
    return pane


@pytest.mark.parametrize("size", SIZES)
async def test_it_starts_with_the_defaults_and_refines(
    lab: LookbothApp, engine: FakeEngine, own: FakeEngine, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        pane = await open_pane(lab, pilot)
        await until(pilot, lambda: own.held and own.partial)
        [request] = [one for one in own.asked if isinstance(one, Sweep)]
        assert msgspec.structs.replace(request, id=0) == FIRST and FIRST.models == ["bert", "gpt2", "lstm"]
        assert (request.length, request.windows, request.positions, request.path) == (100, 200, [], "")
        await see(pilot, "no result yet", "30 %: bert: scoring · x stops")
        assert own.partial is not None
        own.partial(Sweeping(id=request.id, sweep=curves(request, complete=False)))
        await see(pilot, "so far", "[x] * bert (framed)", "[x] o gpt2 (start)", "bert/bare", "50.0", "15–85", "n 4")
        assert not any(isinstance(one, Sweep) for one in engine.asked)
        own.release()
        await see(pilot, "complete", "Fall to the last position", "+25.0 (-12.5 to +50.0)", "information", "artefact")
        await until(pilot, lambda: own.phase == "off" and not pane.open)


async def test_partial_results_of_a_stopped_sweep_stay_and_later_ones_are_ignored(
    lab: LookbothApp, own: FakeEngine
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_pane(lab, pilot)
        await until(pilot, lambda: own.held and own.partial)
        assert own.partial is not None
        [(request, _)] = own.held
        assert isinstance(request, Sweep)
        own.partial(Sweeping(id=request.id, sweep=curves(request, complete=False)))
        await see(pilot, "so far")
        before = pane.found
        await pilot.press("x")
        await see(pilot, "stopped · n starts again")
        assert pane.found is before and pane.source == "stopped" and not pane.open
        await until(pilot, lambda: own.cancelled == [request.id] and own.phase == "off")
        own.partial(Sweeping(id=request.id, sweep=curves(request)))
        await pilot.pause()
        assert pane.found is before


async def test_every_line_is_read_at_the_cursor(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await finished(lab, pilot)
        await see(pilot, "read at 98")  # nothing was asked at 99
        await pilot.press("left", "left_square_bracket")
        await see(pilot, "read at 87")
        await pilot.press("home", "right")
        await see(pilot, "read at 1 ")
        await pilot.press("end")
        await see(pilot, "read at 98")
        assert pane.chart.frame.cursor == 98
        await pilot.click(pane.chart, offset=(7, 4))
        await see(pilot, "read at 0 ")


async def test_lines_measures_bands_and_views_are_chosen(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await finished(lab, pilot)
        forms = [one.form for one in pane.chart.panel.series]
        assert forms == ["raw"] + ["band"] * 4 + ["line"] * 4
        await pilot.press("down", "space")
        await see(pilot, "[ ] o gpt2 (start)")
        assert [one.label for one in pane.chart.panel.series if one.form == "line"] == [
            "bert (framed)", "lstm (start)", "bert/bare"
        ]  # fmt: skip
        await pilot.press("down", "b")
        bands = [one.label for one in pane.chart.panel.series if one.form == "band"]
        assert bands == ["lstm (start)"]
        await pilot.press("up", "up")
        await until(pilot, lambda: [one.label for one in pane.chart.panel.series][1:2] == ["bert (framed)"])
        await pilot.press("b", "t")
        assert pane.chart.panel.title.startswith("Right among the first five")
        assert {one.form for one in pane.chart.panel.series} == {"raw", "line"}
        await pilot.press("t")
        await see(pilot, "Mean log-probability, bits", "-3.61")  # 2.5 nats
        await pilot.press("v")
        await until(pilot, lambda: "Fall to" not in shown(lab))
        await pilot.press("v")
        await see(pilot, "Fall to the last position", "position 99")
        assert "Mean log" not in shown(lab)


async def test_a_form_chooses_what_is_swept(lab: LookbothApp, own: FakeEngine, tmp_path: Path) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        own.hold = False
        await finished(lab, pilot)
        own.hold = True
        await pilot.press("n")
        await until(pilot, lambda: isinstance(lab.screen, SweepForm))
        form = lab.screen
        await until(pilot, lambda: form.query_one("#models", Ticks).chosen == ["bert", "gpt2", "lstm"])
        assert form.query_one("#conditions", Ticks).chosen == ["framed", "bare", "start"]
        form.query_one("#windows", Input).value = "0"
        await pilot.press("ctrl+s")
        await see(pilot, "Windows is a whole number from 1 to 100,000.")
        form.query_one("#windows", Input).value = "50"
        form.query_one("#length", Input).value = "20"
        form.query_one("#text", Input).value = str(tmp_path / "text.txt")
        await pilot.press("down", "down", "space", "tab", "down", "down", "space", "ctrl+s")
        await until(pilot, lambda: own.held)
        [(request, _)] = own.held
        assert isinstance(request, Sweep)
        assert (request.models, request.conditions) == (["bert", "gpt2"], ["framed", "bare", "masks", "start"])
        assert (request.windows, request.length, request.path) == (50, 20, str(tmp_path / "text.txt"))
        await pilot.press("n")  # not while one is open
        await pilot.pause()
        assert not isinstance(lab.screen, SweepForm)


async def test_it_is_saved_and_opens_again(lab: LookbothApp, home: Path) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await finished(lab, pilot)
        was = pane.found
        await pilot.press("w")
        await see(pilot, "Save this sweep", "bert-gpt2-lstm")
        await pilot.press("ctrl+u", *"mine", "enter")
        await until(pilot, (home / "data" / "sweeps" / "mine.json").exists)
        pane.found = None
        await pilot.press("ctrl+o")
        await see(pilot, "Saved sweeps", "mine")
        await pilot.press("enter")
        await see(pilot, "saved as mine")
        assert pane.found == was
        await pilot.press("ctrl+o")
        await see(pilot, "with the lab")
        await pilot.press("end", "enter")
        await see(pilot, "shipped as trio")


async def test_it_exports_and_copies(lab: LookbothApp, home: Path) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await finished(lab, pilot)
        await pilot.press("e")
        exports = home / "data" / "exports"
        await until(pilot, lambda: len(list(exports.glob("sweep-*"))) == 3)
        written = {path.suffix: path.read_text() for path in exports.iterdir()}
        assert json.loads(written[".json"])["series"].keys() == {"bert", "bert/bare", "gpt2", "lstm"}
        rows = written[".csv"].splitlines()
        assert rows[0].startswith("series,model,condition,position,accuracy") and len(rows) == 1 + 4 * 99
        assert "<polygon" in written[".svg"] and "gpt2 (start)" in written[".svg"]
        text = pane.as_text()
        assert "accuracy (%) by position: * bert  o gpt2  + lstm" in text and "artefact" in text


async def test_what_ships_is_shown_instead_of_starting(lab: LookbothApp, own: FakeEngine, nothing_ships: Path) -> None:
    nothing_ships.write_bytes(msgspec.json.encode(curves(FIRST)))
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        await see(pilot, "ships with the lab · n starts one here")
        assert not own.asked


async def test_esc_leads_back_and_the_sweep_goes_on(lab: LookbothApp, own: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_pane(lab, pilot)
        await until(pilot, lambda: own.held)
        await pilot.press("escape")
        await until(pilot, lambda: lab.pane.id == "compare")
        assert any(action.title == "compare: accuracy by position" for action in every(lab))
        own.release()
        await until(pilot, lambda: pane.source == "complete")
        await pilot.press("P")
        await see(pilot, "complete", "[x] * bert (framed)")
        assert sum(isinstance(one, Sweep) for one in own.asked) == 1


@pytest.mark.parametrize("kind", [Failed, Cancelled])
async def test_no_answer_is_told(lab: LookbothApp, own: FakeEngine, kind: type[Failed] | type[Cancelled]) -> None:
    own.answer = lambda request: (
        Cancelled(id=request.id) if kind is Cancelled else Failed(id=request.id, what="No text.", why="It is empty.")
    )
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        await until(pilot, lambda: own.held)
        own.release()
        if kind is Failed:
            await until(pilot, lambda: isinstance(lab.screen, Problem))
            await see(pilot, "No text.", "It is empty.")
        else:
            await see(pilot, "stopped · n starts again")


@pytest.mark.parametrize("size", SIZES)
async def test_words_from_elsewhere_are_shown_as_they_are(
    lab: LookbothApp, own: FakeEngine, size: tuple[int, int]
) -> None:
    own.hold = False
    async with lab.run_test(size=size) as pilot:
        pane = await finished(lab, pilot)
        for harm in HARMFUL:
            pane.take(curves(Sweep(id=1, models=[harm], text=harm, length=12)), harm)
            await pilot.pause()
            assert not RAW.search(shown(lab).replace("\n", "")), harm
            assert "␛[31mnothing" in pane.query_one("#page").render().plain
