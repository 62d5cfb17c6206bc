"""`lookboth compare`: saved, opened again without an engine, and laid beside an earlier time."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from core.messages import Comparison
from tests.tui.command_line import asked, lookboth

pytestmark = pytest.mark.usefixtures("processes")


def test_what_is_saved_opens_without_an_engine_and_is_what_was_printed(home: Path) -> None:
    done = asked("compare", "we were here", "--save", "first", "--json")
    path = home / "data" / "comparisons" / "first.json"
    assert done.returncode == 0 and f"Saved: {path}" in done.stderr.decode()
    saved = msgspec.json.decode(path.read_bytes(), type=Comparison)
    assert saved == msgspec.json.decode(done.stdout, type=Comparison)
    for reference in ("first", str(path)):
        again = lookboth("--engine", "false", "compare", "--open", reference, "--json")
        assert msgspec.json.decode(again.stdout, type=Comparison) == saved, again.stderr
    assert b"saw both sides" in lookboth("compare", "--open", "first").stdout


def test_a_saved_one_is_asked_again_and_the_differences_are_said(home: Path) -> None:
    assert asked("compare", "we were here", "-m", "bert,gpt2", "--save", "first").returncode == 0
    done = asked("compare", "--diff", "first")
    assert done.returncode == 0 and b"All 6 numbers are the same." in done.stdout
    path = home / "data" / "comparisons" / "first.json"
    path.write_text(path.read_text().replace('"surprisal_bits": 3.0', '"surprisal_bits": 5.0', 1))
    changed = json.loads(asked("compare", "--diff", str(path), "--json").stdout)
    assert [(one["model"], one["text"], one["old_bits"], one["new_bits"]) for one in changed["changes"]] == [
        ("bert", "we", 5.0, 3.0)
    ]
    other = asked("compare", "we were there", "--models", "bert", "--diff", "first").stdout.decode()
    assert "2 words stand in both" in other and "GPT-2 is in the old one only." in other


def test_two_files_are_compared_without_an_engine(home: Path) -> None:
    for name, text in (("one", "we were here"), ("two", "we are here")):
        assert asked("compare", text, "--save", name).returncode == 0
    done = lookboth("--engine", "false", "compare", "--open", "two", "--diff", "one")
    assert done.returncode == 0 and b"2 words stand in both" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("text", "--open", "x"), "either a text or --open"),
        (("--open", "nothing"), "no comparison nothing"),
        (("--diff", "nothing"), "no comparison nothing"),
        (("text", "--save", "a/b"), "cannot be a name"),
        ((), "either a text"),
    ],
)
def test_what_cannot_be_is_refused_before_an_engine_starts(words: tuple[str, ...], said: str) -> None:
    done = lookboth("--engine", "false", "compare", *words)
    assert done.returncode == 2 and done.stdout == b"" and said in " ".join(done.stderr.decode().split())
