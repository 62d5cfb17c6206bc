"""The form that starts a run: what it says beforehand, what it measures, what it refuses, what it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core import messages, runs
from core.plan import Choice
from core.runs import Run
from core.settings import TrainSettings
from core.text import documentation
from core.trio.folder import TrioFolder
from tests.tui.fakes import SIZES, FakeEngine
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.runs import logind, trainer, trios
from tui.runs.detached import Started
from tui.widgets import run_form
from tui.widgets.options import Options
from tui.widgets.run_fields import ABOUT
from tui.widgets.run_form import RunForm


class Asked(NamedTuple):
    """What would have been started."""

    runs: list[tuple[TrainSettings, str]]
    trios: list[tuple[Choice, int, str]]


@pytest.fixture(autouse=True)
def started(home: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """A short text for the Python documentation, and trainers that are only noted down."""
    text = home / "diary.txt"
    text.write_text("All work and no play. " * 2728, "utf-8")
    monkeypatch.setattr(documentation, "file", lambda: text)
    monkeypatch.setattr(logind, "warning", lambda: None)
    monkeypatch.setattr(run_form, "REST", 0.01)
    asked = Asked([], [])

    def start(settings: TrainSettings, name: str = "", trio: str = "") -> Started[Run]:
        asked.runs.append((settings, name))
        process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
        process.wait()
        run = runs.create(settings, name)
        (run.folder / "console.log").write_text("no memory\n")
        return Started(run, process, 0.0)

    def start_trio(choice: Choice, seeds: int = 1, name: str = "") -> Started[TrioFolder]:
        asked.trios.append((choice, seeds, name))
        raise trainer.UserError("No trio today.")

    monkeypatch.setattr(trainer, "start", start)
    monkeypatch.setattr(trios, "start_trio", start_trio)
    return asked


async def form(pilot: Pilot[None]) -> RunForm:
    """The form, once it has a plan."""
    await pilot.press("f3", "n")
    await see(pilot, "It reads about")
    found = pilot.app.screen
    assert isinstance(found, RunForm)
    return found


async def choose(pilot: Pilot[None], name: str, option: int) -> None:
    pilot.app.screen.query_one(f"#{name}", Options).choose(option)


async def put(pilot: Pilot[None], name: str, value: str) -> None:
    pilot.app.screen.query_one(f"#{name}", Input).value = value


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_is_described_measured_and_then_started(
    size: tuple[int, int], lab: LookbothApp, started: Asked
) -> None:
    async with lab.run_test(size=size) as pilot:
        found = await form(pilot)
        await see(pilot, "GPT-2:", "parameters", "targets", "FLOPs", "tokens/s", "Start (ctrl+s)")
        await see(pilot, "About 5 min at 4100 tokens/s, 310 MB of memory: measured just now.", "about 1.23M tokens")
        box = found.query_one(RunForm.Box)
        assert box.region.height <= size[1] and box.max_scroll_y == 0
        await pilot.press("left")  # from GPT-2 to BERT
        await see(pilot, "BERT:", "It reads left to right for the first 35% of its steps")
        await pilot.press("tab", "tab", "tab")
        assert lab.focused is found.query_one("#budget")
        await pilot.press("backspace", *"300k", "tab", "right", "tab", *"diary-1")
        await see(pilot, "300k tokens")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.runs, "it starts")
        settings, name = started.runs[0]
        assert (settings.family, settings.tokens, settings.minutes, name) == ("bert", 300_000, 0.0, "diary-1")
        await see(pilot, "diary-1 · ")
        await until(pilot, lambda: any("no memory" in one.message for one in lab._notifications), "its end is told")


async def test_minutes_are_left_to_the_trainer_to_measure(lab: LookbothApp, started: Asked) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.runs, "it starts")
        assert (started.runs[0][0].minutes, started.runs[0][0].tokens) == (5.0, 0)


async def test_the_rarer_fields_are_a_key_away_and_reach_the_run(lab: LookbothApp, started: Asked) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        found = await form(pilot)
        assert not found.query_one("#match").display or "Match" not in shown(lab)
        await pilot.press("ctrl+o")
        await see(pilot, "Match", "Tokens", "Weights", "Seed")
        assert "Masks" not in shown(lab) and "left to right first" not in shown(lab), "a GPT-2 has no masks"
        await choose(pilot, "family", 0)
        await see(pilot, "Masks", "all [MASK]", "left to right first")
        assert found.query_one(RunForm.Box).max_scroll_y == 0
        await choose(pilot, "unit", 2)
        await choose(pilot, "cut", 1)
        await choose(pilot, "masks", 1)
        await choose(pilot, "causal", 1)
        for name, value in (("tokenizer", "2k"), ("match", "500k"), ("budget", "700"), ("seed", "7")):
            await put(pilot, name, value)
        await see(pilot, "a vocabulary of 2,000", "in 700 steps")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.runs, "it starts")
        settings = started.runs[0][0]
        assert (settings.tokenizer, settings.shape.vocabulary, settings.seed) == ("new", 2000, 7)
        assert (settings.replace, settings.causal_start) == ("80/10/10", 0.0)
        assert settings.steps == 700 and settings.tokens == 700 * settings.rows * settings.length


async def test_a_model_can_be_trained_further(lab: LookbothApp, started: Asked) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await choose(pilot, "weights", 1)
        await see(pilot, "Name the model to train further.")
        await put(pilot, "base", "gpt2")
        await see(pilot, "It reads about")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.runs, "it starts")
        assert started.runs[0][0].start.endswith("models/gpt2")


async def test_a_trio_is_measured_three_times_and_started_as_one(
    lab: LookbothApp, engine: FakeEngine, started: Asked
) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await choose(pilot, "family", 3)
        await put(pilot, "seeds", "2")
        await see(pilot, "Each with 2 seeds", "at 4100 · 4100 · 4100 tokens/s", "measured just")
        probed = {one.settings.family for one in engine.asked if isinstance(one, messages.Probe)}
        assert probed == {"bert", "gpt2", "lstm"}
        await put(pilot, "name", "three")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.trios, "it starts")
        choice, seeds, name = started.trios[0]
        assert (choice.minutes, seeds, name) == (5.0, 2, "three")
        await until(pilot, lambda: any("No trio today" in one.message for one in lab._notifications))


async def test_while_it_measures_it_says_so_and_another_choice_ends_that(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        engine.hold = True
        await form(pilot)
        await see(pilot, "measuring …")
        first = engine.held[-1][0]
        assert isinstance(first, messages.Probe)
        await put(pilot, "seed", "4")  # nothing that the speed depends on
        await see(pilot, "measuring …")
        await choose(pilot, "size", 1)
        await until(pilot, lambda: first.id in engine.cancelled, "the older one is cancelled")
        await until(pilot, lambda: isinstance(engine.held[-1][0], messages.Probe) and engine.held[-1][0] != first)
        assert engine.cancelled.count(first.id) == 1
        engine.release()
        await see(pilot, "measured just now")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(lab.screen, RunForm), "the form is gone")


async def test_closing_the_form_wants_no_measurement_any_more(lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        engine.hold = True
        await form(pilot)
        await see(pilot, "measuring …")
        asked = [one.id for one, _ in engine.held if isinstance(one, messages.Probe)]
        await pilot.press("escape")
        await until(pilot, lambda: asked[-1] in engine.cancelled)
        assert not lab.pane.open


async def test_without_an_engine_it_guesses_and_says_so(
    lab: LookbothApp, engine: FakeEngine, started: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> None:
        raise trainer.UserError("The engine did not start.")

    monkeypatch.setattr(engine, "start", fails)
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "died")
        await pilot.press("escape")
        await form(pilot)
        await see(pilot, "a guess: nothing like it was", "no engine is there to measure")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.runs, "it starts all the same")


async def test_a_measurement_that_fails_says_why(lab: LookbothApp, engine: FakeEngine) -> None:
    engine.answer = lambda request: (
        messages.Failed(id=request.id, what="No memory [/red].")
        if isinstance(request, messages.Probe)
        else engine.usual(request)
    )
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await see(pilot, "not measured: No memory [/red].")


async def test_it_warns_where_a_logout_would_end_the_run(lab: LookbothApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logind, "warning", lambda: "This system ends your processes when you log out.")
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await see(pilot, "This system ends your processes when you log out.")


async def test_the_form_says_why_it_cannot_start(lab: LookbothApp, started: Asked) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        found = await form(pilot)
        for field, value, why in (
            ("texts", "/no/such [bold]\x1b", "/no/such"),
            ("texts", "'half", "cannot be read. No closing quotation"),
            ("texts", "", "It reads"),
            ("budget", "many", "many is no amount"),
            ("budget", "5", "It reads"),
            ("seed", "x", "x is no whole number"),
        ):
            await put(pilot, field, value)
            await see(pilot, why)
            await until(pilot, lambda why=why: (found.plan is None) == (why != "It reads"))  # type: ignore[misc]
        await pilot.press("ctrl+s", "escape")
        await until(pilot, lambda: not isinstance(lab.screen, RunForm), "the form is gone")
        assert started.runs == []


async def test_a_name_that_cannot_name_a_folder_keeps_the_form_open(lab: LookbothApp, started: Asked) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await put(pilot, "name", "../up")
        await see(pilot, "../up cannot name a run", "It reads")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(lab.screen, RunForm)
        await put(pilot, "name", "up")
        await see(pilot, "It reads")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.runs, "it starts")


async def test_starting_at_once_waits_for_the_plan(lab: LookbothApp, started: Asked) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await form(pilot)
        await put(pilot, "budget", "9")
        await put(pilot, "seed", "3")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: started.runs, "it starts")
        assert started.runs[0][0].seed == 3


async def test_every_field_is_explained_in_one_line(lab: LookbothApp) -> None:
    assert all(len(about) <= 78 for about in ABOUT.values())
    async with lab.run_test(size=(80, 24)) as pilot:
        found = await form(pilot)
        await pilot.press("ctrl+o")
        for widget in found.query("RunFields Options, RunFields Input"):
            if widget.focusable:
                widget.focus()
                await see(pilot, ABOUT[str(widget.id)] or "tiny: to watch something happen in minutes on a laptop.")
