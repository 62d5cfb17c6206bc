"""A sweep without a window: which lines there are, the waterfall's bars, the band of a chart, what is saved."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from core.errors import UserError
from core.messages import Estimate, Published, Sweep, Waterfall
from tests.sweeps import curves
from tui.charts.plot import SHADES, draw
from tui.charts.series import Panel, Series, reach
from tui.charts.svg import svg
from tui.sweeps import findings, kept
from tui.sweeps.measure import MEASURES
from tui.sweeps.strand import at_first, measured, panel, read, strands
from tui.text import cells

FOUND = curves(Sweep(id=1, models=["bert", "gpt2"], length=20))
THEIRS = [
    Published(model=name, accuracy={0: 0.02, 19: 0.3}, fives={0: 0.1, 5: 0.6}, mean=0.6, source="A, 2021")
    for name in ("bert-base-uncased", "other")
]


def test_training_formats_come_first_and_say_what_they_are() -> None:
    found = [(one.name, one.about, one.glyph) for one in strands(FOUND)]
    assert found == [("bert", "framed", "*"), ("gpt2", "start", "o"), ("bert/bare", "", "+")]
    assert at_first(FOUND) == {"bert", "gpt2", "bert/bare"} and measured(FOUND) == list(range(19))
    many = curves(Sweep(id=1, models=[f"m{at}" for at in range(30)], length=20))
    assert len({one.glyph for one in strands(many)}) == 30


def test_a_panel_has_bands_under_lines_and_no_gap_where_nothing_is_measured_yet() -> None:
    some: list[float | None] = [0.5, None, 0.25, *[None] * 17]
    one = replace(FOUND.series["gpt2"], accuracy=some, low=some, high=some)
    drawn = panel(replace(FOUND, series={"gpt2": one}), {"gpt2"}, MEASURES[0], {"gpt2"})
    assert [(line.form, list(line.points)) for line in drawn.series[1:]] == [
        ("band", [(0, 50.0), (2, 25.0)]), ("line", [(0, 50.0), (2, 25.0)])
    ]  # fmt: skip
    assert reach(drawn.series) == (0, 19)  # the axis is whole from the first result on
    assert [line.form for line in panel(FOUND, {"gpt2"}, MEASURES[2], {"gpt2"}).series] == ["raw", "line"]


def test_what_others_published_stands_behind_the_first_measure_only() -> None:
    found = replace(FOUND, published=THEIRS)
    assert [one.glyph for one in strands(found)][-2:] == ["a", "b"]
    assert at_first(found) - at_first(FOUND) == {"published bert-base-uncased"}
    [behind] = [one for one in panel(found, at_first(found), MEASURES[0], ()).series if one.form == "behind"]
    assert behind.points == [(0, 2.0), (2, 10.0), (7, 60.0), (19, 30.0)]
    assert not [one for one in panel(found, at_first(found), MEASURES[1], ()).series if one.form == "behind"]
    theirs = strands(found)[-1]
    assert (read(found, theirs, 19, MEASURES[0]).value, read(found, theirs, 7, MEASURES[0]).value) == ("30.0", "–")


def test_a_position_is_read_in_percent_and_bits() -> None:
    bert = strands(FOUND)[0]
    assert read(FOUND, bert, 3, MEASURES[0]) == ("50.0", "15–85", "4", "25.0")
    assert read(FOUND, bert, 3, MEASURES[2])[:2] == ("-3.61", "")
    assert read(FOUND, bert, 19, MEASURES[0]) == ("–", "", "", "")


@pytest.mark.parametrize(
    ("start", "end", "low", "high", "drawn"),
    [
        (0, 1, 0, 1, "█████"),
        (0.5, 1, 0, 1, "│ ▐██"),
        (0, -1, -1, 1, "██▌"),
        (0, 0, 0, 1, "│"),
        (0, 0, 0, 0, "│"),
    ],
)
def test_a_bar_lies_where_its_part_lies(start: float, end: float, low: float, high: float, drawn: str) -> None:
    assert findings.span(start, end, low, high, 5) == drawn


@pytest.mark.parametrize("width", [20, 40, 60, 78, 200])
def test_the_parts_of_a_fall_add_up_on_the_axis(width: int) -> None:
    def about(value: float) -> Estimate:
        return Estimate(value=value, low=value - 0.1, high=value + 0.1)

    fall = FOUND.falls["bert"]
    split = Waterfall(
        bare=replace(fall, condition="bare", fall=about(0.4)), trained=replace(fall, fall=about(-0.1)),
        artefact=about(0.5),
    )  # fmt: skip
    found = replace(FOUND, waterfalls={"bert": split})
    parts = findings._parts(found, "bert")
    assert [(name, round(low, 6), round(high, 6)) for name, _, low, high in parts] == [
        ("fall", 0.0, 0.4), ("information", 0.0, -0.1), ("artefact", -0.1, 0.4)
    ]  # fmt: skip
    lines = findings.page(found, width).plain.splitlines()
    assert any("bare: 50.0 → 25.0 %, framed: 50.0 → 25.0 %" in line for line in lines)
    assert any("-10.0 (-20.0 to +0.0)" in line for line in lines) and any(
        line == "First guess is “.”, in %" for line in lines
    )
    assert width < 60 or all(cells(line) <= width for line in lines)


def test_a_band_fills_what_is_empty_and_leaves_lines_alone() -> None:
    line = Series("a", [(0, 5.0), (10, 5.0)])
    band = Series("a", [(0, 0.0), (10, 0.0)], "band", upper=[(0, 10.0), (10, 10.0)])
    rows = draw([band, line], 40, 12)
    inside = [cell for row in rows[:-2] for cell in row[7:]]
    assert {cell.glyph for cell in inside if cell.series == 0} == {SHADES[0]}
    scale = Series("a", [(0, 0.0), (10, 10.0)], "raw")  # the same axes without a band
    alone = [cell for row in draw([scale, line], 40, 12)[:-2] for cell in row[7:]]
    assert sum(cell.series == 1 for cell in alone) == sum(cell.series == 1 for cell in inside) > 30
    assert all(cell.series in (0, 1) for cell in inside)


def test_a_band_and_published_values_are_in_the_picture() -> None:
    band = Series("a", [(0, 1.0), (10, 2.0)], "band", upper=[(0, 3.0), (10, 4.0)])
    root = ET.fromstring(svg(Panel("p", "t", (band, Series("theirs", [(5, 2.0)], "behind", "a")))))
    [area] = root.iter("{http://www.w3.org/2000/svg}polygon")
    assert len(area.attrib["points"].split()) == 4
    words = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words.count("a") == 2 and "theirs" in words  # the mark, in the plot and in the legend


def test_what_ships_stands_after_what_was_saved_and_opens_by_its_name(home: Path) -> None:
    shipped = kept.STORE.every()
    assert shipped and all(one.ships for one in shipped) and kept.STORE.find("trio") == kept.first()
    for one in shipped:
        found = kept.STORE.read(one.path)
        assert (found.windows, len(found.positions), found.complete) == (2000, 100, True)
        for name in found.models:
            assert min(found.series[name].n) > 500, (one.name, name)
    kept.STORE.save(FOUND, "mine")
    assert [one.name for one in kept.STORE.every()] == ["mine", *(one.name for one in shipped)]


def test_a_file_that_is_no_sweep_is_refused(home: Path) -> None:
    path = kept.STORE.save(FOUND, "mine")
    assert kept.STORE.read(path) == FOUND and kept.STORE.every()[0].name == "mine"
    with pytest.raises(UserError, match="There is a sweep mine already"):
        kept.STORE.check("mine")
    short = replace(FOUND.series["gpt2"], accuracy=[0.5])
    for flaw in (
        replace(FOUND, positions=[]),
        replace(FOUND, series={}),
        replace(FOUND, series={"gpt2": short}),
        replace(FOUND, models={}),
        replace(FOUND, positions=FOUND.positions[::-1]),
        replace(FOUND, length=7),
        replace(FOUND, length=0),
    ):
        kept.STORE.folder().joinpath("bad.json").write_bytes(msgspec.json.encode(flaw))
        if flaw.length in (0, 7):
            findings.page(kept.STORE.read(kept.STORE.find("bad")), 60)
            continue
        with pytest.raises(UserError, match="not whole"):
            kept.STORE.read(kept.STORE.find("bad"))
    path.write_text("{}")
    with pytest.raises(UserError, match="holds no sweep"):
        kept.STORE.read(path)
