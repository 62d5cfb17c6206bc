"""Damage to a checkpoint is seen, said, and survived by going on from the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.settings import FAMILIES, Family
from tests.faults import broken, toy
from tests.faults.damage import KINDS, harness, made, unseen


def test_all_damage_is_seen(home: Path, own_folder: Path) -> None:
    report = harness(toy.settings(home, own_folder, "bert"))
    assert report.kinds >= 20 and report.flips == 500 and not report.wrong, report


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_all_damage_is_seen_in_every_family(home: Path, own_folder: Path, family: Family) -> None:
    report = harness(toy.settings(home, own_folder, family), count=5_000, seed=2)
    assert not report.wrong, report


def test_who_does_not_look_at_the_manifest_is_found_out(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken.no_manifest(monkeypatch.setattr)
    report = harness(toy.settings(home, own_folder, "gpt2"), count=20)
    assert len([line for line in report.wrong if "flipped" in line]) == 20, report
    assert any(line.startswith("a bit of the weights: it goes on") for line in report.wrong), report


def test_nothing_is_said_of_a_checkpoint_that_is_whole(home: Path, own_folder: Path) -> None:
    run = made(toy.settings(home, own_folder, "lstm"))
    assert unseen(run, lambda newest, older: None) == "it goes on from step 2"
    assert not unseen(run, KINDS["weights deleted"])
