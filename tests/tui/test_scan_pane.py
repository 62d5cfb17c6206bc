"""Scan in the window: from Compare with its two models, a form, hits as they come, and back to Compare at the word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from core.messages import Compare, Failed, Scan, Scanning
from tests.scans import TEXT, hits
from tests.tui.fakes import HARMFUL, RAW, SIZES, FakeEngine
from tests.tui.hosts import see, shown, until
from tui.app import LookbothApp
from tui.commands import every
from tui.panes.compare import ComparePane
from tui.panes.scan import FIRST, HitList, ScanPane
from tui.results import hits as read
from tui.widgets.problem import Problem
from tui.widgets.scan_form import ScanForm
from tui.widgets.ticks import Ticks


async def open_form(lab: LookbothApp, pilot: Pilot[None]) -> ScanPane:
    await until(pilot, lambda: lab.status.phase == "ready" and lab.pane.comparison)
    await pilot.press("S")
    await until(pilot, lambda: isinstance(lab.screen, ScanForm) and lab.screen.query_one(Ticks).entries)
    pane = lab.pane
    assert isinstance(pane, ScanPane)
    return pane


async def finished(lab: LookbothApp, pilot: Pilot[None]) -> ScanPane:
    pane = await open_form(lab, pilot)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: pane.found is not None and pane.found.complete and lab.focused is pane.rest())
    return pane


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_asked_for_from_compare_and_a_hit_leads_back(
    ships: None, lab: LookbothApp, engine: FakeEngine, size: tuple[int, int]
) -> None:
    async with lab.run_test(size=size) as pilot:
        pane = await finished(lab, pilot)
        asked = engine.another().asked[-1]
        assert isinstance(asked, Scan) and replace(asked, id=0) == FIRST
        await see(pilot, "complete", "GPT-2 against BERT by bits", "Δ bits", "+12.0 ◂", "door.", "▸door.◂", "left out")
        assert pane.query_one("#below").outer_size.height == 8 < pane.query_one(HitList).size.height
        assert ("near the old door." in shown(lab).split("Δ bits")[1].split("+11.0")[0]) == (size[0] > 100)
        await pilot.press("down", "down")
        await see(pilot, "▸the◂", "passage 11")
        await pilot.press("enter")
        compare = lab.query_one(ComparePane)
        await until(pilot, lambda: lab.pane is compare and compare.comparison and compare.comparison.text == TEXT)
        assert pane.found is not None
        hit = pane.found.hits[2]
        assert compare.comparison is not None and compare.comparison.words[compare.cursor].start == hit.start
        last = [ask for ask in engine.asked if isinstance(ask, Compare)][-1]
        assert (last.text, last.pll, last.first_token) == (TEXT, "within_word_l2r", "bos")
        assert compare.names[:2] == ("bert", "gpt2") and compare.field.text == TEXT


async def test_models_that_compare_does_not_have_come_to_its_front(ships: None, lab: LookbothApp) -> None:
    async with lab.run_test(size=(160, 48)) as pilot:
        pane = await finished(lab, pilot)
        pane.take(hits(replace(FIRST, models=["gpt2", "other"])))
        compare = lab.query_one(ComparePane)
        compare.method, compare.first = "original", "skip"
        await pilot.press("enter")
        await until(pilot, lambda: compare.comparison and compare.comparison.text == TEXT and compare.live)
        await until(pilot, lambda: compare.names[:2] == ("gpt2", "other"))
        assert compare.models[:2] == ["gpt2", "other"] and (compare.method, compare.first) == ("within_word_l2r", "bos")


async def test_hits_come_while_it_works_and_stay_when_it_is_stopped(
    ships: None, lab: LookbothApp, engine: FakeEngine
) -> None:
    own = engine.another()
    own.hold = True
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_form(lab, pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: own.held and own.partial and pane.progress)
        await see(pilot, "30 %", "x stops", "Scanning: the first words stand here")
        assert own.partial is not None
        own.partial(Scanning(id=own.held[0][0].id, found=hits(FIRST, complete=False)))
        await see(pilot, "so far", "+12.0")
        await pilot.press("x")
        await see(pilot, "stopped · GPT-2", "n starts again", "+12.0")
        await until(pilot, lambda: own.cancelled)


async def test_what_is_chosen_is_asked_and_what_cannot_be_is_refused(ships: None, lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await open_form(lab, pilot)
        form = lab.screen
        assert isinstance(form, ScanForm) and form.query_one(Ticks).chosen == ["bert", "gpt2"]
        form.query_one(Ticks).focus()
        await pilot.press("space", "ctrl+s")
        await see(pilot, "exactly two models in, with space: 1 are")
        await pilot.press("down", "down", "space", "tab", "right")
        form.query_one("#limit", Input).value = "x"
        await pilot.press("ctrl+s")
        await see(pilot, "Limit is a whole number from 0 to 100,000")
        form.query_one("#limit", Input).value = "0"
        form.query_one("#text", Input).value = "/a.txt"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pane.found is not None)
        last = pane.asked
        assert (last.models, last.by, last.limit, last.path) == (["gpt2", "lstm"], "rank", 0, "/a.txt")


async def test_what_goes_wrong_is_said(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    engine.another().answer = lambda message: Failed(id=message.id, what="It broke.", hint="Mend it.")
    async with lab.run_test(size=(80, 24)) as pilot:
        await open_form(lab, pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(lab.screen, Problem))
        await pilot.press("escape")
        await see(pilot, "It broke. ! shows more")


async def test_hostile_text_is_only_text(ships: None, lab: LookbothApp) -> None:
    async with lab.run_test(size=(130, 30)) as pilot:
        pane = await finished(lab, pilot)
        pane.take(hits(FIRST, text=" ".join(HARMFUL)))
        await see(pilot, "[MASK]")
        assert not RAW.search(shown(lab))


async def test_it_is_exported_and_every_action_has_a_key(ships: None, lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        pane = await finished(lab, pilot)
        assert {"scan.new", "scan.stop", "scan.look", "scan.leave"} <= {one.binding.id for one in every(lab)}
        files = pane.as_files()
        assert json.loads(str(files["json"]))["hits"][0]["value"] == 12.0 and "where" in pane.as_text()
        rows = str(files["csv"]).splitlines()
        assert rows[0].startswith("bits,word,source,passage,start,end,bert.surprisal_bits") and len(rows) == 14
        assert rows[1].startswith("12.0,door.,,12,55,60,3.0,4,")


def test_a_line_fits_and_the_word_stands_in_one_column() -> None:
    found = hits(FIRST)
    assert all(len(read.row(found, hit, 78)) <= 78 for hit in found.hits) and len(read.head(found, 78)) <= 78
    wide = [read.row(found, hit, 158) for hit in found.hits]
    assert all(len(line) <= 158 for line in wide)
    once = [(hit, line) for hit, line in zip(found.hits, wide, strict=True) if TEXT.count(read.word(hit)) == 1]
    assert len({line.index(read.word(hit), 80) for hit, line in once}) == 1 and len(once) > 5
    assert read.amount("bits", -2.0) == "-2.0 ▸" and read.amount("overlap", 0.25) == "0.25"


def test_a_folder_is_named_by_its_last_part() -> None:
    assert read.summary(hits(replace(FIRST, path=str(Path("/a/b.txt"))))).split(" · ")[2] == "b.txt"
