"""What a run may begin with: tokenizers and models, read as JSON and judged as the libraries judge them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import models

from core import origins, paths
from core.errors import UserError
from core.presets import shape
from core.settings import FAMILIES, Family
from core.text.tokens import Tokenizer
from tests.core.test_shapes import NETS


def model(folder: Path, tokenizer: Path, family: Family, **changes: Any) -> Path:
    """A model folder without weights."""
    folder.mkdir()
    config = NETS[family].shaped(shape(family, "tiny", 600)) | changes
    (folder / "config.json").write_text(json.dumps({key: value for key, value in config.items() if value != "none"}))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((tokenizer / name).read_bytes())
    return folder


@pytest.mark.parametrize("asked", ["new", "new:4096", "new:4,096", "new:4_096"])
def test_a_new_tokenizer_has_a_size(asked: str) -> None:
    assert origins.new_size(asked) == 4096


@pytest.mark.parametrize("asked", ["new:299", "new:65537", "new:-5", "new:x", "new:1e4", "new:" + "9" * 99])
def test_a_size_that_cannot_be_is_refused(asked: str) -> None:
    with pytest.raises(UserError, match="from 300 to 65,536"):
        origins.new_size(asked)


def test_other_names_ask_for_no_new_one() -> None:
    assert [origins.new_size(name) for name in ("", "bert", "./new", "newer", "/a/new")] == [0] * 5


def test_a_tokenizer_is_a_model_or_a_folder(own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, family in (("", "lstm"), ("bert", "gpt2")):
        folder = origins.tokenizer(name, family)  # type: ignore[arg-type]
        assert folder == (paths.assets() / "models" / (name or family)).resolve()
    assert origins.tokenizer(str(own_folder), "gpt2") == own_folder.resolve()
    monkeypatch.chdir(own_folder.parent)
    assert origins.tokenizer(own_folder.name, "gpt2") == own_folder.resolve()
    with pytest.raises(UserError, match="no model called"):
        origins.tokenizer("nothing", "gpt2")
    with pytest.raises(UserError, match="not a model folder"):
        origins.tokenizer(str(tmp_path), "gpt2")


def test_entries_are_those_of_the_library(own_folder: Path) -> None:
    for folder in (own_folder, *(paths.assets() / "models" / family for family in FAMILIES)):
        assert origins.entries(folder, masked=True) == Tokenizer.load(folder).vocabulary


def test_without_a_mask_only_causal_models_are_trained(tmp_path: Path) -> None:
    vocabulary = {"<|endoftext|>": 0, "a": 1}
    tokenizers.Tokenizer(models.BPE(vocabulary, [])).save(str(tmp_path / "tokenizer.json"))
    assert origins.entries(tmp_path, masked=False) == 2
    with pytest.raises(UserError, match="no mask token"):
        origins.entries(tmp_path, masked=True)


def test_a_tokenizer_that_fits_no_model_is_refused(tmp_path: Path) -> None:
    tokenizers.Tokenizer(models.WordLevel({"a": 0}, "a")).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(UserError, match="no start token"):
        origins.entries(tmp_path, masked=False)
    pieces = [("<s>", 0.0), ("</s>", 0.0)] + [(str(number), -1.0) for number in range(2**16)]
    tokenizers.Tokenizer(models.Unigram(pieces)).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(UserError, match="65,538 entries"):
        origins.entries(tmp_path, masked=False)


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"model": {"vocab": 3}}', '{"model": {"vocab": {}}}', "[" * 9999]
)
def test_a_broken_tokenizer_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(UserError, match=f"{tmp_path.name} holds no tokenizer"):
        origins.entries(tmp_path, masked=False)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_says_its_shape(family: Family, own_folder: Path, tmp_path: Path) -> None:
    folder = model(tmp_path / "mine", own_folder, family)
    assert origins.model(str(folder), family) == (folder.resolve(), shape(family, "tiny", 600))
    found, form = origins.model(family, family)
    assert found == (paths.assets() / "models" / family).resolve() and form.vocabulary == 4096


def test_gpt2_has_an_inner_width_of_its_own(own_folder: Path, tmp_path: Path) -> None:
    for name, inner in (("a", None), ("b", "none")):
        folder = model(tmp_path / name, own_folder, "gpt2", n_inner=inner)
        assert origins.model(str(folder), "gpt2")[1].inner == 256


@pytest.mark.parametrize(
    ("family", "changes", "why"),
    [
        ("bert", {"architectures": ["RobertaForMaskedLM"]}, "RobertaForMaskedLM"),
        ("bert", {"architectures": []}, "without an architecture"),
        ("bert", {"hidden_size": "none"}, "hidden_size is None"),
        ("bert", {"num_hidden_layers": -1}, "num_hidden_layers is -1"),
        ("gpt2", {"n_layer": True}, "n_layer is True"),
        ("gpt2", {"n_head": 3}, "3 heads do not divide"),
        ("lstm", {"hidden_size": 2**40}, "hidden_size is 1099511627776"),
    ],
)
def test_a_model_that_cannot_be_trained_further_is_refused(
    family: Family, changes: dict[str, Any], why: str, own_folder: Path, tmp_path: Path
) -> None:
    folder = model(tmp_path / "mine", own_folder, family, **changes)
    with pytest.raises(UserError) as caught:
        origins.model(str(folder), family)
    assert why in str(caught.value)


def test_a_model_of_another_family_is_refused() -> None:
    with pytest.raises(UserError, match="not a bert"):
        origins.model("gpt2", "bert")
    with pytest.raises(UserError, match="no model called"):
        origins.model("nothing", "bert")
