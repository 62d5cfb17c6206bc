"""A trainer that is killed again and again ends exactly as one that was left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.settings import FAMILIES, Family
from tests.faults.kills import harness


def test_a_few_kills_lose_nothing(home: Path, own_folder: Path) -> None:
    """`python -m tests.faults.kills --kills 200` is the long form."""
    report = harness(home, "bert", 10, tokenizer=own_folder, tokens=3_000, intervals=[0])
    assert not report.lost and not report.wrong, report
    assert report.kills == 10 and report.inside_a_save > 0, report


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("family", FAMILIES)
def test_many_kills_lose_nothing(home: Path, own_folder: Path, family: Family) -> None:
    report = harness(home, family, 67, tokenizer=own_folder)
    assert report.good, report


def test_a_trainer_that_saves_in_place_is_found_out(home: Path, own_folder: Path) -> None:
    report = harness(home, "gpt2", 10, tokenizer=own_folder, tokens=2_000, intervals=[0], broken="no_rename")
    assert any("is not whole" in line for line in report.wrong), report


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["no_optimizer", "no_progress"])
def test_a_trainer_that_forgets_is_found_out(home: Path, own_folder: Path, broken: str) -> None:
    report = harness(home, "gpt2", 6, tokenizer=own_folder, tokens=2_000, intervals=[0], broken=broken)
    assert report.lost or report.wrong, report
