"""The form that starts a run: what it says beforehand, what it refuses, what it starts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from core import paths, runs
from core.settings import FAMILIES, TrainSettings
from tests.tui.fakes import SIZES
from tests.tui.hosts import Host, see, shown, until
from tui.panes.train import TrainPane
from tui.runs import trainer
from tui.widgets.run_form import RunForm

pytestmark = pytest.mark.usefixtures("own_runs")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> list[tuple[TrainSettings, str]]:
    """Assets with a small tokenizer, and a trainer that is only noted down."""
    assets = tmp_path / "assets"
    shutil.copytree(paths.assets() / "passages", assets / "passages")
    for family in FAMILIES:
        shutil.copytree(own_folder, assets / "models" / family)
    monkeypatch.setattr(paths, "assets", lambda: assets)
    asked: list[tuple[TrainSettings, str]] = []

    def start(settings: TrainSettings, name: str = "") -> trainer.Started:
        asked.append((settings, name))
        process = subprocess.Popen([sys.executable, "-c", "raise SystemExit('no memory')"])
        process.wait()
        run = runs.create(settings, name)
        (run.folder / "console.log").write_text("no memory\n")
        return trainer.Started(run, process, 0.0)

    monkeypatch.setattr(trainer, "start", start)
    return asked


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_is_described_and_then_started(
    size: tuple[int, int], shipped: list[tuple[TrainSettings, str]]
) -> None:
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "No runs yet")
        await pilot.press("n")
        await see(pilot, "Start (ctrl+s)", "gpt2:", "parameters", "a guess")
        assert pilot.app.screen.query_one(RunForm.Box).region.height <= size[1]
        await pilot.press("left")  # from GPT-2 to BERT
        await see(pilot, "bert:", "steps are causal")
        await pilot.press("tab", "right", "tab", "tab", "tab")
        assert pilot.app.focused is pilot.app.screen.query_one("#budget")
        await pilot.press("backspace", *"300k", "tab", "right", "tab", "backspace", "7", "tab", *"diary-1")
        await see(pilot, "300k tokens")
        assert "causal:" not in shown(pilot.app)
        await pilot.press("ctrl+s")
        await see(pilot, "diary-1 · bert")
        settings, name = shipped[0]
        assert name == "diary-1"
        assert (settings.family, settings.tokens, settings.seed, settings.causal_start) == ("bert", 300_000, 7, 0.0)
        await until(pilot, lambda: pilot.app._notifications, "its end is told")
        assert "no memory" in next(iter(pilot.app._notifications)).message


async def test_the_form_says_why_it_cannot_start(shipped: list[Any], tmp_path: Path) -> None:
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await see(pilot, "It reads")
        form = pilot.app.screen
        assert isinstance(form, RunForm)
        for field, value, why in (
            ("texts", "/no/such [bold]\x1b", "/no/such cannot be trained on. There is no such file"),
            ("texts", "'half", "cannot be read. No closing quotation"),
            ("texts", "", "It reads"),
            ("budget", "many", "The budget is not a number"),
            ("budget", "5", "It reads"),
            ("seed", "x", "cannot be read"),
        ):
            form.query_one(f"#{field}", Input).value = value
            await see(pilot, why)
            assert (form.plan is None) == (why != "It reads")
        await pilot.press("ctrl+s", "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, RunForm), "the form is gone")
        assert shipped == []


async def test_a_name_that_cannot_name_a_folder_keeps_the_form_open(shipped: list[Any]) -> None:
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await see(pilot, "It reads")
        pilot.app.screen.query_one("#name", Input).value = "../up"
        await pilot.press("ctrl+s")
        await see(pilot, "../up cannot name a run")
        assert isinstance(pilot.app.screen, RunForm)
        pilot.app.screen.query_one("#name", Input).value = "up"
        await see(pilot, "It reads")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: shipped, "it starts")


async def test_starting_at_once_waits_for_the_plan(shipped: list[Any]) -> None:
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await see(pilot, "It reads")
        form = pilot.app.screen
        assert isinstance(form, RunForm)
        form.query_one("#budget", Input).value = "9"
        form.query_one("#seed", Input).value = "3"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: shipped, "it starts")
        assert shipped[0][0].seed == 3
