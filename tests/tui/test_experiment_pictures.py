"""Bars, heat and knobs of an experiment as lines of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messages import Chart, Line
from tests.tui.findings import finding
from tests.tui.notes_lab import PLAN, heat
from tui.text import cells
from tui.widgets import experiment_bars as bars
from tui.widgets import experiment_form as form
from tui.widgets import heat as heats
from tui.widgets.experiment_chart import laid

LINES, BARS, _ = finding().charts


def text(contents: list[object]) -> list[str]:
    return [getattr(content, "plain") for content in contents]  # noqa: B009


def test_bars_start_at_a_common_zero_and_say_their_values() -> None:
    up, down = text([*bars.drawn(BARS, 60)])
    assert up.startswith(" information ") and up.endswith(" 0.15") and down.endswith(" -0.05")
    zero = up.index("█")
    assert down.rindex("█") == zero - 1
    assert up.count("█") > 2 * down.count("█") > 0


def test_bars_of_another_finding_stand_beside_and_intervals_are_said() -> None:
    line = Line(name="", x=[0], y=[2.0], low=[1.5], high=[2.5])
    lines = text([*bars.drawn(Chart(title="t", kind="bars", lines=[line], ticks=["a"]), 60, BARS)])
    assert lines[0].startswith(" a here:") and "2 (1.5 to 2.5)" in lines[0]
    assert any("shipped: bert" in one for one in lines)


value = st.one_of(st.none(), st.floats(-1e9, 1e9))


@given(st.lists(value, max_size=5), st.integers(20, 120), st.booleans())
def test_bars_never_break_nor_run_over(values: list[float | None], width: int, log: bool) -> None:
    line = Line(name="[/red]" * 3, x=[*map(float, range(len(values)))], y=values)
    for drawn in text([*bars.drawn(Chart(title="", kind="bars", lines=[line], log_y=log), width)]):
        assert cells(drawn) <= max(width, 60)


def test_heat_is_read_without_colour() -> None:
    first, second, *rest = text([*heats.drawn(heat(), 60)])
    assert first == " x     ····" and second == " y ░░░░████"
    assert rest[0].split() == ["a", "b"] and "blank 0" in rest[1] and "█ to 1" in rest[1]


def test_heat_that_is_too_wide_says_what_is_missing() -> None:
    wide = Chart(title="", kind="heat", cells=[[1.0] * 100, [-1.0] * 100], row_ticks=["row"] * 2)
    lines = text([*heats.drawn(wide, 40)])
    assert all(cells(line) <= 40 for line in lines)
    assert "65 columns more" in " ".join(lines).replace("  ", " ")
    assert heats.drawn(Chart(title="", kind="heat"), 40) == []


@given(st.lists(st.lists(value, min_size=3, max_size=3), max_size=4), st.booleans())
def test_heat_never_breaks(rows: list[list[float | None]], log: bool) -> None:
    for line in text([*heats.drawn(Chart(title="", kind="heat", cells=rows, log_y=log), 30)]):
        assert cells(line) <= 30


def test_a_shipped_line_has_another_mark_and_another_name() -> None:
    alone, both = laid(LINES, None), laid(LINES, LINES)
    assert [one.label for one in both.series[len(alone.series) :]] == ["shipped: bert", "shipped: gpt2"]
    assert len({one.glyph for one in both.series if one.named}) == 4


def test_knobs_turn_by_their_steps_within_their_bounds() -> None:
    number, word = PLAN.knobs
    assert [form.stepped(number, 20, by) for by in (1, -1, -10, 1000)] == [25, 15, 5, 500]
    assert form.stepped(word, "none", 1) == "shuffled" == form.stepped(word, "none", -1)
    lines = text([*form.lines(PLAN, {"windows": 25.0}, 1)])
    assert lines[0].startswith(" *windows") and "‹  25  ›" in lines[0] and "●" in lines[0]
    assert lines[1].startswith("▸ control") and "what must turn the verdict: none, shuffled" in lines[-1]


@pytest.mark.parametrize("cursor", [None, 0, 2])
def test_the_knob_under_the_cursor_is_explained(cursor: int | None) -> None:
    said = text([*form.lines(PLAN, {}, cursor)])[-1]
    assert {None: "tab comes here", 0: "quick 20, thorough 200", 2: "Another seed"}[cursor] in said
