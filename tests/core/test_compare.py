"""One text through several models: every word once, every sum right, whatever the text."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tokenizers
import torch

from core.catalogue import Entry
from core.compare import MOST_WORDS, compare
from core.errors import UserError
from core.messages import PLL, Compared, Comparison, encode
from core.models.load import load
from core.models.model import Model
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.scoring.causal import surprisal
from core.scoring.tokens import bits
from core.settings import Shape
from core.text.tokens import Tokenizer
from core.text.vocabularies import Roles
from core.training.keep.checkpoint import write_model
from tests.core.test_score import uneven
from tests.core.toys import toy


def run(models: dict[str, Model], text: str, **changes: Any) -> Comparison:
    options: dict[str, Any] = {"top": 3, "pll": "within_word_l2r", "first_token": "bos"} | changes
    return compare(models, text, progress=lambda done, total, note: None, **options)


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory, own_folder: Path) -> dict[str, Model]:
    """Three tiny random networks with one tokenizer of the bundled form."""
    torch.manual_seed(5)
    made = {}
    for name, family in (("bert", Bert), ("gpt2", Gpt2), ("lstm", Lstm)):
        heads = 0 if name == "lstm" else 2
        form = Shape(vocabulary=600, layers=2, width=16, heads=heads, inner=32, positions=32)
        folder = tmp_path_factory.mktemp(name)
        net: Any = family.from_config(family.shaped(form)).start()
        write_model(net, own_folder, folder)
        made[name] = load(
            Entry(name=name, source="folder", folder=str(folder), architecture="", kind=""), torch.device("cpu")
        )
    return made


def test_words_partition_the_text(trio: dict[str, Model]) -> None:
    text = "The keys, to the cabinet\n\nweren't   on the naïve 💩 table."
    result = run(trio, text)
    covered = [place for word in result.words for place in range(word.start, word.end)]
    assert len(covered) == len(set(covered))
    assert all(text[place].isspace() for place in set(range(len(text))) - set(covered))
    assert all(word.text == text[word.start : word.end] and word.scores.keys() == trio.keys() for word in result.words)


def test_words_sum_to_tokens(trio: dict[str, Model]) -> None:
    text = "Everything that is split into pieces adds up again, exactly."
    ids = trio["lstm"].tokenizer.encode(text).ids
    tokens = surprisal(trio["lstm"], ids, [0] * len(ids), "bos", lambda done, total: None)
    expected = sum(bits(score.logprob) for score in tokens if score is not None)
    words = [word.scores["lstm"].surprisal_bits for word in run(trio, text).words]
    assert sum(score for score in words if score is not None) == pytest.approx(expected, abs=1e-4)


def test_a_word_of_pieces_takes_the_worst_rank_and_the_first_list() -> None:
    model = toy("causal", uneven())
    word = run({"toy": model}, "cd").words[0].scores["toy"]
    first, second = surprisal(model, [7, 8], [3, 0], "bos", lambda done, total: None)
    assert first is not None and second is not None
    assert word.pieces == ["c", "##d"] and word.top == first.top
    assert word.rank == max(first.rank, second.rank) and first.rank != second.rank


def test_a_model_says_the_same_in_any_company() -> None:
    """A companion whose one token straddles "a b c" joins the words on screen, not in what BERT is asked."""
    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 1, "[CLS]": 2, "a b c": 5}, unk_token="[UNK]"))
    bert, broad = toy("masked", uneven()), toy("causal", uneven())
    broad = dataclasses.replace(broad, tokenizer=Tokenizer(inner, Roles(2, None, None, 1, None)))
    alone, beside = run({"bert": bert}, "a b c"), run({"bert": bert, "broad": broad}, "a b c")
    assert [word.joined for word in alone.words] == [False] * 3 and [word.joined for word in beside.words] == [True]
    total = sum(word.scores["bert"].surprisal_bits or 0.0 for word in alone.words)
    assert beside.words[0].scores["bert"].surprisal_bits == pytest.approx(total, abs=1e-6)


def test_what_each_saw_and_how_is_said(trio: dict[str, Model]) -> None:
    result = run(trio, "The table.")
    assert {name: word.saw for name, word in result.words[0].scores.items()} == {
        "bert": "both", "gpt2": "left", "lstm": "left",
    }  # fmt: skip
    assert result.models["bert"].method == "within_word_l2r" and result.models["bert"].first_token == "none"
    assert result.models["gpt2"].method == "surprisal" and result.models["gpt2"].first_token == "bos"


@pytest.mark.parametrize("pll", ["left_only", "left_masked"])
def test_a_masked_model_that_is_shown_the_left_alone_says_so(trio: dict[str, Model], pll: PLL) -> None:
    result = run(trio, "The table and the chair.", pll=pll)
    assert result.models["bert"].method == pll and result.models["gpt2"].method == "surprisal"
    assert {score.saw for word in result.words for score in word.scores.values()} == {"left"}
    whole = run(trio, "The table and the chair.")
    assert result.words[0].scores["bert"].surprisal_bits != whole.words[0].scores["bert"].surprisal_bits
    assert result.words[0].scores["gpt2"] == whole.words[0].scores["gpt2"]


def test_windows_of_a_long_text_are_told_with_their_context(trio: dict[str, Model]) -> None:
    notes = run(trio, "word " * 60, top=0).notes
    assert (
        "bert reads the text in windows of 30 tokens, 7 apart: each token with at least 11 on its left and 12 on its "
        "right, where the text has so many." in notes
    )
    assert any(note.startswith("gpt2 reads the text in windows of 31 tokens, 15 apart") for note in notes)
    assert not run(trio, "word").notes


def test_unscored_words_are_null_with_a_reason(trio: dict[str, Model]) -> None:
    first = run(trio, "The table.", first_token="skip").words[0].scores
    assert first["gpt2"].surprisal_bits is None and first["gpt2"].mark == "first"
    assert first["bert"].surprisal_bits is not None
    unknown = run({"toy": toy("causal", uneven())}, "a zebra b")
    assert [word.scores["toy"].mark for word in unknown.words] == ["", "unknown", ""]
    assert any("unknown" in note for note in unknown.notes)


def test_special_tokens_in_the_text_are_ordinary(trio: dict[str, Model]) -> None:
    text = "[CLS] the [MASK] <|endoftext|> [SEP]"
    special = {trio["bert"].tokenizer.show(number) for number in range(5)}
    for word in run(trio, text).words:
        for score in word.scores.values():
            assert not special & set(score.pieces)


@pytest.mark.parametrize("text", ["", "   \n\t ", "\n"])
def test_text_without_words_is_refused(trio: dict[str, Model], text: str) -> None:
    with pytest.raises(UserError, match="no word"):
        run(trio, text)


def test_too_many_words_are_refused(trio: dict[str, Model]) -> None:
    with pytest.raises(UserError, match="50,001"):
        run(trio, "a " * (MOST_WORDS + 1))


@pytest.mark.parametrize("text", ["💩💩", "中文字", "a\x00b", "\ud800", "e" + "\u0301" * 40, "שלום עולם", "x" * 3000])
def test_any_text_gives_an_answer_that_travels(trio: dict[str, Model], text: str) -> None:
    result = run(trio, text)
    again = msgspec.json.decode(encode(Compared(id=1, comparison=msgspec.structs.replace(result, text=""))))
    assert len(again["comparison"]["words"]) == len(result.words)


def test_progress_reaches_the_end_and_names_the_model(trio: dict[str, Model]) -> None:
    seen: list[tuple[int, int, str]] = []
    compare(trio, "word " * 100, 0, "original", "bos", lambda *args: seen.append(args))
    assert [note.removeprefix("scoring ") for _, _, note in seen][-1] == "lstm"
    assert seen[-1][0] == seen[-1][1] and [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
