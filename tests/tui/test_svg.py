"""What leaves the lab: a chart as a picture, and every row for other programs."""

from __future__ import annotations

import csv
import io
import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest

from core.runs import Run
from tests.tui.made_runs import end, event, held_out, machine, make, row, said, write
from tui.charts.series import Frame, Panel, Series
from tui.charts.svg import svg
from tui.runs import exports
from tui.runs.panels import panels
from tui.runs.watch import Watch

pytestmark = pytest.mark.usefixtures("own_runs")
NS = "{http://www.w3.org/2000/svg}"


def tree(panel: Panel, frame: Frame = Frame()) -> ET.Element:  # noqa: B008
    return ET.fromstring(svg(panel, frame))


def points(root: ET.Element) -> list[list[tuple[float, float]]]:
    found = [line.attrib["points"].split() for line in root.iter(f"{NS}polyline")]
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)] for pairs in found]


def words(root: ET.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{NS}text")]


def test_a_run_becomes_a_picture_with_axes_legend_and_title() -> None:
    run = make("one")
    write(run, [*(row(step, 8.0 - step / 50) for step in range(1, 101)), held_out(50, 7.0)])
    root = tree(panels(Watch(run).poll())[0])
    said = words(root)
    assert {"causal loss, nats by step", "causal loss", "held out", "unigram 6.61"} <= set(said)
    assert {"7", "20", "100"} <= set(said)
    ((first, *_, last),) = points(root)
    assert first[0] < last[0] and first[1] < last[1]  # the loss falls, and y grows downwards
    assert len(list(root.iter(f"{NS}circle"))) == 2  # the held-out point, and its sample in the legend


def test_the_picture_needs_nothing_from_elsewhere() -> None:
    text = svg(Panel("x", "t", (Series("a", [(1, 1.0), (2, 2.0)]),)))
    assert text.count("http") == 1  # the name of the format
    assert "href" not in text and "url(" not in text and "@import" not in text


def test_words_in_a_picture_are_no_markup_and_no_control_codes() -> None:
    evil = "</text><script>alert(1)</script>&\x1b[31m\x00'\""
    root = tree(Panel("x", evil, (Series(evil, [(1, 1.0), (2, 2.0)]),), note=evil))
    assert not list(root.iter(f"{NS}script"))
    assert sum("<script>alert(1)</script>&␛[31m␀'\"" in word for word in words(root)) == 3


def test_gaps_and_what_has_no_place_on_a_logarithm_break_the_line() -> None:
    series = Series("a", [(0, 1.0), (1, 2.0), (2, math.nan), (3, 3.0), (4, 0.0), (5, 1.0)])
    assert [len(piece) for piece in points(tree(Panel("x", "t", (series,))))] == [2, 3]
    assert [len(piece) for piece in points(tree(Panel("x", "t", (series,)), Frame(log_x=True, log_y=True)))] == [
        1,
        1,
        1,
    ]


def test_smoothing_and_zoom_are_in_the_picture_and_in_its_title() -> None:
    panel = Panel("x", "t", (Series("a", [(x, float(x % 7)) for x in range(100)]),))
    root = tree(panel, Frame(weight=0.9, window=(10, 20)))
    assert "t · smoothed 0.9 · zoomed" in words(root)
    raw, smooth = points(root)
    assert len(raw) == len(smooth) == 11
    assert max(y for _, y in smooth) - min(y for _, y in smooth) < max(y for _, y in raw) - min(y for _, y in raw)


@pytest.mark.parametrize("series", [(), (Series("a", ()),), (Series("a", [(1, math.nan)]),)])
def test_nothing_to_draw_is_an_empty_picture(series: tuple[Series, ...]) -> None:
    assert points(tree(Panel("x", "t", series))) == []


# --- rows --------------------------------------------------------------------------------------------------------


def full() -> Run:
    run = make("one")
    write(run, (row(step, 5.0) for step in range(1, 6001)))
    with open(run.folder / "metrics.jsonl", "ab") as file:
        file.write(b'{"torn\n')
    write(
        run,
        [row(6000, None, attempt=2), held_out(6000, 4.5, cosine=0.9), machine(6000), event(6000, "x", '=cmd()|"A,')],
    )
    write(run, [said(5, "A [MASK].", " b", 0.1, 3, (" c", 0.5))], "samples.jsonl")
    return run


def test_every_row_is_exported_as_csv() -> None:
    found = list(csv.DictReader(io.StringIO("".join(exports.as_csv(full())))))
    assert len(found) == 6004  # no curve was merged, and the attempt that was replaced is there too
    assert [one["step"] for one in found[:2]] == ["1", "2"]
    assert found[0]["loss"] == "5.0" and found[0]["held_out_nats"] == ""
    again, look, used, happened = found[-4:]
    assert (again["attempt"], again["loss"]) == ("2", "")
    assert (look["held_out_nats"], look["held_out_cosine"]) == ("4.5", "0.9")
    assert used["cpu"] == "1.9"
    assert happened["text"] == "'=cmd()|\"A,"  # no spreadsheet runs it


def test_every_row_is_exported_as_json() -> None:
    run = full()
    found = json.loads("".join(exports.as_json(run)))
    assert found["run"]["id"] == "one" and found["result"] is None
    assert len(found["metrics"]) == 6004 and found["metrics"][0] == row(1, 5.0)
    assert found["samples"][0]["answer"] == " b"
    end(run, "finished")
    assert json.loads("".join(exports.as_json(run)))["result"]["status"] == "finished"


@pytest.mark.parametrize("export", [exports.as_csv, exports.as_json])
def test_exports_come_in_small_pieces(export: Callable[[Run], Iterator[str]]) -> None:
    pieces = [len(piece) for piece in export(full())]
    assert len(pieces) > 5 and max(pieces) < 100_000


def test_a_run_without_rows_has_an_export() -> None:
    run = make("one")
    assert "".join(exports.as_csv(run)).startswith("step,attempt,time,tokens")
    assert json.loads("".join(exports.as_json(run)))["metrics"] == []
