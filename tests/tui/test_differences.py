"""A comparison is saved, opens again, and is laid beside another one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from core.errors import UserError
from core.messages import Comparison
from tests.tui.fakes import comparison, score
from tui.results import comparisons
from tui.results.differences import as_table, differences
from tui.results.files import as_json


def with_bits(one: Comparison, at: int, name: str, bits: float | None) -> Comparison:
    words = list(one.words)
    words[at] = msgspec.structs.replace(words[at], scores=words[at].scores | {name: score(name, words[at].text, bits)})
    return msgspec.structs.replace(one, words=words)


def test_nothing_changed_is_said() -> None:
    found = differences(comparison("a b"), comparison("a b"))
    assert found.same_text and not found.identities and not found.changes and found.compared == 6
    assert "All 6 numbers are the same." in as_table(found) and "models are the same" in as_table(found)


def test_changes_are_listed_the_largest_first_and_lost_scores_before_all() -> None:
    old = comparison("a b c", ["bert", "gpt2"])
    new = with_bits(with_bits(with_bits(old, 0, "bert", 0.5), 1, "gpt2", -2.0), 2, "bert", None)
    found = differences(old, new)
    assert [(one.text, one.model, one.by) for one in found.changes] == [
        ("c", "bert", None), ("b", "gpt2", -4.0), ("a", "bert", 0.5),
    ]  # fmt: skip
    table = as_table(found)
    assert "3 of 6 numbers changed" in table and "-4.0000" in table and "–" in table


def test_noise_of_the_last_digits_is_no_change() -> None:
    old = comparison("a", ["bert"])
    assert not differences(old, with_bits(old, 0, "bert", 1e-5)).changes
    assert differences(old, with_bits(old, 0, "bert", 1e-4)).changes


def test_what_differs_about_the_models_is_named() -> None:
    old, new = comparison("a", ["bert", "gpt2"]), comparison("a", ["bert", "lstm"])
    method = new.models["bert"]
    identity = msgspec.structs.replace(method.identity, revision="f" * 12, device="cuda:0")
    changed = msgspec.structs.replace(method, identity=identity, method="original")
    found = differences(old, msgspec.structs.replace(new, models=new.models | {"bert": changed}))
    assert found.identities == [
        "GPT-2 is in the old one only.",
        "BERT: method was within_word_l2r, is original.",
        f"BERT: revision was 0123456789ab, is {'f' * 12}.",
        "BERT: device was cpu, is cuda:0.",
        "LSTM is in the new one only.",
    ]


def test_words_of_a_changed_text_are_matched_in_order() -> None:
    old, new = comparison("the old cat sat", ["bert"]), comparison("the cat sat down", ["bert"])
    found = differences(old, new)
    assert not found.same_text and (found.matched, found.only_old, found.only_new) == (3, 1, 1)
    assert {(one.text, one.by) for one in found.changes} == {("cat", -1.0), ("sat", -1.0)}
    assert "3 words stand in both, 1 in the old one only" in as_table(found)


def test_what_is_saved_opens_again(home: Path) -> None:
    one = comparison("The keys [MASK] \x1b[31m")
    path = comparisons.save(one, "my keys")
    assert path == home / "data" / "comparisons" / "my keys.json"
    assert comparisons.read(comparisons.find("my keys")) == one == comparisons.read(comparisons.find(str(path)))
    assert [saved.name for saved in comparisons.every()] == ["my keys"]
    with pytest.raises(UserError, match="already"):
        comparisons.save(one, "my keys")


@pytest.mark.parametrize("name", ["", "  ", ".", "..", "a/b", "../x", "a\x1b", "x" * 81, ".hidden"])
def test_what_is_no_name_is_refused(home: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot be a name"):
        comparisons.check(name)


def test_a_proposed_name_can_be_used(home: Path) -> None:
    for text in ("The keys, to the cabinet were", "…!", "中文 text", "x" * 300):
        comparisons.check(comparisons.name_of(text))


def test_a_file_that_is_no_comparison_is_refused_with_the_reason(home: Path, tmp_path: Path) -> None:
    whole = as_json(comparison("a b"))
    path = tmp_path / "it.json"
    for content, said in (
        ("{}", "holds no comparison"), ("[", "holds no comparison"), ("", "holds no comparison"),
        (whole.replace('"version": 1', '"version": 9'), "newer lab"),
        (whole.replace('"lstm": {\n          "surprisal', '"lost": {\n          "surprisal', 1), "not whole"),
    ):  # fmt: skip
        path.write_text(content)
        with pytest.raises(UserError, match=said):
            comparisons.read(path)
    with pytest.raises(UserError, match="no comparison nothing"):
        comparisons.find("nothing")
