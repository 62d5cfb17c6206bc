"""Bars, heat and knobs of an experiment as lines of text."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.claims.plan import Calculation, Knob
from core.errors import UserError
from core.messages import Chart, Line
from tests.tui.findings import finding
from tests.tui.notes_lab import PLAN, heat
from tui.text import cells
from tui.widgets import calculation
from tui.widgets import experiment_bars as bars
from tui.widgets import experiment_form as form
from tui.widgets import experiment_words as words
from tui.widgets import heat as heats
from tui.widgets.experiment_chart import laid
from tui.widgets.heat import Place

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


def test_a_finding_of_other_knobs_says_so() -> None:
    found = finding("C2", knobs={"width": 512.0, "control": "none"}, seed=1)
    assert not words.stale(found, {}) and not words.stale(found, {"width": 512.0, "seed": 1})
    assert "This is for width 512, seed 1." in words.stale(found, {"width": 576.0, "seed": 2, "control": "none"}).plain
    assert "control none" in words.stale(found, {"control": "untrained"}).plain


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


def test_heat_that_is_too_wide_follows_its_cursor() -> None:
    wide = Chart(title="", kind="heat", cells=[[0.0] * 99 + [1.0]], row_ticks=["row"])
    assert "◆" not in text([*heats.drawn(wide, 40)])[0]
    line = text([*heats.drawn(wide, 40, Place(0, 99))])[0]
    assert line.startswith("▸row ") and line.endswith("◆")
    where = heats.frame(wide, 40, Place(0, 99))
    assert where.cell(len(line) - 1, 0) == Place(0, 99) and heats.value(wide, where.cell(0, 0)) == ""


def test_a_cell_says_its_row_its_column_and_its_value() -> None:
    assert heats.said(heat(), Place(1, 0)) == "row 2 “y” · column 1 “a”: 0.1"
    assert heats.said(heat(), Place(0, 1)).endswith("not measured")
    assert heats.said(heat(), Place(2, 0)) == heats.said(heat(), Place(0, -1)) == ""


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


FACTORS = Knob("steps", "training steps", 9800, 9800, low=1, high=1e8, log=True)


def test_a_knob_of_many_powers_of_ten_turns_by_shares_of_its_value() -> None:
    up = [form.stepped(FACTORS, 9800, by) for by in (1, 2, 3, 1000)]
    assert up == [9900, 10_000, 11_000, 1e8]
    assert [form.stepped(FACTORS, 11_000, -by) for by in (1, 2, 1000)] == [10_000, 9900, 1]
    assert form.stepped(FACTORS, 1, 1) == 2


def test_a_typed_value_lands_on_a_step_and_within_bounds() -> None:
    number, word = PLAN.knobs
    assert form.typed(number, " 23 ") == 25 and form.typed(FACTORS, "1,000,000") == 1e6 == form.typed(FACTORS, "1e6")
    assert form.typed(word, "shuffled") == "shuffled"
    for knob, wrong in ((number, "501"), (number, "nan"), (number, "many"), (number, ""), (word, "other")):
        with pytest.raises(UserError):
            form.typed(knob, wrong)


@given(st.integers(0, form.TRACK - 1))
def test_a_slider_stands_where_it_was_put(column: int) -> None:
    for knob in (PLAN.knobs[0], FACTORS):
        value = form.slid(knob, column)
        plan = dataclasses.replace(PLAN, knobs=(knob,))
        line = text([*form.lines(plan, {knob.name: value}, None)])[0]
        assert line.index("●") == form.columns(plan, {knob.name: value}).slider + column


def test_a_calculation_is_exact_where_there_is_room() -> None:
    sums = Calculation(("weights", "FLOP"), {"LSTM": (2_101_248.0, 3e19), "both equal": (0.5, 1.0)}, [])
    _, head, first, second = text([*calculation.lines(sums, 60)])
    assert head.split() == ["weights", "FLOP"] and first.split() == ["LSTM", "2,101,248", "3.00e19"]
    assert second.split() == ["both", "equal", "0.500", "1"]
    narrow = text([*calculation.lines(sums, 26)])
    assert "2.1M" in narrow[2] and all(cells(line) <= 26 for line in narrow[1:])
