"""What Compare is made of: totals, columns, bars, steps, one scale."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fakes import FakeEngine, comparison, score, top
from tests.tui.hosts import shown, until
from tui.app import LookbothApp
from tui.results import files, reading
from tui.widgets.bars import bar, column, step
from tui.widgets.text_view import TextView
from tui.widgets.word_table import WordTable, columns


def test_totals_count_only_what_was_scored() -> None:
    one = comparison("ab cd ef", ["bert", "gpt2"])
    words = [
        msgspec.structs.replace(word, scores={**word.scores, "gpt2": score("gpt2", word.text, bits)})
        for word, bits in zip(one.words, (None, 4.0, 8.0), strict=True)
    ]
    one = msgspec.structs.replace(one, words=words)
    causal, masked = (reading.totals(one)[name] for name in ("gpt2", "bert"))
    assert (causal.bits, causal.per_character, causal.unscored) == (12.0, 2.0, 1)
    assert masked.pseudo and masked.per_character is None and masked.bits == 3.0
    assert str(causal) == "12.0 bits · 2.00 bits/char · 1 not scored" and str(masked) == "3.0 bits (pseudo)"


def test_a_spreadsheet_runs_nothing() -> None:
    text = "=1+1 @x -3 +4 \tq"
    rows = list(csv.reader(io.StringIO(files.as_csv(comparison(text, ["bert"], text.split(" "))))))
    assert all(row[0].startswith("'") for row in rows[1:])
    assert rows[1][0] == "'=1+1" and rows[1][4] == "0.0"


@given(st.integers(60, 220), st.integers(1, 3), st.integers(1, 60), st.booleans())
def test_columns_fill_the_width_and_no_more(width: int, models: int, longest: int, pair: bool) -> None:
    shape = columns(width, models, longest, pair)
    assert 1 + shape.word + models * (shape.model + 2) + shape.gap <= width
    assert shape.model >= 5 + 1 + 5 + (models < 3 or width >= 80)


@given(st.floats(0, 1), st.integers(0, 40))
def test_bars_have_their_length(share: float, cells: int) -> None:
    drawn = bar(share, cells)
    assert len(drawn) == cells
    assert abs(len(drawn.strip()) - share * cells) <= 1


def test_a_bar_that_is_cut_ends_in_an_arrow() -> None:
    assert bar(1.0, 4) == "████" and bar(1.01, 4) == "███▸" and bar(9, 1) == "▸" and bar(9, 0) == ""
    assert [column(1.0, 3, row) for row in range(3)] == ["█"] * 3
    assert [column(1.5, 3, row) for row in range(3)] == ["▴", "█", "█"]


async def test_candidates_of_all_models_have_one_scale(lab: LookbothApp) -> None:
    one = comparison("a b", ["bert", "gpt2"])
    sure, unsure = ([msgspec.structs.replace(top(" x")[0], prob=prob)] for prob in (0.8, 0.1))
    scores = {"bert": score("bert", "a", 1.0, top=sure), "gpt2": score("gpt2", "a", 1.0, top=unsure)}
    one = msgspec.structs.replace(one, words=[msgspec.structs.replace(one.words[0], scores=scores), one.words[1]])
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(one, "live result")
        await pilot.press("enter")
        await until(pilot, lambda: ".80 █" in shown(lab))
        (line,) = (line for line in shown(lab).splitlines() if ".80 █" in line)
        left, right = line.split(".10 ")
        assert left.count("█") >= 6 * max(1, right.count("█"))


@pytest.mark.parametrize(("bits", "wanted"), [(0, 0), (0.99, 0), (1, 1), (3.9, 2), (11, 5), (16, 6), (60, 6)])
def test_seven_steps(bits: float, wanted: int) -> None:
    assert step(bits) == wanted


async def test_wide_characters_keep_the_columns_straight(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.status.phase == "ready")
        lab.pane.take_up(comparison("ab 中文 💩💩 e\u0301e\u0301 x" + "y" * 10_000), "live result")
        await pilot.pause()
        table = lab.query_one(WordTable)
        strips = table.render_lines(table.size.region)[2:7]
        assert {strip.cell_length for strip in strips} == {80}
        bars_at = {strip.crop(0, strip.text.index("│")).cell_length for strip in strips if strip.text.isascii()}
        assert len(bars_at) <= 1
        assert all(strip.text.count("│") == 3 for strip in strips)


async def test_where_there_is_room_bars_stand_over_the_words(ships: None, lab: LookbothApp, engine: FakeEngine) -> None:
    engine.hold = True
    async with lab.run_test(size=(160, 48)):
        view = lab.query_one(TextView)
        lines = [strip.text for strip in view.render_lines(view.size.region)]
        at = next(number for number, line in enumerate(lines) if line.startswith(" BERT"))
        cabinet, last = lines[at].index("cabinet"), lines[at].index(".")
        assert at == 4
        assert [line[cabinet] for line in lines[:4]] == [" ", " ", " ", "▅"]  # 4 of 24 bits in 4 rows of 8 eighths
        assert [line[last] for line in lines[:4]] == [" ", "▁", "█", "█"]  # 13 bits
