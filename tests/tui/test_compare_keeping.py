"""Compare in the window: saved under a name, opened again, laid beside what was saved; exported as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.screen import ModalScreen

from core.messages import Failed
from tests.tui.fakes import SIZES, FakeEngine, comparison
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.results import comparisons
from tui.widgets.problem import Problem


@pytest.mark.parametrize("size", SIZES)
async def test_a_comparison_is_saved_and_opens_again(
    ships: None, lab: LookbothApp, engine: FakeEngine, home: Path, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        await see(pilot, "live result")
        await pilot.press("w")
        await see(pilot, "Save this comparison", "the-keys-to-the")
        await pilot.press(*"keys", "enter")  # the name that is proposed is selected
        path = home / "data" / "comparisons" / "keys.json"
        await until(pilot, path.exists)
        lab.pane.take("other text")
        lab.pane.compare()
        await until(pilot, lambda: lab.pane.comparison.text == "other text")
        await pilot.press("ctrl+o")
        await see(pilot, "Saved comparisons", "keys")
        await pilot.press("enter")
        await see(pilot, "saved as keys", "The keys to the cabinet")
        assert lab.pane.comparison == comparison() and lab.pane.field.text == comparison().text


async def test_a_name_that_is_taken_is_refused_where_it_is_typed(ships: None, lab: LookbothApp) -> None:
    comparisons.save(comparison(), "keys")
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        await pilot.press("w", "ctrl+u", *"keys", "enter")
        await see(pilot, "There is a comparison keys already")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(lab.screen, ModalScreen))


async def test_what_changed_since_a_saved_one_is_listed(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    comparisons.save(comparison(models=["bert"]), "then")
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        await pilot.press("D")
        await see(pilot, "What changed since", "then")
        await pilot.press("enter")
        await see(
            pilot, "Against what was saved as then", "GPT-2 is in the new one only.", "All 14 numbers are the same."
        )


async def test_a_file_by_its_path_and_one_that_is_none(ships: None, lab: LookbothApp, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        await pilot.press("ctrl+o")
        await see(pilot, "Nothing was saved yet")
        await pilot.press("slash")
        lab.screen.query_one("Input").value = str(tmp_path / "bad.json")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await see(pilot, "holds no comparison")
        await pilot.press("escape")
        assert lab.pane.comparison == comparison()


async def test_a_disk_that_cannot_be_written_is_said(
    ships: None, lab: LookbothApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "data").mkdir()
    (home / "data" / "comparisons").write_text("a file in the way")
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        await pilot.press("w", "enter")
        # The path is that of the test run, so the sentence may be broken anywhere.
        await until(pilot, lambda: isinstance(lab.screen, Problem) and "cannot" in shown(lab))


async def test_a_failed_rescoring_is_said(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        engine.answer = lambda ask: Failed(id=ask.id, what="The text is too long.", hint="Take one sentence.")
        await pilot.press("a", "enter")
        await until(pilot, lambda: isinstance(lab.screen, Problem) and "Take one sentence" in shown(lab))


async def test_everything_is_exported(ships: None, lab: LookbothApp, home: Path) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await see(pilot, "live result")
        await pilot.press("e")
        folder = home / "data" / "exports"
        await until(pilot, lambda: len(list(folder.glob("compare-*"))) == 3)
        assert {path.suffix for path in folder.iterdir()} == {".json", ".csv", ".svg"}


async def test_a_changed_text_is_said_to_be_unanswered(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "live result" in shown(lab))
        await pilot.press("i", "end", "!")
        await until(pilot, lambda: "the text changed: enter compares" in shown(lab))
        await pilot.press("shift+enter", "x")
        assert lab.pane.field.text.endswith("!\nx")
        engine.hold = True
        await pilot.press("enter")
        await until(pilot, lambda: "still the text before" in shown(lab))
