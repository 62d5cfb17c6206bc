"""Axes, smoothing, cursor and zoom: what a chart is made of, before anything is drawn."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.charts.axes import Scale, decades, span, ticks
from tui.charts.plot import GUTTER, columns, number
from tui.charts.series import Frame, Panel, Series, across, smoothed, stepped, thinned, within, zoomed

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


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
    assert len(decades(1e-12, 1e12, 5)) <= 5


@given(st.lists(st.floats(allow_nan=True), max_size=9), st.booleans())
def test_a_scale_can_stand_on_any_values(values: list[float], log: bool) -> None:
    low, high = span(values, log)
    assert low < high and (low > 0 or not log)


def test_a_place_leads_back_to_its_value() -> None:
    for scale in (Scale(3, 900, 200), Scale(3, 900, 200, log=True)):
        assert all(scale.place(scale.value(at)) == at for at in range(201))


@given(st.floats(1e-30, 1e30))
def test_a_number_of_the_axis_is_never_cut(value: float) -> None:
    assert len(number(value)) <= GUTTER - 2
    assert float(
        number(value).translate({ord(u): f"e{p}" for u, p in (("k", 3), ("M", 6), ("G", 9))})
    ) == pytest.approx(value, rel=0.5)


# --- what a person does ------------------------------------------------------------------------------------------


def test_smoothing_starts_at_the_first_value_and_passes_over_gaps() -> None:
    found = smoothed([(1, 8.0), (2, math.nan), (3, 8.0), (4, 4.0)], 0.9)
    assert found[0] == (1, pytest.approx(8.0))  # not pulled to zero
    assert math.isnan(found[1][1])
    assert found[2][1] == pytest.approx(8.0)
    weights = 0.1 * 0.9**2, 0.1 * 0.9, 0.1
    assert found[3][1] == pytest.approx((weights[0] * 8 + weights[1] * 8 + weights[2] * 4) / sum(weights))


def test_a_smoothed_panel_says_so_and_keeps_the_raw_points() -> None:
    panel = Panel("causal", "loss", (Series("a", [(1, 8.0), (2, 4.0)]), Series("o", [(1, 1.0)], "dots")))
    framed = panel.framed(Frame(weight=0.9, log_y=True))
    assert framed.title == "loss · smoothed 0.9 · log values"
    assert [one.form for one in framed.series] == ["raw", "line", "dots"]
    assert framed.series[0].points == panel.series[0].points
    assert panel.framed(Frame()) == panel
    assert panel._replace(noisy=False).framed(Frame(weight=0.9)).title == "loss"


def test_the_cursor_comes_in_at_the_newest_step_and_stops_at_the_ends() -> None:
    series = [Series("a", [(x, 1.0) for x in range(0, 1000, 5)])]
    assert stepped(series, Frame(), -0.1) == 995
    assert stepped(series, Frame(cursor=995), -1e-6) == 990
    assert stepped(series, Frame(cursor=990), -0.1) == 890
    assert stepped(series, Frame(cursor=890), 1.0) == 995
    assert stepped(series, Frame(cursor=890), -1.0) == 0
    assert stepped([Series("a", ())], Frame(), 1) is None


@pytest.mark.parametrize("log", [False, True])
def test_zooming_in_keeps_the_cursor_in_its_place_and_out_again_shows_everything(log: bool) -> None:
    series = [Series("a", [(x, 1.0) for x in range(1, 1001)])]
    frame = Frame(cursor=600, log_x=log)
    window = zoomed(series, frame, 0.5)
    assert window and window[0] < 600 < window[1]
    before, after = (Scale(*edge, 1.0, log).at(600) for edge in ((1, 1000), window))
    assert after == pytest.approx(before)
    assert Scale(1, 1000, 1.0, log).at(window[1]) - Scale(1, 1000, 1.0, log).at(window[0]) == pytest.approx(0.5)
    assert zoomed(series, frame._replace(window=window), 4) is None
    for _ in range(50):
        frame = frame._replace(window=zoomed(series, frame, 0.5))
    assert frame.window and frame.window[1] - frame.window[0] >= 2


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("window", [None, (1500.0, 3000.0)])
def test_many_points_are_drawn_as_the_mean_of_each_column(log: bool, window: tuple[float, float] | None) -> None:
    points = [(x, math.sin(x / 200) + (x % 7) / 10) for x in range(1, 4001)]
    panel = Panel("causal", "loss", (Series("a", points),))
    frame = Frame(log_x=log, window=window, weight=0.9)
    whole, thin = panel.framed(frame), panel.framed(frame, 100)
    assert [one.form for one in thin.series] == ["raw", "line"] and thin.title == whole.title
    scale = across(panel.series, frame, 99)
    for one, other in zip(whole.series, thin.series, strict=True):
        assert len(other.points) <= 100 + 81  # and those from which the smoothing comes into the window
        seen = [
            [point for path in columns(within(part.points, window), scale) for point in path] for part in (one, other)
        ]
        full, few = map(dict, seen)
        assert few.keys() == full.keys()
        assert all(few[at] == pytest.approx(full[at], abs=0.1 if one.form == "line" else 0.05) for at in few)


def test_points_that_have_room_are_all_drawn() -> None:
    points = [(x, float(x)) for x in range(100)]
    assert thinned(points, Scale(0, 99, 99))[0] == points
    assert thinned([], Scale(0, 1, 99))[0] == []
    assert thinned(points, Scale(40.2, 40.8, 99))[0], "a window between two points still belongs to a line"
