"""The line chart: what is drawn where, and that no series can break it."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.charts.axes import Scale
from tui.charts.plot import CURSOR, GUTTER, READ, Cell, columns, draw
from tui.charts.series import Frame, Panel, Series
from tui.widgets.chart import Chart

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


def lines(rows: list[list[Cell]]) -> list[str]:
    return ["".join(cell.glyph for cell in row) for row in rows]


# --- plot --------------------------------------------------------------------------------------------------------


def test_points_on_one_column_become_their_mean() -> None:
    scale = Scale(0, 100, 10)
    assert columns([(0, 1), (1, 3), (50, 7), (52, 9)], scale) == [[(0, 2), (5, 8)]]


def test_a_value_that_is_no_number_breaks_the_line() -> None:
    scale = Scale(0, 100, 10)
    assert columns([(0, 1), (10, math.nan), (20, math.nan), (30, 2)], scale) == [[(0, 1)], [(3, 2)]]
    assert columns([(0, math.nan)], scale) == []
    whole, torn = (
        lines(draw([Series("a", [(0, 1), (40, 1), (50, y), (60, 1), (100, 1)])], 67, 8)) for y in (1.0, math.nan)
    )
    assert "⠀" not in "".join(whole)
    row = next(at for at, line in enumerate(whole) if any(0x2800 < ord(glyph) < 0x2900 for glyph in line[GUTTER:]))
    assert " " not in whole[row][GUTTER:] and whole[row][GUTTER:].strip()
    assert " " in torn[row][GUTTER:].strip()


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
    assert any(0x2800 <= ord(glyph) < 0x2900 for glyph in middle) or "o" in middle


def test_several_lines_carry_their_letters_along_the_way() -> None:
    two = [
        Series(name, [(x, high + x / 9) for x in range(100)], "line", name, tone)
        for tone, (name, high) in enumerate((("A", 1.0), ("B", 20.0)))
    ]
    text = "\n".join(line[GUTTER:] for line in lines(draw(two, 107, 20)))
    assert text.count("A") >= 3 and text.count("B") >= 3
    assert "\n".join(lines(draw(two[:1], 107, 20))).count("A") == 1


def test_equal_ratios_are_equally_wide_on_a_logarithmic_axis() -> None:
    points = [(1, 1), (10, 10), (100, 100), (1000, 1000)]
    rows = lines(draw([Series("a", points, "dots", "o")], 67, 19, Frame(log_x=True, log_y=True)))
    places = sorted((at, high) for high, row in enumerate(rows) for at, glyph in enumerate(row) if glyph == "o")
    gaps = [(right[0] - left[0], left[1] - right[1]) for left, right in pairwise(places)]
    assert len(places) == 4
    for direction in zip(*gaps, strict=True):
        assert min(direction) > 0 and max(direction) - min(direction) <= 1


def test_the_cursor_marks_its_column_and_what_it_reads_there() -> None:
    rows = draw([Series("a", [(0, 1), (50, 1), (100, 2)])], 67, 10, Frame(cursor=50))
    marked = {at for row in rows[:-2] for at, cell in enumerate(row) if cell.series in (CURSOR, READ)}
    assert marked == {GUTTER + 30}
    assert sum(row[GUTTER + 30].series == READ for row in rows[:-2]) == 1


def test_a_window_shows_only_its_steps_at_their_own_scale() -> None:
    series = [Series("a", [(x, float(x)) for x in range(1001)])]
    rows = lines(draw(series, 67, 12, Frame(window=(400, 500))))
    assert rows[-1].split()[0] == "400" and rows[-1].split()[-1] == "500"
    assert float(rows[0].split("┤")[0].split("│")[0] or 500) >= 450


def test_what_is_not_a_number_is_left_out() -> None:
    series = [Series("a", [(1, math.nan), (2, math.inf), (3, 1), (4, 2)])]
    assert draw(series, 40, 10)
    assert draw([Series("a", [(1, math.nan)])], 40, 10)
    assert draw([Series("a", [(0, 1), (-3, 1)])], 40, 10, Frame(log_x=True))
    assert draw([Series("a", [(1, 0), (2, -1)])], 40, 10, Frame(log_y=True))


def test_no_room_or_nothing_to_draw_is_an_empty_chart() -> None:
    assert draw([Series("a", [(0, 1)])], 10, 3) == []
    assert draw([Series("a", [])], 80, 20) == []


@given(
    st.lists(st.tuples(NUMBERS, st.floats()), max_size=40),
    st.sampled_from(["line", "dots", "level", "raw"]),
    st.integers(1, 90),
    st.integers(1, 30),
    st.builds(
        Frame,
        st.booleans(),
        st.booleans(),
        st.just(0.0),
        st.none() | st.just((1.0, 500.0)),
        st.none() | st.floats(0, 99),
    ),
)
def test_any_series_fits_its_cells(
    points: list[tuple[float, float]], form: str, width: int, height: int, frame: Frame
) -> None:
    given = Series("a", sorted(points, key=lambda point: point[0]), form)  # type: ignore[arg-type]
    rows = draw([given, Series("b", [(1, 2)])], width, height, frame)
    assert rows == [] or len(rows) == height
    for row in rows:
        assert len(row) == width
        assert all(cell_len(cell.glyph) == 1 for cell in row)


# --- the widget --------------------------------------------------------------------------------------------------


class ChartApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.pointed: list[float] = []

    def compose(self) -> ComposeResult:
        yield Chart(id="chart")

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        self.pointed.append(event.step)


def panel(*series: Series, note: str = "") -> Panel:
    return Panel("causal", "nats by step", series, note)


async def test_long_reasons_and_legends_have_lines_of_their_own() -> None:
    async with ChartApp().run_test(size=(80, 24)) as pilot:
        chart = pilot.app.query_one(Chart)
        notes = ["not comparable: another text or tokenizer", "unmatched: two has 12 % more parameters"]
        several = [Series(f"a rather long name {n}", [(0, 8), (10, 4)], glyph="ABC"[n]) for n in range(3)]
        chart.show(panel(*several, note=" · ".join(notes)))
        await pilot.pause()
        text = [chart.render_line(y).text.strip() for y in range(chart.size.height)]
        assert all(any(note in one for one in text) for note in notes)
        assert all(any(one.label in said for said in text) for one in several)


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (160, 48)])
async def test_the_widget_fills_its_place_and_names_its_series(size: tuple[int, int]) -> None:
    async with ChartApp().run_test(size=size) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show(panel(), empty="nothing yet")
        assert any("nothing yet" in chart.render_line(y).text for y in range(chart.size.height))
        held_out = Series("held\x1b[31m out", [(5, 6)], "dots", "o")
        chart.show(panel(Series("loss", [(0, 8), (10, 4)]), held_out, note="still a unigram reader"))
        await pilot.pause()
        strips = [chart.render_line(y) for y in range(chart.size.height)]
        assert {strip.cell_length for strip in strips} == {size[0]}
        text = "\n".join(strip.text for strip in strips)
        assert "⠒* loss" in text  # a sample of each line, so that colour is not needed
        assert "o held␛[31m" in text
        assert "\x1b" not in text
        assert "still a unigram reader" in text
        assert "nats by step" in strips[0].text


async def test_a_click_tells_the_step_under_the_mouse() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Chart).show(panel(Series("loss", [(x, 1.0) for x in range(1001)])))
        await pilot.click(Chart, offset=(GUTTER, 5))
        await pilot.click(Chart, offset=(79, 5))
        await pilot.click(Chart, offset=(2, 5))
        await pilot.pause()
        assert app.pointed == [0, 1000]


async def test_the_same_again_is_not_drawn_again() -> None:
    async with ChartApp().run_test(size=(80, 24)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show(panel(Series("loss", ((1, 1.0), (2, math.nan)))))
        chart.render_line(3)
        before = chart._drawn
        assert before is not None
        chart.show(panel(Series("loss", ((1, 1.0), (2, math.nan)))))
        assert chart._drawn is before
        chart.show(panel(Series("loss", ((1, 1.0), (2, math.nan)))), Frame(log_y=True))
        assert chart._drawn is None
