"""The Train pane: watching runs live, laying them over one another, finding them, and what it says of broken ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import msgspec
import pytest

from core import paths, runs
from core.runs import Run
from tests.tui.fakes import SIZES
from tests.tui.hosts import Host, see, shown, until
from tests.tui.made_runs import end, held_out, make, row, write
from tui.panes.train import TrainPane
from tui.runs import keeping
from tui.runs.detached import Started
from tui.widgets.run_list import RunList
from tui.widgets.run_view import RunView

pytestmark = pytest.mark.usefixtures("own_runs")


def running(name: str = "one", family: str = "gpt2", age: float = 60) -> Run:
    run = make(name, family=family, owner=runs.me(), age=age)
    write(run, [held_out(0, 8.4), *(row(step, 8.0 - step / 50) for step in range(1, 101))])
    return run


async def test_without_runs_it_says_what_to_press() -> None:
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "No runs yet. n starts one")
        await until(pilot, lambda: pilot.app.focused is not None, "something has the focus")


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_tells_the_state_of_every_run(size: tuple[int, int]) -> None:
    running("going")
    done = make("done", age=9 * 3600)
    end(done, "finished")
    os.utime(done.folder / "result.json", (0, time.time() - 7200))
    end(make("halted", age=7300), "stopped")
    end(make("broke", age=7400), "failed", "no room [/red]")
    make("dead", owner=msgspec.structs.replace(runs.me(), pid=2**22 - 3), age=7500)
    make("far", owner=msgspec.structs.replace(runs.me(), host="box7"), age=7600)
    (make("torn").folder / "run.json").write_text("{")
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "torn")
        lines = {line.split()[0]: line for line in reversed(shown(pilot.app).splitlines()) if line.strip()}
        states = {"going": "running", "done": "finished", "halted": "stopped", "broke": "failed", "dead": "died"}
        for name, state in (states | {"far": "elsewhere", "torn": "broken"}).items():
            assert state in lines[name], lines[name]
        for part in ("gpt2", "100/1000", "6.00", "10.2k"):
            assert part in lines["going"]
        assert "2 h ago" in lines["done"], "since its end"


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_is_followed_live(size: tuple[int, int]) -> None:
    run = running()
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "100/1000")
        await pilot.press("enter")
        await see(pilot, "step 100 of 1,000 (10 %)", "held out 8.400", "causal loss", "about 90 s left")
        assert any(0x2800 < ord(glyph) < 0x2900 for glyph in shown(pilot.app))
        with open(run.folder / "metrics.jsonl", "ab") as file:
            line = msgspec.json.encode(row(500, 4.321)) + b"\n"
            file.write(line[:30])
            file.flush()
            await pilot.pause(0.6)
            await until(pilot, lambda: "step 100 of" in shown(pilot.app))
            file.write(line[30:])
        await see(pilot, "step 500 of 1,000 (50 %)", "loss 4.321")
        end(run, "finished")
        await see(pilot, "finished ·")


@pytest.mark.parametrize("size", SIZES)
async def test_the_last_words_of_a_failed_run_are_shown_as_they_are(size: tuple[int, int]) -> None:
    run = running()
    end(run, "failed", "disk [bold]full[/red]")
    (run.folder / "console.log").write_text("at [MASK]\n\x1b[31mOSError: [Errno 28] [/]\x07 No space\n")
    async with Host(TrainPane()).run_test(size=size) as pilot:
        await see(pilot, "failed")
        await pilot.press("enter")
        await see(pilot, "disk [bold]full[/red]", "no checkpoint · w shows what its trainer printed")
        assert "at [MASK]" not in shown(pilot.app)
        await pilot.press("w")
        await see(pilot, "at [MASK]", "␛[31mOSError: [Errno 28] [/]␇ No space")
        await pilot.press("w")
        await until(pilot, lambda: "at [MASK]" not in shown(pilot.app))


async def test_why_a_run_failed_comes_first_and_whole() -> None:
    run = running()
    why = "The text of 12 tokens is shorter than one window of 128 tokens. " * 3 + "Choose a longer one."
    end(run, "failed", why)
    (run.folder / "console.log").write_text("".join(f"line {n} of it\n" for n in range(12)))
    async with Host(TrainPane()).run_test(size=(80, 24)) as pilot:
        await see(pilot, "failed")
        await pilot.press("enter")
        await see(pilot, "Choose a longer one.")
        text = " ".join(shown(pilot.app).split())
        assert why in text and text.index(why) < text.index("failed ·") and "line 0 of it" not in text
        await pilot.press("w")
        await see(pilot, *(f"line {n} of it" for n in range(12)))


async def test_nobody_reads_while_the_pane_is_hidden() -> None:
    running()
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "100/1000")
        looks: list[int] = []
        real = pane._survey.look
        pane._survey.look = lambda: (looks.append(1), real())[1]  # type: ignore[method-assign]
        pane.display = False
        await pilot.pause(0.3)
        looks.clear()
        await pilot.pause(1.2)
        assert looks == []
        pane.display = True
        await until(pilot, lambda: looks, "it looks again")


async def test_a_run_that_appears_or_vanishes_keeps_the_cursor_on_its_run() -> None:
    running("one")
    app = Host(TrainPane())
    async with app.run_test(size=(80, 24)) as pilot:
        await see(pilot, "one")
        make("newer", age=1)
        await see(pilot, "newer")
        assert app.query_one(RunList).chosen == "one"
        shutil.rmtree(paths.runs() / "one")
        await until(pilot, lambda: app.query_one(RunList).chosen == "newer", "the cursor goes on")


async def test_marked_runs_are_laid_over_the_run_under_the_cursor() -> None:
    for name, age in (("third", 90), ("second", 80), ("first", 70)):
        running(name, age=age)
    pane = TrainPane()
    async with Host(pane).run_test(size=(160, 48)) as pilot:
        await see(pilot, "third")
        view = pane.query_one(RunView)
        await pilot.press("space", "down", "space")
        await until(pilot, lambda: [one.now.id for one in view.state.others] == ["first"])
        assert view.seen and view.seen.now.id == "second"
        await pilot.press("down")
        await until(pilot, lambda: [one.now.id for one in view.state.others] == ["first", "second"])
        await until(pilot, lambda: "2 marked: laid over" in pane.status())
        shutil.rmtree(paths.runs() / "first")
        await until(pilot, lambda: [one.now.id for one in view.state.others] == ["second"], "a deleted run goes")


async def test_what_is_typed_is_looked_for_and_escape_shows_all_again() -> None:
    running("one")
    keeping.note(running("two", age=90), "the LSTM of Moby Dick")
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "one", "two")
        listed = pane.query_one(RunList)
        await pilot.press("slash", *"moby")
        await until(pilot, lambda: [run.id for run in listed.runs] == ["two"])
        await see(pilot, "moby")
        await pilot.press("enter")
        assert pilot.app.focused is listed and pane.chosen and pane.chosen.id == "two"
        await pilot.press("slash", *"xyz")
        await until(pilot, lambda: listed.runs == [] and pane.chosen is None)
        await see(pilot, "No run fits")
        await pilot.press("escape")
        await until(pilot, lambda: [run.id for run in listed.runs] == ["one", "two"])
        assert pilot.app.focused is listed
        await pilot.press("slash", *"two", "enter", "escape")
        await until(pilot, lambda: [run.id for run in listed.runs] == ["one", "two"], "also from the list")


async def test_in_a_low_window_list_and_run_are_two_views() -> None:
    running()
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "100/1000")
        listed, view = pane.query_one(RunList), pane.query_one(RunView)
        assert listed.display and not view.display
        for there, back in (("enter", "escape"), ("tab", "tab")):
            await pilot.press(there)
            assert view.display and not listed.display and pilot.app.focused is view
            await pilot.press(back)
            assert listed.display and not view.display and pilot.app.focused is listed
        await pilot.resize_terminal(160, 48)
        await until(pilot, lambda: listed.display and view.display, "both have room")
        await see(pilot, "step 100 of", "note or reason")


async def test_the_status_line_says_why_a_run_is_as_it_is() -> None:
    make("dead", owner=msgspec.structs.replace(runs.me(), started=1.0))  # the number of a process, used again
    running("alive", age=900)
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "died")
        assert pane.status() == "dead: died: its process is gone and left no word"
        await pilot.press("down")
        await until(pilot, lambda: pane.status() == "2 runs, 1 going on here")


async def test_copy_and_export_hold_every_row_and_the_picture() -> None:
    run = running()
    pane = TrainPane()
    async with Host(pane).run_test(size=(160, 48)) as pilot:
        await see(pilot, "step 100 of")
        assert "step 100 of 1,000" in pane.as_text()
        files = {suffix: "".join(pieces) for suffix, pieces in pane.as_files().items()}
        assert set(files) == {"csv", "json", "svg"}
        assert len(files["csv"].splitlines()) == 102
        assert len(msgspec.json.decode(files["json"])["metrics"]) == 101
        assert files["svg"].startswith("<svg") or files["svg"].startswith("<?xml")
        (run.folder / "run.json").write_text("{")
        await see(pilot, "broken")
        assert pane.as_files() == {}


async def test_a_run_that_nobody_can_find_any_more_is_no_accident() -> None:
    running()
    pane = TrainPane()
    async with Host(pane).run_test(size=(160, 48)) as pilot:
        await see(pilot, "step 100 of")
        shutil.rmtree(paths.runs())
        await see(pilot, "No runs yet")
        running("again")
        await see(pilot, "again")
        await until(pilot, lambda: pilot.app.focused is pane.query_one(RunList))


async def test_the_focus_outlives_the_last_run_that_was_looked_at_closely() -> None:
    run = running()
    pane = TrainPane()
    async with Host(pane).run_test(size=(80, 24)) as pilot:
        await see(pilot, "running")
        await pilot.press("enter")
        await see(pilot, "step 100 of")
        shutil.rmtree(run.folder)
        await see(pilot, "No runs yet")
        await until(pilot, lambda: pilot.app.focused is pane.nothing)
        assert not pane.check_action("find", ()) and not pane.check_action("switch", ())


async def test_a_trainer_whose_run_was_deleted_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    run, other, pane = make("one"), make("two"), TrainPane()
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    for each in (run, other):
        pane.trainers.keep(Started(each, process, 0.0))
    shutil.rmtree(run.folder)
    assert [said.split(".")[0] for said in pane.trainers.buried()] == ["The trainer of two ended"]
    assert pane.trainers.buried() == []
