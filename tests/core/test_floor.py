"""Libraries that are too old to read strangers' files are named."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import pytest

from core import floor


def test_what_is_installed_here_is_new_enough() -> None:
    assert floor.complaints() == []


@pytest.mark.parametrize(
    ("installed", "named"),
    [("2.9.1", True), ("2.10.0+cpu", False), ("2.13.0", False), ("5.2.0", False), ("1.99", True), ("2.10", False)],
)
def test_old_releases_are_named(monkeypatch: pytest.MonkeyPatch, installed: str, named: bool) -> None:
    monkeypatch.setattr(floor, "version", lambda name: installed if name == "torch" else "5.23.0")
    assert any(installed in line and "2.10" in line for line in floor.complaints()) is named


def test_what_is_not_installed_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(floor, "version", missing)
    assert floor.complaints() == []
