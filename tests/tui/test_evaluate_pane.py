"""Evaluate in the window: the list, the table that fills, the form, and what lies over one another."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core import sets
from core.messages import Cancelled, Evaluate, Failed
from tests.tui.evaluations import ASKED, PAIRS, TEXT, evaluation, keep
from tests.tui.fakes import HARMFUL, RAW, SIZES, FakeEngine
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.evaluations import archive
from tui.evaluations.archive import RESULT
from tui.panes.evaluate import EvaluatePane
from tui.widgets.evaluation_form import EvaluationForm
from tui.widgets.problem import Problem
from tui.widgets.sheet import Sheet
from tui.widgets.ticks import Ticks


@pytest.fixture
def known(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two known sets on this machine."""
    monkeypatch.setenv("LOOKBOTH_DATA", str(home))
    for name in ("wiki.valid", "blimp"):
        (path := home / sets.KNOWN[name][0]).parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return home


async def open_pane(lab: LookbothApp, pilot: Pilot[None]) -> EvaluatePane:
    await until(pilot, lambda: lab.status.phase == "ready")
    await pilot.press("E")
    await until(pilot, lambda: isinstance(lab.pane, EvaluatePane) and lab.focused is lab.pane.rest())
    pane = lab.pane
    assert isinstance(pane, EvaluatePane)
    return pane


async def read(pilot: Pilot[None], pane: EvaluatePane, count: int) -> None:
    """Wait until `count` evaluations are listed."""
    await until(pilot, lambda: len(pane.list.kept) == count and pane.list.option_count == count)
    await until(pilot, lambda: pane.list.has_focus)


@pytest.mark.parametrize("size", SIZES)
async def test_an_earlier_evaluation_opens_as_a_table(lab: LookbothApp, size: tuple[int, int]) -> None:
    keep("earlier", evaluation())
    async with lab.run_test(size=size) as pilot:
        pane = await open_pane(lab, pilot)
        await read(pilot, pane, 1)
        await see(pilot, "earlier", "complete", "wiki.valid, blimp, factbook: ", "accuracy %")
        text = shown(lab)
        assert ("72.0 (70.5–73.5)*" if size[0] > 100 else "72.0 ±1.5*") in text
        assert all(head in text for head in ("BERT", "GPT-2", "LSTM", "unigram")) and "1 evaluation" in text
        assert ("blimp: BERT PLL-word-l2r" in text) == (size[1] > 30)
        await pilot.press("tab", "down", "down", "down", "j")
        await until(pilot, lambda: pane.table.chosen and pane.table.chosen[0].label == "accuracy %")
        await see(pilot, "blimp · BERT · accuracy % · 66.0 (64.4–67.6) of 3,350 · PLL-word-l2r")
        await pilot.press("right", "enter")
        await until(pilot, lambda: isinstance(lab.screen, Sheet))
        await see(pilot, "log-likelihood, 12 s, seed 1", "adjunct_island", "90.0 (78.6–95.7)")


async def test_it_leads_back_to_the_pane_before(lab: LookbothApp) -> None:
    keep("earlier", evaluation())
    async with lab.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: lab.pane.id == "train")
        pane = await open_pane(lab, pilot)
        await read(pilot, pane, 1)
        await pilot.press("enter")
        await until(pilot, lambda: pane.table.has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: pane.list.has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: lab.pane.id == "train")
        await pilot.press("f6")
        await until(pilot, lambda: lab.pane is pane)


async def test_sets_and_models_are_chosen_and_asked_of_an_engine_of_its_own(
    lab: LookbothApp, engine: FakeEngine, known: Path
) -> None:
    own = engine.another()
    own.hold = True
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_pane(lab, pilot)
        await see(pilot, "Nothing was evaluated yet. n chooses")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(lab.screen, EvaluationForm))
        form = lab.screen
        await until(pilot, lambda: form.query_one("#sets", Ticks).chosen == ["wiki.valid"])
        assert form.query_one("#sets", Ticks).entries.keys() == {"wiki.valid", "blimp"}
        await until(pilot, lambda: form.query_one("#models", Ticks).chosen == ["bert", "gpt2", "lstm"])
        await pilot.press("down", "space", "tab", "tab", "down", "space", "tab", "right", "tab", "end", "0", "ctrl+s")
        await until(pilot, lambda: own.held)
        [request] = [one for one in own.asked if isinstance(one, Evaluate)]
        asked = (request.models, request.sets, request.everything, request.seed)
        assert asked == (["bert", "lstm"], ["wiki.valid", "blimp"], True, 10)
        assert Path(request.folder).parent == archive.home() and pane.working == Path(request.folder).name
        await see(pilot, "evaluating, 30 %: bert: scoring · x stops", "working", "Nothing is measured yet.")
        assert not any(isinstance(one, Evaluate) for one in engine.asked)
        # parts that are done show while the engine goes on
        part = evaluation({"bert": 0.66}, (TEXT,), complete=False)
        (Path(request.folder) / RESULT).write_bytes(msgspec.json.encode(part))
        await see(pilot, "3.210")
        (Path(request.folder) / RESULT).write_bytes(msgspec.json.encode(evaluation()))
        own.release()
        await until(pilot, lambda: not pane.working)
        await see(pilot, "complete", "66.0 ±1.6")
        await until(pilot, lambda: own.phase == "off")


async def test_x_stops_and_r_goes_on_in_the_same_folder(lab: LookbothApp, engine: FakeEngine) -> None:
    keep("mine", evaluation(complete=False))
    own = engine.another()
    own.hold = True
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_pane(lab, pilot)
        await read(pilot, pane, 1)
        await see(pilot, "unfinished")
        for turn in (1, 2):
            await pilot.press("r")
            await until(pilot, lambda turn=turn: len(own.held) == turn)
            request = own.held[-1][0]
            assert isinstance(request, Evaluate) and Path(request.folder) == archive.home() / "mine"
            assert request.models == ASKED.models and request.sets == ASKED.sets
            await pilot.press("escape", "r", "n")  # neither leaves it, nor begins a second one
            await pilot.press("E")
            assert pane.working == "mine" and len(own.held) == turn
            await pilot.press("x")
            await until(pilot, lambda request=request: request.id in own.cancelled)
            await see(pilot, "stopped mine · r goes on")


async def test_a_failure_is_said_and_what_is_done_stays(lab: LookbothApp, engine: FakeEngine) -> None:
    keep("mine", evaluation(complete=False))
    own = engine.another()
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_pane(lab, pilot)
        await read(pilot, pane, 1)
        own.answer = lambda ask: Failed(id=ask.id, what="The disk is full.")
        await pilot.press("r")
        await until(pilot, lambda: isinstance(lab.screen, Problem))
        await pilot.press("escape")
        await see(pilot, "mine: The disk is full. ! shows more", "66.0 ±1.6")
        own.answer = lambda ask: Cancelled(id=ask.id)
        await pilot.press("r")
        await see(pilot, "mine was cancelled · r goes on")


@pytest.mark.parametrize("size", SIZES)
async def test_marked_evaluations_lie_over_one_another(lab: LookbothApp, size: tuple[int, int]) -> None:
    keep("first", evaluation({"bert": 0.6}, (PAIRS,)))
    keep("second", evaluation({"gpt2": 0.7}, (PAIRS,)))
    async with lab.run_test(size=size) as pilot:
        pane = await open_pane(lab, pilot)
        await read(pilot, pane, 2)
        await pilot.press("space", "down")
        await until(pilot, lambda: len(pane.evaluations) == 2)
        await see(pilot, "BERT", "GPT-2", "60.0", "70.0", "●", "1 marked")
        heads = [column.head for column in pane.table.laid.columns]
        assert sorted(head[-1] for head in heads) == ["a", "b"]
        assert list(json.loads(pane.as_files()["json"])["evaluations"]) == list(pane.evaluations)
        await pilot.press("up", "space")
        await until(pilot, lambda: len(pane.evaluations) == 1)


async def test_it_can_be_copied_and_exported(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_pane(lab, pilot)
        assert pane.as_text() == "" and pane.as_files() == {}
        keep("earlier", evaluation())
        await read(pilot, pane, 1)
        await until(pilot, lambda: pane.evaluations)
        await pilot.press("y")
        await until(pilot, lambda: "66.0 (64.4–67.6)" in lab.clipboard)
        await pilot.press("e")
        folder = archive.paths.exports()
        await until(pilot, lambda: len(list(folder.glob("evaluate-*.*"))) == 2)
        assert {path.suffix for path in folder.iterdir()} == {".csv", ".json"}


async def test_a_file_is_added_by_its_path(
    lab: LookbothApp, engine: FakeEngine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKBOTH_DATA", str(home))
    (home / "pairs.jsonl").write_text("{}\n")
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_pane(lab, pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(lab.screen, EvaluationForm))
        form = lab.screen
        await until(pilot, lambda: form.query_one("#models", Ticks).entries)
        await pilot.press("ctrl+s")
        await see(pilot, "at least one set and one model")
        await pilot.press("slash", *"nowhere", "enter")
        await see(pilot, "There is no set nowhere")
        form.query_one("#path", Input).value = str(home)
        await pilot.press("enter")
        await see(pilot, "That is a folder: name a file.")
        form.query_one("#path", Input).value = str(home / "pairs.jsonl")
        await pilot.press("enter")
        await until(pilot, lambda: form.query_one("#sets", Ticks).chosen == [str((home / "pairs.jsonl").resolve())])
        await pilot.press("question_mark")
        await see(pilot, "Help: New evaluation", "Choose what is under the cursor")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not isinstance(lab.screen, EvaluationForm))
        assert not engine.another().asked


async def test_a_damaged_one_says_what_is_wrong_with_it(lab: LookbothApp) -> None:
    (keep("broken", evaluation()) / RESULT).write_text("{")
    async with lab.run_test(size=(160, 48)) as pilot:
        pane = await open_pane(lab, pilot)
        await read(pilot, pane, 1)
        await see(pilot, "damaged", "is no evaluation")


@pytest.mark.parametrize("size", SIZES)
async def test_harmful_names_are_harmless(lab: LookbothApp, size: tuple[int, int]) -> None:
    for number in range(0, len(HARMFUL), 5):
        some = HARMFUL[number : number + 5]
        [outcome] = evaluation({"bert": 0.6}, (PAIRS,)).outcomes
        keep(f"h{number}", msgspec.structs.replace(
            evaluation({some[0]: 0.6, some[-1]: 0.6}, ()), notes=some,
            sets=[msgspec.structs.replace(PAIRS, name=name) for name in some],
            outcomes=[msgspec.structs.replace(outcome, model=some[0], set=name, method=name) for name in some],
        ))  # fmt: skip
    async with lab.run_test(size=size) as pilot:
        pane = await open_pane(lab, pilot)
        await read(pilot, pane, 3)
        for kept in list(pane.list.kept):
            pane.list.choose(kept.name)
            await until(pilot, lambda kept=kept: list(pane.evaluations) == [kept.name] and pane.table.chosen)
            assert not RAW.search(shown(lab))
            await pilot.press("enter", "down", "enter")
            await until(pilot, lambda: isinstance(lab.screen, Sheet))
            assert not RAW.search(shown(lab)) and "66.0" not in shown(lab) and "60.0 (" in shown(lab)
            await pilot.press("escape", "escape")
            await until(pilot, lambda: pane.list.has_focus)
