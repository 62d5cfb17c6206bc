"""The budget of C10 with the knobs of a run: chosen from a list, none there, and one that says nothing yet."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from core import runs
from core.claims import budget, every
from core.runs import Best
from tests.tui.fakes import HARMFUL, RAW
from tests.tui.hosts import see, shown, until
from tests.tui.made_runs import make, save
from tests.tui.notes_lab import PLAN, NotesLab, go_to, settle
from tui.findings import archive
from tui.panes.notes.own_run import OwnRunPane, own_runs
from tui.widgets.experiment import ExperimentView
from tui.widgets.picker import Picker
from tui.widgets.problem import Problem
from tui.widgets.run_picker import RunPicker


@pytest.fixture(autouse=True)
def plans(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One claim that a run has something to say about, one that it has not; nothing ships."""
    monkeypatch.setattr(every, "PLANS", {"C7": PLAN, "C10": budget.PLAN})
    monkeypatch.setattr(archive, "shipped", lambda claim, thorough: None)


async def test_the_knobs_are_those_of_the_run_that_is_chosen() -> None:
    make("older", "bert", age=900)
    done = make("mine", "gpt2")
    save(done, 600, best=Best(step=600, nats=4.0))
    state = runs.Progress(step=600, steps=1000, tokens=600 * 16 * 64, targets=600 * 16 * 64)
    (done.checkpoints[-1] / "state.json").write_bytes(msgspec.json.encode(state))
    lab = NotesLab()
    async with lab.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await go_to(pilot, "C10")
        await see(pilot, "From a run")
        await pilot.press("f")
        await until(pilot, lambda: isinstance(lab.screen, RunPicker))
        await see(pilot, "older", "mine", "600 of 1,000 steps")
        assert isinstance(lab.screen, RunPicker)
        place = [one.name for one, _ in lab.screen.choices].index("mine")
        await pilot.press(*["j"] * place, "enter")
        await until(pilot, lambda: isinstance(lab.focused, ExperimentView))
        await see(pilot, "*steps", "‹   600    ›", "0.402112", "Your run is mine: the 600 steps")
        await see(pilot, "your run", "614k")
        turned = lab.notes.turned_knobs["C10"]
        assert turned == {"steps": 600, "batch": 16, "length": 64, "asked": 100, "parameters": 0.402112}
        await pilot.press("f")
        await until(pilot, lambda: isinstance(lab.screen, RunPicker))
        await pilot.press("escape")
        await until(pilot, lambda: lab.screen is lab.window)
        assert lab.notes.turned_knobs["C10"] == turned and not lab.own.asked


async def test_where_there_is_no_run_that_is_said_and_elsewhere_it_is_not_offered() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await go_to(pilot, "C7")
        assert not lab.notes.check_action("from_run", ())
        await go_to(pilot, "C10")
        await pilot.press("f")
        await see(pilot, "There is no run yet")
        assert lab.screen is lab.window and "C10" not in lab.notes.turned_knobs


async def test_a_run_that_says_nothing_yet_changes_nothing() -> None:
    run = make("soon")
    file = run.file()
    untold = msgspec.structs.replace(file.settings, tokens=0, minutes=5.0)
    (run.folder / "run.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(file, settings=untold, steps=0)))
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C10")
        await pilot.press("f")
        await until(pilot, lambda: isinstance(lab.screen, RunPicker))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lab.screen, Problem))
        await see(pilot, "does not know yet how long")
        assert "C10" not in lab.notes.turned_knobs


async def test_names_are_shown_as_they_are() -> None:
    for number, harm in enumerate(HARMFUL):
        about = msgspec.json.encode(runs.About(name=harm))
        (make(f"run-{number}").folder / "about.json").write_bytes(about)
    lab = NotesLab()
    async with lab.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C10")
        await pilot.press("f")
        await see(pilot, "of 1,000 steps")
        assert not RAW.search(shown(lab).replace("\n", ""))


def test_a_damaged_run_is_passed_over() -> None:
    (make("broken").folder / "run.json").write_text("{")
    make("whole")
    assert [one.name for one in own_runs()] == ["whole"]


@pytest.mark.parametrize("owner", [OwnRunPane, Picker])
def test_every_binding_has_an_id_and_a_tooltip(owner: type) -> None:
    for binding in vars(owner)["BINDINGS"]:
        assert binding.id and binding.tooltip.endswith(".")
