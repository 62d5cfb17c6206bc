"""The list of runs: what it says of each, marks, the cursor, and hundreds of runs."""

from __future__ import annotations

import time
from dataclasses import replace

import msgspec
import pytest
from textual.app import App, ComposeResult

from core import runs
from core.runs import About, Outcome
from tests.tui.hosts import see, shown, until
from tests.tui.made_runs import settings
from tui.runs.now import Now
from tui.runs.survey import fits, why
from tui.text import cells as width_of
from tui.text import shorten_name
from tui.widgets.run_columns import COLUMNS, MARK, cells, columns, heading, line
from tui.widgets.run_list import MOST_MARKED, RunList

FILE = runs.RunFile(id="one", settings=settings(), created=0.0, steps=26_500, parameters=402_112)
RUN = Now(
    id="one", state="running", file=FILE, outcome=None, step=12_345, tokens=5, loss=3.14159, held_out=3.5,
    speed=10_240.0, pace=0.1,
)  # fmt: skip


def numbered(count: int) -> list[Now]:
    return [replace(RUN, id=f"run-{number:03}") for number in range(count)]


class Host(App[None]):
    """The list alone."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield RunList(id="runs")

    def on_run_list_opened(self) -> None:
        self.heard.append("opened")

    def on_run_list_moved(self) -> None:
        self.heard.append("moved")

    def on_run_list_full(self) -> None:
        self.heard.append("full")


# --- one line ----------------------------------------------------------------------------------------------------


def test_eighty_columns_are_enough() -> None:
    assert sum(COLUMNS.values()) + len(COLUMNS) - 1 <= 79
    for width in (60, 79, 80, 143, 144, 160, 240):
        assert columns(width)["run"] == (30 if width >= 144 else 18)
        assert width_of(heading(width)) == width_of(line(RUN, width, True)) <= max(79, width)
    assert width_of(line(RUN, 160, False)) == 160


def test_a_running_run_says_how_far_how_good_how_fast_and_how_long() -> None:
    said = line(RUN, 80, False)
    for part in ("one", "running", "gpt2", "12.3k/26.5k", "3.14", "3.50", "10.2k", "24 min left"):
        assert part in said
    ended = line(replace(RUN, state="finished", ended=time.time() - 120), 80, True)
    assert ended.startswith(MARK) and "10.2k" not in ended and "left" not in ended and "2 min ago" in ended
    begun = msgspec.structs.replace(FILE, created=time.time() - 7200)
    assert "begun 2 h" in line(replace(RUN, file=begun, pace=None, speed=None), 80, False)
    assert "made 2 h" in line(replace(RUN, file=begun, state="waiting"), 80, False)


def test_names_that_begin_alike_are_told_apart() -> None:
    names = [f"2026-11-24_101812_trio-{what}" for what in ("bert-1", "bert-2", "gpt2-1")]
    for width in (80, 160):
        said = [line(replace(RUN, id=name), width, False) for name in names]
        assert all(name[-12:] in one for name, one in zip(names, said, strict=True))
    assert shorten_name("wikitext-gpt2-small-seed-1", 18) == "wikit…small-seed-1"
    assert width_of(shorten_name("中文" * 20 + "a", 10)) <= 10 and shorten_name("abc", 3) == "abc"


def test_the_documentation_is_called_what_it_is() -> None:
    file = msgspec.structs.replace(FILE, settings=msgspec.structs.replace(
        FILE.settings, texts=["/home/texts/python-3.11.7.txt", "/mine/python-3.11.7.txt"]))  # fmt: skip
    assert cells(replace(RUN, file=file))["text"] == "Python documentation, python-3.11.7.txt"


def test_the_name_and_note_that_a_person_gave_are_shown_as_they_are() -> None:
    run = replace(RUN, about=About(name="[b]\x1b[31m", note="中文 [MASK]\nnext"))
    assert "[b]␛[31m" in line(run, 80, False)
    assert "中文 [MASK]␊next" in line(run, 160, False)
    assert width_of(line(replace(run, about=About(name="中文" * 30)), 80, False)) == width_of(line(RUN, 80, False))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "failed", "outcome": Outcome(status="failed", step=1, tokens=1, seconds=1.0, error="no room\nx")},
         "no room"),
        ({"state": "died"}, "its process is gone"),
        ({"state": "waiting"}, "others of its trio"),
        ({"state": "broken", "problem": "torn", "file": None}, "torn"),
        ({"state": "elsewhere", "file": msgspec.structs.replace(FILE, owner=msgspec.structs.replace(
            runs.me(), host="box7"))}, "on box7"),
        ({"state": "stopped"}, ""),
    ],
)  # fmt: skip
def test_a_state_that_needs_a_reason_has_one(change: dict[str, object], reason: str) -> None:
    run = replace(RUN, **change)
    assert why(run).startswith(reason) and bool(why(run)) == bool(reason)
    assert reason in line(run, 160, False)


def test_words_are_looked_for_in_everything_that_a_person_may_remember() -> None:
    file = msgspec.structs.replace(FILE, trio="trio-7")
    run = replace(RUN, file=file, about=About(name="My Moby", note="with dropout"))
    for words in ("one", "moby", "dropout", "gpt", "diary", "running", "trio-7", "diary moby"):
        assert fits(run, words.split()), words
    assert fits(run, []) and not fits(run, ["moby", "lstm"])


# --- the widget --------------------------------------------------------------------------------------------------


async def test_hundreds_of_runs_are_listed_and_walked_through() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        listed = app.query_one(RunList)
        listed.fill(numbered(300))
        listed.focus()
        await see(pilot, "run-000", "run-022")
        assert "run-023" not in shown(app)
        await pilot.press("end")
        await see(pilot, "run-299")
        assert listed.chosen == "run-299" and "held" in shown(app).splitlines()[0]
        await pilot.press("k", "up", "pageup")
        assert listed.chosen == "run-275"
        await pilot.press("home", "j", "down")
        assert listed.chosen == "run-002"
        await see(pilot, "run-000")
        await pilot.press("G")
        await see(pilot, "run-299")
        await pilot.press("g")
        await see(pilot, "run-000")


async def test_the_cursor_stays_on_its_run_whatever_comes_or_goes() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        listed, three = app.query_one(RunList), numbered(3)
        listed.fill(three)
        listed.choose("run-001")
        listed.fill([replace(RUN, id="new"), *three])
        assert listed.chosen == "run-001"
        listed.fill([three[0], three[2]])
        assert listed.chosen == "run-002", "the next one takes its place"
        listed.fill([])
        assert listed.chosen == ""
        listed.focus()
        await pilot.press("enter", "space", "down")
        assert listed.marked == [] and "opened" not in app.heard


async def test_marks_are_seen_counted_and_taken_away() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        listed = app.query_one(RunList)
        listed.fill(numbered(20))
        listed.focus()
        await pilot.press("space", "down", "down", "space")
        assert listed.marked == ["run-000", "run-002"]
        await until(pilot, lambda: [row.split()[:2] for row in shown(app).splitlines() if row.strip()][1:4] == [
            [MARK, "run-000"], ["run-001", "running"], [MARK, "run-002"]])  # fmt: skip
        await pilot.press("space")
        assert listed.marked == ["run-000"]
        for _ in range(MOST_MARKED):
            await pilot.press("down", "space")
        assert len(listed.marked) == MOST_MARKED
        await until(pilot, lambda: "full" in app.heard)


async def test_the_mouse_goes_to_a_run_and_opens_it() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        listed = app.query_one(RunList)
        listed.fill(numbered(20))
        await pilot.click(RunList, offset=(4, 3))
        assert listed.chosen == "run-002" and "opened" not in app.heard
        await pilot.click(RunList, offset=(4, 3), times=2)
        await until(pilot, lambda: "opened" in app.heard)
        await pilot.click(RunList, offset=(4, 0))
        assert listed.chosen == "run-002"
