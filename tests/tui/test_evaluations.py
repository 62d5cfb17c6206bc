"""What the table of an evaluation says: what may be compared, what is best, and how it is laid out."""

from __future__ import annotations

import csv
import io
import json

import pytest
from msgspec.structs import replace

from core.messages import UNIGRAM, Evaluation, Rate
from tests.tui.evaluations import ACCURACY, FACTS, PAIRS, TEXT, evaluation, plain
from tests.tui.fakes import HARMFUL, RAW
from tui.evaluations import files as evaluated
from tui.evaluations.table import BEST, LEGEND, Row, Table, heading, interval, near, table


def row(laid: Table, set_name: str, label: str) -> Row:
    return next(one for one in laid.rows if one.about.name == set_name and one.label == label)


def shorts(laid: Table, set_name: str, label: str) -> list[str]:
    return [cell.short for cell in row(laid, set_name, label).cells]


def test_a_row_a_measure_a_column_a_model_and_the_baseline_last() -> None:
    laid = table({"one": evaluation()})
    assert [column.head for column in laid.columns] == ["BERT", "GPT-2", "LSTM", UNIGRAM]
    headings = [one.label for one in laid.rows if not one.cells]
    assert headings == ["wiki.valid: 90,000 characters", "blimp: 3,350 of 67,000 pairs", "factbook: 473 facts"]
    assert shorts(laid, "blimp", "accuracy %") == ["66.0 ±1.6", "72.0 ±1.5", "65.0 ±1.6", "50.0 ±1.7"]
    assert row(laid, "blimp", "accuracy %").cells[0].full == "66.0 (64.4–67.6)"
    assert shorts(laid, "factbook", "left: median rank, 1 piece") == ["812.5"] * 4
    assert shorts(laid, "factbook", "left: top-1, 1 piece %")[0] == "10.0 ±3.3"
    assert not any("ties" in one.label for one in laid.rows)


def test_masked_and_causal_numbers_never_share_a_row() -> None:
    laid = table({"one": evaluation()})
    for label in ("bits per character", "perplexity"):
        assert shorts(laid, "wiki.valid", label)[0] == "–" and "–" not in shorts(laid, "wiki.valid", label)[1:]
    assert shorts(laid, "wiki.valid", "nats, 15 % masked") == ["3.210", "–", "–", "–"]


def test_a_measure_of_one_name_for_both_kinds_gets_two_rows() -> None:
    made = evaluation()
    same = [replace(one, measures=[plain("nats", "nats", 2.5, 9)]) for one in made.outcomes if one.set == TEXT.name]
    laid = table({"one": replace(made, sets=[TEXT], outcomes=same)})
    assert shorts(laid, "wiki.valid", "nats per token (masked)") == ["2.500", "–", "–", "2.500"]
    assert shorts(laid, "wiki.valid", "nats per token (causal)") == ["–", "2.500", "2.500", "2.500"]


@pytest.mark.parametrize(
    ("accuracy", "best"),
    [
        ({"bert": 0.66, "gpt2": 0.72, UNIGRAM: 0.5}, [False, True, False]),
        ({"bert": 0.71, "gpt2": 0.72, UNIGRAM: 0.5}, [False, False, False]),
        ({"bert": 0.72, "gpt2": 0.72}, [False, False]),
        ({"bert": 0.6, "gpt2": 0.5, UNIGRAM: 0.72}, [False, False, True]),
        ({"bert": 0.72, UNIGRAM: 0.5}, [False, False]),
    ],
)
def test_the_best_is_marked_only_where_its_interval_meets_no_other(
    accuracy: dict[str, float], best: list[bool]
) -> None:
    laid = table({"one": evaluation(accuracy)})
    assert [cell.best for cell in row(laid, "blimp", "accuracy %").cells] == best
    assert not any(cell.best for one in laid.rows for cell in one.cells if cell.rate is None)


def test_a_share_says_how_sure_it_is() -> None:
    nothing = Rate(value=0.0, low=0.0, high=0.278, n=10)
    assert interval(nothing) == "0.0 (0.0–27.8)" and near(nothing) == "0.0 ±27.8"


def test_the_baseline_asks_nothing_that_no_model_was_asked() -> None:
    made = evaluation({"gpt2": 0.7, UNIGRAM: 0.5}, (TEXT,))
    model, base = made.outcomes
    more = [*base.measures, plain("masked_nats_15", "nats", 6.9, 9)]
    laid = table({"one": replace(made, outcomes=[model, replace(base, measures=more)])})
    assert [one.label for one in laid.rows if one.cells] == ["bits per character", "perplexity"]


def test_how_each_model_was_asked_stands_below() -> None:
    notes = table({"one": evaluation()}).notes
    assert "one, seed 1" in notes and "Ties count a half." in notes
    assert "blimp: BERT PLL-word-l2r; GPT-2, LSTM, unigram log-likelihood" in notes


def test_what_is_not_measured_yet_is_a_dash() -> None:
    made = evaluation(complete=False)
    laid = table({"one": replace(made, outcomes=[one for one in made.outcomes if one.model != "gpt2"])})
    assert shorts(laid, "blimp", "accuracy %") == ["66.0 ±1.6", "–", "65.0 ±1.6", "50.0 ±1.7"]
    assert "one, seed 1, not complete" in laid.notes
    empty = table({"one": replace(made, outcomes=[])})
    assert [one.label for one in empty.rows] == [heading(TEXT), heading(PAIRS), heading(FACTS)]


def test_several_evaluations_are_laid_over_one_another() -> None:
    later = evaluation({"bert": 0.9, UNIGRAM: 0.5}, everything=True)
    later = replace(later, sets=[TEXT, replace(PAIRS, taken=67_000), FACTS])
    laid = table({"one": evaluation(), "two": later})
    assert [column.head for column in laid.columns] == ["BERT a", "GPT-2 a", "LSTM a", "BERT b", UNIGRAM]
    assert [cell.best for cell in row(laid, "blimp", "accuracy %").cells] == [False, False, False, True, False]
    assert {"a: one, seed 1", "b: two, seed 1, every pair"} < set(laid.notes)
    assert "blimp differs: a took 3,350 of 67,000, b took 67,000 of 67,000" in laid.notes


def test_sets_of_one_name_and_other_files_are_other_sets() -> None:
    other = evaluation(sets=(replace(PAIRS, sha256="d" * 64),))
    laid = table({"one": evaluation(sets=(PAIRS,)), "two": other})
    assert [shorts(laid, "blimp", "accuracy %")[0], len([one for one in laid.rows if not one.cells])] == [
        "66.0 ±1.6",
        2,
    ]
    assert [cell.short for cell in laid.rows[3].cells][:3] == ["–", "–", "–"]


def test_lines_fit_and_show_whole_intervals_where_there_is_room() -> None:
    laid = table({"one": evaluation(), "two": evaluation({"bert": 0.9})})
    wide = evaluated.lines(laid)
    assert any("66.0 (64.4–67.6)" in line for line in wide) and wide[-1] == LEGEND
    narrow = evaluated.lines(laid, 80)
    grid = narrow[: narrow.index("a: one, seed 1") - 1]
    assert max(map(len, grid)) <= 80 and any("66.0 ±1.6" in line for line in grid)
    assert sum(line.startswith("blimp: 3,350") for line in grid) == 2  # the columns that did not fit stand below
    best = evaluated.lines(table({"one": evaluation()}))
    assert any(f"72.0 (70.5–73.5){BEST}" in line for line in best)


def test_details_name_the_model_and_sort_its_paradigms() -> None:
    named = {"one": evaluation()}
    laid = table(named)
    lines = evaluated.details(named, row(laid, "blimp", "accuracy %"), laid.columns[1])
    assert lines[0] == "/data/blimp.jsonl.xz, SHA-256 bbbbbbbbbbbb"
    assert "causal Fake, 1,000 parameters" in lines[1] and lines[2].startswith("log-likelihood, 12 s")
    assert [line.split()[0] for line in lines[-3:]] == ["adjunct_island", "anaphor_gender_agreement", "wh_island"]
    assert "30.0 (19.1–43.8)" in lines[-1] and lines[-1].endswith("n 50")
    lines = evaluated.details(named, row(laid, "wiki.valid", "perplexity"), laid.columns[1])
    assert any(line.split() == ["ties", "3", "n", "9"] for line in lines)
    assert (
        evaluated.about(laid, row(laid, "wiki.valid", "bits per character"), laid.columns[0])
        == "wiki.valid · BERT · bits per character · not measured"
    )


def test_files_hold_every_number() -> None:
    named = {"one": evaluation()}
    assert json.loads(evaluated.as_json(named))["outcomes"][0]["set"] == "wiki.valid"
    both = json.loads(evaluated.as_json({**named, "two": evaluation(ACCURACY)}))
    assert list(both["evaluations"]) == ["one", "two"]
    rows = list(csv.DictReader(io.StringIO(evaluated.as_csv(named))))
    found = next(one for one in rows if (one["model"], one["measure"], one["group"]) == ("gpt2", "accuracy", ""))
    assert (found["value"], found["n"], found["method"]) == ("0.72", "3350", "log-likelihood")
    assert float(found["low"]) < 0.72 < float(found["high"])
    assert sum(one["group"] == "wh_island" for one in rows) == 4


def test_names_from_files_are_shown_and_not_obeyed() -> None:
    for harmful in HARMFUL:
        about = replace(PAIRS, name=harmful)
        made: Evaluation = evaluation()
        made = replace(made, sets=[about], outcomes=[
            replace(one, set=harmful, method=harmful, groups={harmful: one.groups["wh_island"]})
            for one in made.outcomes if one.set == "blimp"
        ], notes=[harmful])  # fmt: skip
        named = {harmful: made}
        laid = table(named)
        lines = [*evaluated.lines(laid), *evaluated.details(named, laid.rows[1], laid.columns[0])]
        assert not RAW.search("\n".join(lines)) and len(lines) > 10


def test_nothing_is_no_text() -> None:
    assert evaluated.as_text({}) == "" and evaluated.lines(table({"x": evaluation({}, ())}))[0].startswith("Nothing")
