"""All runs at one look: their order, and that one that has ended is read once."""

from __future__ import annotations

import pytest

from core import runs
from tests.tui.made_runs import end, make, row, write
from tui.runs import survey
from tui.runs.survey import Survey
from tui.runs.watch import latest

pytestmark = pytest.mark.usefixtures("own_runs")


def test_the_newest_run_comes_first_and_broken_ones_last() -> None:
    for name, age in (("old", 900), ("new", 100), ("broken", 1)):
        make(name, age=age)
    (runs.find("broken").folder / "run.json").write_text("{")
    assert [run.id for run in Survey().look()] == ["new", "old", "broken"]


def test_a_run_that_has_ended_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, going = make("ended"), make("going", owner=runs.me())
    end(ended, "finished")
    read: list[str] = []
    monkeypatch.setattr(survey, "latest", lambda run: (read.append(run.id), latest(run))[1])
    everyone = Survey()
    for _ in range(3):
        assert {run.id for run in everyone.look()} == {"ended", "going"}
    assert read.count("ended") == 1
    assert read.count(going.id) == 3
    write(ended, [row(1, 2.0)])  # somebody resumed it
    everyone.look()
    assert read.count("ended") == 2


def test_no_folder_is_no_runs() -> None:
    assert Survey().look() == []
