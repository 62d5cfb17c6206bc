"""What is put around a window, written out by hand, and where each condition is asked."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, Literal

import pytest

from core.catalogue import Entry
from core.errors import UserError
from core.sweep import slots
from core.sweep.conditions import CAUSAL, MASKED, Special, asked_at, named, possible, row
from core.sweep.formats import trained_in

SPECIAL = Special(start=101, end=102, mask=103, stop=[9])
WINDOW = [11, 12, 13]
RIGHT = [[21], [22, 23], [24], *([number] for number in range(31, 38))]


@pytest.mark.parametrize(
    ("condition", "at", "ids", "column"),
    [
        ("bare", 2, [11, 12, 103], 2),
        ("bare", 0, [103, 12, 13], 0),
        ("framed", 2, [101, 11, 12, 103, 102], 3),
        ("framed", 0, [101, 103, 12, 13, 102], 1),
        ("cls", 0, [101, 103, 12, 13], 1),
        ("masks", 2, [101, 11, 12, 103, 103, 103, 102], 3),
        ("full-stop", 2, [101, 11, 12, 103, 9, 102], 3),
        ("sentence-end", 2, [101, 11, 12, 103, 21, 102], 3),
        ("right-0", 2, [101, 11, 12, 103, 102], 3),
        ("right-1", 2, [101, 11, 12, 103, 21, 102], 3),
        ("right-2", 2, [101, 11, 12, 103, 21, 22, 23, 102], 3),
        ("right-10", 2, [101, 11, 12, 103, 21, 22, 23, 24, 31, 32, 33, 34, 35, 36, 37, 102], 3),
        ("left-only", 1, [101, 11, 103, 103, 103, 102], 2),
        ("left-only", 2, [101, 11, 12, 103, 103, 103, 102], 3),
    ],
)
def test_a_condition_is_exactly_these_ids(condition: str, at: int, ids: list[int], column: int) -> None:
    assert row(condition, WINDOW, at, RIGHT, SPECIAL) == (ids, column)


def test_every_condition_can_be_built() -> None:
    for condition in MASKED:
        made = row(condition, WINDOW, 1, RIGHT, SPECIAL)
        assert made.ids[made.column] == 103 and made.ids[made.column - 1] == 11


def test_where_each_condition_is_asked() -> None:
    everywhere = list(range(100))
    assert asked_at("masks", everywhere, 100, trained=True) == everywhere
    assert asked_at("masks", everywhere, 100, trained=False) == [94, 95, 96, 97, 98, 99]
    assert asked_at("cls", everywhere, 100, trained=False) == [0, 1, 2, 3, 4, 5]
    assert asked_at("right-3", everywhere, 100, trained=False) == [99]
    assert asked_at("sentence-end", [0, 50], 100, trained=False) == []
    assert asked_at("no-start", everywhere, 100, trained=True) == everywhere[1:]
    assert asked_at("bare", [0, 50, 99], 100, trained=False) == [0, 50, 99]


def test_a_model_is_read_only_in_what_its_tokens_allow() -> None:
    assert possible("masked", SPECIAL) == [*MASKED] and possible("causal", SPECIAL) == [*CAUSAL]
    none = Special(start=None, end=None, mask=103, stop=[9])
    assert possible("masked", none) == ["bare"] and possible("causal", none) == ["no-start"]


def test_the_training_format_comes_first_and_is_always_read() -> None:
    assert named([*MASKED], ["bare", "cls"], "masks") == ["masks", "bare", "cls"]
    assert named([*MASKED], [], "bare")[0] == "bare" and sorted(named([*MASKED], [], "bare")) == sorted(MASKED)


def test_the_quick_positions_are_the_ends_and_twelve_between() -> None:
    found = slots.quick(100)
    assert found[:6] == [0, 1, 2, 3, 4, 5] and found[-6:] == [94, 95, 96, 97, 98, 99] and len(found) == 24
    assert {b - a for a, b in itertools.pairwise(found[5:19])} <= {6, 7}
    assert slots.middle(range(100), 100) == list(range(25, 75))
    first, rest = slots.order(range(100), 100)
    assert first == found and sorted(first + rest) == list(range(100))
    assert slots.order(found, 100) == [found]


def test_positions_count_from_either_end() -> None:
    assert slots.chosen([0, -1, 5, 5], 20) == [0, 5, 19]
    assert slots.chosen([], 4) == [0, 1, 2, 3]
    assert slots.chosen([3, 70], 20) == [3]
    with pytest.raises(UserError, match="0 to 19"):
        slots.chosen([70], 20)


Source = Literal["bundled", "run", "folder", "cache"]


@pytest.mark.parametrize(
    ("config", "source", "architecture", "expected"),
    [
        ({}, "bundled", "BertForMaskedLM", "framed"),
        ({}, "run", "BertForMaskedLM", "framed"),
        ({"lookboth_frame": "crops"}, "folder", "BertForMaskedLM", "framed"),
        ({"lookboth_frame": "sentences"}, "run", "BertForMaskedLM", "masks"),
        ({"lookboth_frame": "bare"}, "run", "BertForMaskedLM", "bare"),
        ({}, "cache", "BertForMaskedLM", "masks"),
        ({}, "folder", "RobertaForMaskedLM", "framed"),
        ({"lookboth_frame": ["odd"]}, "folder", "RobertaForMaskedLM", "framed"),
    ],
)
def test_the_training_format_of_a_masked_model(
    tmp_path: Path, config: dict[str, Any], source: Source, architecture: str, expected: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    entry = Entry(name="it", source=source, folder=str(tmp_path), architecture=architecture, kind="masked")
    assert trained_in(entry, "masked") == expected
    assert trained_in(entry, "causal") == "start"
