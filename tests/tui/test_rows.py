"""Rows read while somebody writes them."""

from __future__ import annotations

from core import runs
from tests.tui.made_runs import make, row, write
from tui.runs.rows import Lines, Row


def test_a_writer_that_is_faster_does_not_keep_the_reader() -> None:
    run = make("one", owner=runs.me())
    write(run, [row(1, 5.0), row(2, 4.0)])
    lines, seen = Lines(run.folder / "metrics.jsonl", Row), []
    for one in lines.new():
        seen.append(one.step)
        write(run, [row(len(seen) + 2, 3.0)])
        assert len(seen) < 10
    assert seen == [1, 2] and [one.step for one in lines.new()] == [3, 4]
