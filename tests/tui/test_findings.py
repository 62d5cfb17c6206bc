"""Findings: kept and read again, damaged ones said so, and laid out as text."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from core import paths
from core.errors import UserError
from core.messages import Chart, Line, Number
from tests.tui.findings import finding
from tui.findings import archive, charts, files, text
from tui.findings.numbers import NONE, said
from tui.text import cells


def test_what_is_saved_is_read_again_and_the_newest_comes_first(home: Path) -> None:
    made = [finding("C7", seed=seed) for seed in (1, 2, 3)]
    saved = [archive.save(one) for one in made]
    assert len(set(saved)) == 3
    for age, path in enumerate(saved):
        os.utime(path, (1000 + age, 1000 + age))
    assert [kept.finding for kept in archive.every()] == made[::-1]
    assert archive.every()[0].path == saved[2] and archive.every()[0].made == 1002
    assert all(path.name.startswith("C7-quick-") for path in saved)
    assert archive.home().stat().st_mode & 0o77 == 0


def test_the_latest_is_of_its_claim_and_form_and_can_be_read(home: Path) -> None:
    assert archive.latest("C7") is None
    for at, one in enumerate([finding("C7"), finding("C7", thorough=True), finding("C1"), finding("C10")]):
        os.utime(archive.save(one), (1000 + at, 1000 + at))
    (archive.home() / "C7-quick-99999999-000000.json").write_text("{")
    found = [archive.latest(*asked) for asked in (("c7",), ("C7", False), ("C1",), ("C2",))]
    assert [one and one.finding for one in found] == [finding("C7", thorough=True), finding("C7"), finding("C1"), None]


def test_a_control_says_that_it_is_one_and_is_no_finding_of_the_claim(home: Path) -> None:
    real, other = finding("C7"), finding("C7", knobs={"control": "untrained"})
    for at, one in enumerate((real, other)):
        os.utime(archive.save(one), (1000 + at, 1000 + at))
    kept = archive.latest("C7")
    assert kept and kept.finding == real
    for found, under in ((real, False), (other, True)):
        assert ("under the control untrained" in "\n".join(text.lines(found, 80))) is under
        assert ("under the control untrained" in text.headline(found)) is under


def test_bars_by_powers_of_ten_say_so() -> None:
    bars = Chart(title="Tokens", kind="bars", y="tokens", ticks=["a"], lines=[Line("x", [0.0], [10.0])], log_y=True)
    assert "powers of ten" in charts.lines(bars, 80)[0]
    assert "powers of ten" not in charts.lines(msgspec.structs.replace(bars, log_y=False), 80)[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "holds no finding"),
        (b"\xff\xfe", "holds no finding"),
        (b'{"claim": "C7"}', "holds no finding"),
        (msgspec.json.encode(finding(version=99)), "newer lab"),
        (msgspec.json.encode(finding("C11")), "no claim"),
        (msgspec.json.encode(finding(charts=[Chart(title="", lines=[Line(name="a", x=[0], y=[])])])), "different"),
        (msgspec.json.encode(finding(charts=[Chart(title="", kind="heat", cells=[[1.0], []])])), "different"),
    ],
)
def test_a_damaged_one_stays_in_the_list_and_says_what_it_is(home: Path, content: bytes, said: str) -> None:
    archive.save(finding())
    (archive.home() / "C2-quick-x.json").write_bytes(content)
    (kept,) = (one for one in archive.every() if one.finding is None)
    assert kept.path.name == "C2-quick-x.json" and said in kept.trouble
    assert len(archive.every()) == 2


def test_one_that_ships_is_found_and_one_that_does_not_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "assets", lambda: home / "assets")
    folder = home / "assets" / "results" / "findings"
    folder.mkdir(parents=True)
    (folder / "C7-thorough.json").write_bytes(msgspec.json.encode(finding(thorough=True)))
    (folder / "C8-quick.json").write_bytes(b"damaged")
    assert archive.shipped("c7", True) == finding(thorough=True)
    assert archive.shipped("C7", False) is archive.shipped("C8", False) is None


def test_where_nothing_can_be_written_a_person_hears_so(home: Path) -> None:
    (home / "data").write_text("no folder")
    with pytest.raises(UserError, match="cannot be kept"):
        archive.save(finding())


def test_as_text_the_verdicts_stand_side_by_side_and_every_chart_is_drawn() -> None:
    laid = text.lines(finding(), 80)
    assert max(map(cells, laid)) <= 80
    assert laid[1].split()[-2:] == ["here:", "mixed"] and laid[2].split()[-2:] == ["literature:", "supported"]
    assert ["fall", "20.0", "%", "15.0", "to", "25.0", "200"] in [line.split() for line in laid]
    whole = "\n".join(laid)
    for part in ("* bert  o gpt2", "information", "blank: exactly 0", "Rule, fixed beforehand", "note: The text ends",
                 "quick form, seed 1, windows 200, control none, on cpu, 12 s"):  # fmt: skip
        assert part in whole


def test_text_that_the_lab_did_not_write_is_shown_and_not_obeyed() -> None:
    evil = "\x1b]52;c;A\x07"
    chart = Chart(title=evil, kind="bars", ticks=[evil], x=evil, y=evil, lines=[Line(name=evil, x=[0], y=[1.0])])
    grid = Chart(title="", kind="heat", row_ticks=[evil], cells=[[1.0]])
    numbers, drawn = {evil: Number(value=1.0, unit=evil)}, [chart, grid, Chart(title="", lines=chart.lines)]
    made = finding(title=evil, why=evil, notes=[evil], models={evil: evil}, measured=numbers, charts=drawn)
    assert "\x1b" not in "\n".join(text.lines(made, 80)) and "\x1b" not in files.as_files(made)["svg"]
    assert "'=1" in files.as_csv(finding(measured={"=1": Number(value=1.0)}))


@pytest.mark.parametrize(
    ("value", "unit", "want"),
    [(0.123, "share", "12.3"), (None, "", NONE), (1234567.0, "", "1,234,567"), (0.00123, "s", "0.00123"),
     (1234.5, "", "1,234"), (0.0, "", "0"), (2.5e12, "FLOP", "2,500,000,000,000"), (2.5e17, "FLOP", "2.5e+17")],
)  # fmt: skip
def test_numbers_have_as_many_digits_as_say_something(value: float | None, unit: str, want: str) -> None:
    assert said(value, unit) == want


def test_bars_start_at_nothing_and_on_a_log_axis_at_a_power_of_ten() -> None:
    def drawn(log: bool, *y: float | None) -> list[int]:
        chart = Chart(
            title="", kind="bars", ticks=["a", "b", "c"], log_y=log, lines=[Line(name="", x=[0, 1, 2], y=[*y])]
        )
        return [sum(glyph in "█▌▐" for glyph in line) for line in charts.lines(chart, 40)[1:]]

    assert (
        drawn(False, 1.0, 2.0, None)[1] == 2 * drawn(False, 1.0, 2.0, None)[0] and drawn(False, 1.0, 2.0, None)[2] == 0
    )
    first, second, third = drawn(True, 10.0, 100.0, 1000.0)
    assert 0 < first < second < third and abs(second - 2 * first) <= 1


def test_a_heat_map_tells_nothing_from_little_and_from_what_was_not_measured() -> None:
    chart = Chart(title="", kind="heat", cells=[[0.0, 1e-9, 1.0, None]])
    assert charts.lines(chart, 80)[1] == "   ░░██··"
    assert "too many" in charts.lines(Chart(title="", kind="heat", cells=[[0.0] * 99]), 80)[1]


def test_files_have_every_number(tmp_path: Path) -> None:
    made = files.as_files(finding())
    assert made.keys() == {"json", "csv", "svg", "2.svg"}
    assert msgspec.json.decode(made["json"].encode(), type=type(finding())) == finding()
    assert "C7,measured,fall,,0.2,0.15,0.25,share,200" in made["csv"].splitlines()
    assert "C7,by position,bert,50,0.4,0.3,0.5,accuracy," in made["csv"].splitlines()
