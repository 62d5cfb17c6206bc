"""Every state in which a save can be cut short is one to go on from; so is a full disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.settings import FAMILIES, Family
from tests.faults import broken, toy
from tests.faults.files import Running, Saving


@pytest.fixture
def saving(home: Path, own_folder: Path) -> Saving:
    return Saving(toy.settings(home, own_folder, "gpt2"))


def running(home: Path, tokenizer: Path, family: Family = "gpt2", steps: int = 3) -> Running:
    return Running(toy.settings(home, tokenizer, family, tokens=steps * 128, checkpoint_seconds=0))


def test_a_save_may_be_cut_anywhere(saving: Saving) -> None:
    report = saving.crashes()
    assert report.states > report.operations > 30 and not report.wrong, report


def test_what_was_not_made_durable_may_be_lost(saving: Saving) -> None:
    report = saving.losses()
    assert report.states > report.operations and not report.wrong, report


def test_old_checkpoints_that_cannot_be_deleted_do_no_harm(saving: Saving) -> None:
    report = saving.rotation_fails()
    assert report.states > 1 and not report.wrong, report


def test_a_run_may_be_cut_at_any_place(home: Path, own_folder: Path) -> None:
    """At a few of them here; `python -m tests.faults.files` tries all."""
    report = running(home, own_folder).crashes(every=37)
    assert report.states > 6 and not report.wrong, report


def test_a_full_disk_is_said_and_survived(home: Path, own_folder: Path) -> None:
    report = running(home, own_folder).full(every=41)
    assert report.states > 6 and not report.wrong, report


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_may_be_cut_at_every_place(home: Path, own_folder: Path, family: Family) -> None:
    whole = running(home, own_folder, family)
    for report in (whole.crashes(), whole.full()):
        assert not report.wrong, report


def test_a_save_in_place_is_found_out(saving: Saving, monkeypatch: pytest.MonkeyPatch) -> None:
    broken.no_rename(monkeypatch.setattr)
    assert saving.crashes().wrong


def test_a_save_without_fsync_is_found_out(saving: Saving, monkeypatch: pytest.MonkeyPatch) -> None:
    broken.no_flush(monkeypatch.setattr)
    assert not saving.crashes().wrong, "a process that dies loses nothing of what it wrote"
    assert saving.losses().wrong


@pytest.mark.parametrize("forget", [broken.no_optimizer, broken.no_progress])
def test_a_resume_that_forgets_is_found_out(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch, forget: broken.Broken
) -> None:
    whole = running(home, own_folder)
    forget(monkeypatch.setattr)
    assert whole.crashes(every=97).wrong
