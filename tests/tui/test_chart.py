"""The line chart: what is drawn where, and that no series can break it."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.widgets.chart import Chart
from tui.widgets.plot import Cell, Scale, Series, columns, decades, draw, ticks

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)
GUTTER = 7


def lines(rows: list[list[Cell]]) -> list[str]:
    return ["".join(cell.glyph for cell in row) for row in rows]


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0, 10, 5) == [0, 2, 4, 6, 8, 10]
    assert ticks(3.9, 8.3, 5) == [4, 5, 6, 7, 8]
    assert ticks(0.012, 0.031, 3) == [0.02, 0.03]


@given(NUMBERS, st.floats(1e-3, 1e12), st.integers(2, 12))
def test_ticks_never_crowd(low: float, length: float, most: int) -> None:
    high = low + length
    if high - low < 1e-9 * abs(high):
        return
    found = ticks(low, high, most)
    assert len(found) <= most + 1
    assert found == sorted(set(found))
    slack = 1e-6 * (high - low)
    assert all(low - slack <= value <= high + slack for value in found)


def test_decades_thin_out() -> None:
    assert decades(10, 1000, 20) == [10, 20, 50, 100, 200, 500, 1000]
    assert decades(10, 1000, 3) == [10, 100, 1000]


def test_points_on_one_column_become_their_mean() -> None:
    scale = Scale(0, 100, 10)
    assert columns([(0, 1), (1, 3), (50, 7), (52, 9)], scale) == [(0, 2), (5, 8)]


def test_a_rising_line_runs_from_the_lower_left_to_the_upper_right() -> None:
    rows = lines(draw([Series("a", [(0, 0), (10, 10)])], 27, 12))
    plot = [row[GUTTER:] for row in rows[:-2]]
    assert plot[-1][0] == "⣀" or ord(plot[-1][0]) & 0x40  # the lowest dot of the first column
    assert plot[0][-1] == "*"  # the end of the line carries the glyph of its series
    assert all(0x2800 <= ord(glyph) < 0x2900 or glyph in " *" for row in plot for glyph in row)
    heights = [max(at for at, row in enumerate(plot) if row[column] != " ") for column in range(len(plot[0]))]
    assert heights == sorted(heights, reverse=True)


def test_numbers_stand_at_their_ticks() -> None:
    rows = lines(draw([Series("a", [(0, 4), (1000, 8)])], 60, 14))
    four, eight = (next(at for at, row in enumerate(rows) if row.lstrip().startswith(f"{n} ┤")) for n in (4, 8))
    assert (four, eight) == (len(rows) - 3, 0)
    assert rows[-2][GUTTER] == "┴"
    assert rows[-1].split()[0] == "0"
    assert rows[-1].split()[-1] == "1000"


def test_single_points_stay_on_top_of_lines_and_lines_on_top_of_levels() -> None:
    cross = [
        Series("dots", [(5, 5)], "dots", "o"),
        Series("line", [(0, 0), (10, 10)]),
        Series("level", [(0, 5)], "level", "╌"),
    ]
    text = "\n".join(lines(draw(cross, 47, 14)))
    assert text.count("o") == 1
    middle = next(row for row in lines(draw(cross, 47, 14)) if "╌" in row)
    assert middle.count("╌") < 40
    assert "╌" in middle
    assert any(0x2800 <= ord(glyph) < 0x2900 for glyph in middle) or "o" in middle


def test_equal_ratios_are_equally_wide_on_a_logarithmic_axis() -> None:
    rows = draw([Series("a", [(1, 1), (10, 1), (100, 1), (1000, 1)], "dots", "o")], 67, 8, log_x=True)
    places = [at for row in lines(rows) for at, glyph in enumerate(row) if glyph == "o"]
    gaps = [right - left for left, right in pairwise(places)]
    assert len(places) == 4
    assert max(gaps) - min(gaps) <= 1


def test_what_is_not_a_number_is_left_out() -> None:
    series = [Series("a", [(1, math.nan), (2, math.inf), (3, 1), (4, 2)])]
    assert draw(series, 40, 10)
    assert draw([Series("a", [(1, math.nan)])], 40, 10)
    assert draw([Series("a", [(0, 1), (-3, 1)])], 40, 10, log_x=True)


def test_no_room_or_nothing_to_draw_is_an_empty_chart() -> None:
    assert draw([Series("a", [(0, 1)])], 10, 3) == []
    assert draw([Series("a", [])], 80, 20) == []


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=40),
    st.sampled_from(["line", "dots", "level"]),
    st.integers(1, 90),
    st.integers(1, 30),
    st.booleans(),
)
def test_any_series_fits_its_cells(
    points: list[tuple[float, float]], form: str, width: int, height: int, log: bool
) -> None:
    rows = draw([Series("a", sorted(points), form), Series("b", [(1, 2)])], width, height, log)  # type: ignore[arg-type]
    assert rows == [] or len(rows) == height
    for row in rows:
        assert len(row) == width
        assert all(cell_len(cell.glyph) == 1 for cell in row)


class ChartApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Chart("nats by step", "nothing yet", id="chart")


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (160, 48)])
async def test_the_widget_fills_its_place_and_names_its_series(size: tuple[int, int]) -> None:
    async with ChartApp().run_test(size=size) as pilot:
        chart = pilot.app.query_one(Chart)
        assert any("nothing yet" in chart.render_line(y).text for y in range(chart.size.height))
        chart.show([Series("loss", [(0, 8), (10, 4)]), Series("held\x1b[31m out", [(5, 6)], "dots", "o")])
        await pilot.pause()
        strips = [chart.render_line(y) for y in range(chart.size.height)]
        assert {strip.cell_length for strip in strips} == {size[0]}
        legend = strips[0].text
        assert "⠒* loss" in legend  # a sample of each line, so that colour is not needed
        assert "o held␛[31m" in legend[: size[0]]
        assert "\x1b" not in legend


async def test_the_x_axis_turns_logarithmic_and_says_so() -> None:
    async with ChartApp().run_test(size=(80, 24)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([Series("loss", [(x, 1.0) for x in range(1, 1001)])])
        before = chart.render_line(chart.size.height - 1).text
        assert chart.toggle_log()
        assert "(log)" in chart.render_line(0).text
        assert chart.render_line(chart.size.height - 1).text != before
