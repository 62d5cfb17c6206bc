"""A choice becomes the settings of a run, or is refused in words."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import models

from core import paths, shapes
from core.errors import UserError
from core.plan import Choice, settle
from core.presets import PRESETS, shape
from core.settings import FAMILIES, Family
from core.text import documentation
from tests.core.test_origins import model


@pytest.fixture
def text(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A text to name; the one that is used without is small and quickly made."""
    monkeypatch.setattr(documentation, "documents", lambda library, topics: iter(["some", "documents"]))
    return home / "text.txt"


def choose(text: Path, tokenizer: Path, family: Family = "gpt2", /, **changes: Any) -> Choice:
    return Choice(**{"family": family, "texts": (str(text),), "tokenizer": str(tokenizer)} | changes)


@pytest.mark.parametrize("size", PRESETS)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_not_chosen_is_the_presets(text: Path, family: Family, size: str) -> None:
    found, recipe = settle(Choice(family=family, texts=(str(text),), preset=size)), PRESETS[size].recipes[family]
    assert found.shape == shape(family, size, 4096)
    assert found.tokenizer == str((paths.assets() / "models" / family).resolve())
    assert (found.texts, found.held_out, found.start) == ([str(text.resolve())], [], "")
    assert (found.rows, found.length, found.tokens) == (PRESETS[size].rows, PRESETS[size].length, PRESETS[size].tokens)
    for name in ("lr", "warmup", "clip", "weight_decay", "dropout", "causal_start"):
        assert getattr(found, name) == getattr(recipe, name), name
    assert (found.causal_start > 0) == (family == "bert")
    assert (found.minutes, found.seed, found.threads, found.processes, found.canary) == (0, 1, 0, 1, True)


def test_what_is_chosen_is_what_the_settings_hold(text: Path, own_folder: Path, home: Path) -> None:
    (home / "held.txt").write_text("kept back")
    found = settle(
        choose(
            text, own_folder, "bert", layers=3, width=96, heads=4, inner=100, seed=7,
            held_out=(str(home / "held.txt"),), threads=2, processes=2, causal_start=False, replace="80/10/10",
            lr=1e-4, rows=6, length=40, dropout=0.0, tokens=5000,
        )
    )  # fmt: skip
    form = found.shape
    assert (form.layers, form.width, form.heads, form.inner, form.positions, form.vocabulary) == (
        3,
        96,
        4,
        100,
        40,
        600,
    )
    assert (found.seed, found.threads, found.processes, found.lr, found.dropout) == (7, 2, 2, 1e-4, 0.0)
    assert (found.causal_start, found.replace, found.tokens) == (0.0, "80/10/10", 5000)
    assert (found.rows, found.length, found.held_out) == (6, 40, [str((home / "held.txt").resolve())])
    assert found.tokenizer == str(own_folder.resolve())


def test_a_width_brings_heads_and_inner_width_along(text: Path, own_folder: Path) -> None:
    wide = settle(choose(text, own_folder, width=128, preset="base")).shape
    assert (wide.heads, wide.inner) == (2, 512)
    assert settle(choose(text, own_folder, width=100)).shape.heads == 4
    lstm = settle(choose(text, own_folder, "lstm", width=128)).shape
    assert (lstm.heads, lstm.inner) == (0, 252)


@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_are_matched(text: Path, own_folder: Path, family: Family) -> None:
    found = settle(choose(text, own_folder, family, match=500_000, layers=3, length=32)).shape
    assert shapes.parameters(family, found) == pytest.approx(500_000, rel=0.02)
    assert (found.layers, found.positions, found.vocabulary) == (3, 32, 600)


def test_a_budget_is_tokens_steps_or_minutes(text: Path, own_folder: Path) -> None:
    assert settle(choose(text, own_folder, tokens=12_345)).tokens == 12_345
    assert settle(choose(text, own_folder, steps=10)).tokens == 10 * 16 * 64
    assert settle(choose(text, own_folder, steps=10, rows=2, length=20)).tokens == 400
    timed = settle(choose(text, own_folder, minutes=2.5))
    assert (timed.tokens, timed.minutes) == (0, 2.5)


def test_without_a_text_it_is_the_python_documentation(text: Path, own_folder: Path) -> None:
    found = settle(choose(text, own_folder, texts=(), field="body"))
    assert found.texts == [str(documentation.file())]
    assert Path(found.texts[0]).read_text() == "some\n\ndocuments\n"
    assert found.field == "text", "a field is that of the files that somebody named"


def test_a_tokenizer_may_be_made_of_the_text(text: Path) -> None:
    found = settle(Choice(family="bert", texts=(str(text),), tokenizer="new:500"))
    assert (found.tokenizer, found.shape.vocabulary) == ("new", 500)
    assert settle(Choice(family="bert", texts=(str(text),), tokenizer="new")).shape.vocabulary == 4096


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_is_trained_further_as_it_is(text: Path, own_folder: Path, home: Path, family: Family) -> None:
    folder = model(home / "mine", own_folder, family)
    found = settle(Choice(family=family, texts=(str(text),), start=str(folder), preset="small"))
    assert found.shape == shape(family, "tiny", 600)
    assert (found.start, found.tokenizer) == (str(folder.resolve()), str(folder.resolve()))
    assert found.length == 64, "as long as it can read"
    assert found.lr == pytest.approx(PRESETS["small"].recipes[family].lr / 5)
    assert (found.causal_start, found.canary) == (0.0, False)
    assert settle(Choice(family=family, texts=(str(text),), start=str(folder), length=20)).length == 20


def test_training_further_changes_neither_shape_nor_tokenizer(text: Path, own_folder: Path, home: Path) -> None:
    folder = str(model(home / "mine", own_folder, "gpt2"))
    for changes, why in (
        ({"layers": 3}, "its own layers"), ({"match": 10**6}, "its own match"), ({"tokenizer": "new"}, "own tokenizer"),
        ({"length": 65}, "64 positions"), ({"family": "bert"}, "not a bert"), ({"start": "nothing"}, "no model called"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=why):
            settle(choose(text, Path(), **{"tokenizer": "", "start": folder} | changes))
    small = str(model(home / "small", own_folder, "gpt2", vocab_size=500))
    with pytest.raises(UserError, match="does not fit its model"):
        settle(choose(text, Path(), tokenizer="", start=small))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"family": "rnn"}, "no family called rnn"),
        ({"preset": "huge"}, "no size called huge"),
        ({"tokens": 5}, "less than one step"),
        ({"tokens": -5}, "less than one step"),
        ({"steps": -1}, "less than one step"),
        ({"tokens": 10**14}, "too large"),
        ({"steps": 10**12}, "too large"),
        ({"tokens": 10**6, "minutes": 1.0}, "given twice: minutes and tokens"),
        ({"minutes": -1.0}, "cannot take -1.0 minutes"),
        ({"minutes": math.inf}, "cannot take inf minutes"),
        ({"minutes": math.nan}, "cannot take nan minutes"),
        ({"width": 64, "heads": 3}, "3 heads do not divide"),
        ({"width": -64}, "width cannot be -64"),
        ({"layers": 1001}, "layers cannot be 1,001"),
        ({"layers": 900, "width": 60_000}, "too large"),
        ({"family": "lstm", "heads": 2}, "no heads"),
        ({"match": 500_000, "inner": 100}, "follow from"),
        ({"match": 1000}, "1,000 parameters"),
        ({"length": 15}, "15 tokens long"),
        ({"length": -1}, "-1 tokens long"),
        ({"length": 2**15}, "32,768 tokens long"),
        ({"rows": -1}, "rows cannot be -1"),
        ({"rows": 3, "processes": 4}, "4 processes cannot share 3 windows"),
        ({"processes": 0}, "processes cannot be 0"),
        ({"threads": -1}, "threads cannot be -1"),
        ({"lr": 2.0}, "rate cannot be 2.0"),
        ({"lr": math.nan}, "rate cannot be nan"),
        ({"dropout": 1.0}, "dropout cannot be 1.0"),
        ({"seed": -1}, "seed cannot be -1"),
        ({"replace": "nothing"}, "hidden by nothing"),
        ({"field": ""}, "has no name"),
        ({"texts": ("missing.txt",)}, "no such file"),
        ({"held_out": ("missing.txt",)}, "no such file"),
        ({"tokenizer": "new:7"}, "cannot have 7 entries"),
        ({"tokenizer": "nothing"}, "no model called nothing"),
    ],
)
def test_what_makes_no_run_is_refused(text: Path, own_folder: Path, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UserError, match=why):
        settle(choose(text, own_folder, **changes))


def test_what_is_trained_on_is_not_held_out(text: Path, own_folder: Path) -> None:
    with pytest.raises(UserError, match="trained on and held out"):
        settle(choose(text, own_folder, held_out=(str(text.parent),)))


def test_a_masked_model_needs_a_mask(text: Path, home: Path) -> None:
    folder = home / "gpt2-like"
    folder.mkdir()
    tokenizers.Tokenizer(models.BPE({"<|endoftext|>": 0, "a": 1}, [])).save(str(folder / "tokenizer.json"))
    assert settle(choose(text, folder, "lstm")).shape.vocabulary == 2
    with pytest.raises(UserError, match="no mask token"):
        settle(choose(text, folder, "bert"))
