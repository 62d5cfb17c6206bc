from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.text.marks import MARK, ask_causal, ask_masked
from core.text.tokens import Tokenizer
from tests.core.texts import ANY

MASKED = (
    "The keys [MASK] on the table.",
    "[MASK] keys were there",
    "[MASK]",
    "it is [MASK]",
    "it is [MASK] ",
    "it is [MASK].",
    "(\u201c[MASK]\u201d)",
    "un[MASK]able",
    "[MASK][MASK]",
    "two  [MASK] \n [MASK] masks\t[MASK]",
    "a\u00a0[MASK]\u3000b \x1f[MASK]",
    "na\u00efve [MASK] \U0001f4a9[MASK]\U0001f4a9",
    "\n[MASK]\n",
)


@pytest.fixture(scope="session")
def pairs(request: pytest.FixtureRequest, bert_folder: Path, own_folder: Path) -> list[tuple[Tokenizer, object]]:
    from transformers import BertTokenizerFast, PreTrainedTokenizerFast

    return [
        (request.getfixturevalue("bert_tokenizer"), BertTokenizerFast.from_pretrained(str(bert_folder))),
        (request.getfixturevalue("own_tokenizer"), PreTrainedTokenizerFast.from_pretrained(str(own_folder))),
    ]


@pytest.mark.parametrize("text", MASKED)
def test_masked_ids_are_those_of_transformers(text: str, pairs: list[tuple[Tokenizer, object]]) -> None:
    for ours, theirs in pairs:
        asked = ask_masked(text, ours)
        assert asked.ids == theirs(text, add_special_tokens=False).input_ids  # type: ignore[operator]
        assert [place.index for place in asked.places] == [
            at for at, token in enumerate(asked.ids) if token == ours.mask
        ]
        assert [text[place.start : place.end] for place in asked.places] == ["[MASK]"] * text.count("[MASK]")
        assert asked.notes == []


@given(
    st.lists(ANY.filter(lambda text: "[" not in text and "_" not in text and "<" not in text), min_size=2, max_size=4)
)
def test_any_text_around_masks(
    own_tokenizer: Tokenizer, pairs: list[tuple[Tokenizer, object]], parts: list[str]
) -> None:
    text = "[MASK]".join(parts)
    clean = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    for ours, theirs in pairs:
        assert ask_masked(text, ours).ids == theirs(clean, add_special_tokens=False).input_ids  # type: ignore[operator]


@pytest.mark.parametrize("mark", ["<mask>", "___", "_____", "[MASK]"])
@pytest.mark.parametrize("around", [("The ", " sat."), ("", " sat"), ("un", "able"), ("The ", "")])
def test_every_spelling_is_the_same_mask(mark: str, around: tuple[str, str], bert_tokenizer: Tokenizer) -> None:
    asked = ask_masked(mark.join(around), bert_tokenizer)
    assert asked.ids == ask_masked("[MASK]".join(around), bert_tokenizer).ids
    assert (asked.places[0].start, asked.places[0].end) == (len(around[0]), len(around[0]) + len(mark))
    spelled = "___" if mark[0] == "_" else mark
    assert asked.notes == ([] if mark == "[MASK]" else [f"{spelled} is read as [MASK]."])


def test_a_masked_model_without_a_mask_gets_one_at_the_end(bert_tokenizer: Tokenizer, own_tokenizer: Tokenizer) -> None:
    for tokenizer in (bert_tokenizer, own_tokenizer):
        for text in ("Paris is the capital of", "Paris is ", "", "__ is no mask"):
            asked = ask_masked(text, tokenizer)
            assert asked.ids == [*tokenizer.encode(text.rstrip()).ids, tokenizer.mask]
            assert [(place.start, place.end, place.index) for place in asked.places] == [
                (len(text), len(text), len(asked.ids) - 1)
            ]
            assert asked.notes == ["No mask in the text: [MASK] was put at its end."]


def test_other_special_tokens_stay_characters(own_tokenizer: Tokenizer) -> None:
    asked = ask_masked("[CLS] a [MASK] [SEP]", own_tokenizer)
    assert own_tokenizer.start not in asked.ids and own_tokenizer.end not in asked.ids
    assert own_tokenizer.decode(asked.ids) == "[CLS] a[MASK] [SEP]"


def test_a_tokenizer_without_a_mask_is_refused(gpt2_tokenizer: Tokenizer) -> None:
    with pytest.raises(UserError, match="no mask token"):
        ask_masked("The [MASK]", gpt2_tokenizer)


def test_a_causal_model_reads_what_is_left_of_each_mark(gpt2_tokenizer: Tokenizer) -> None:
    text = "The keys ___ on the <mask>[MASK]."
    asked, notes = ask_causal(text, gpt2_tokenizer)
    lefts = ["The keys", "The keys on the", "The keys on the"]
    assert [ids for ids, _ in asked] == [gpt2_tokenizer.encode(left).ids for left in lefts]
    assert [(text[place.start : place.end], place.kind, place.index) for _, place in asked] == [
        ("___", "mask", 2), ("<mask>", "mask", 4), ("[MASK]", "mask", 4),
    ]  # fmt: skip
    assert notes == [
        "___ is read as a place to predict.",
        "<mask> is read as a place to predict.",
        "[MASK] is read as a place to predict.",
        "A causal model answers from the words left of the place.",
        "Earlier places are left out of what it reads.",
    ]


def test_a_mark_at_the_start_leaves_a_causal_model_nothing_to_read(gpt2_tokenizer: Tokenizer) -> None:
    asked, _ = ask_causal("[MASK] keys", gpt2_tokenizer)
    assert [(ids, place.index) for ids, place in asked] == [([], 0)]


@pytest.mark.parametrize(
    ("text", "read", "said"),
    [
        ("Hello", "Hello", False),
        ("Hello ", "Hello", True),
        ("Hello   ", "Hello", True),
        ("Hello\n", "Hello\n", False),
        ("Hello\n\n ", "Hello\n\n", True),
        ("Hello\t", "Hello\t", False),
        ("", "", False),
    ],
)
def test_the_next_place(text: str, read: str, said: bool, gpt2_tokenizer: Tokenizer) -> None:
    [(ids, place)], notes = ask_causal(text, gpt2_tokenizer)
    assert ids == gpt2_tokenizer.encode(read).ids
    assert (place.start, place.end, place.kind, place.index) == (len(text), len(text), "next", len(ids))
    assert bool(notes) == said


def test_nothing_is_said_where_the_space_changes_nothing(bert_tokenizer: Tokenizer) -> None:
    assert ask_causal("Hello ", bert_tokenizer)[1] == []


@given(ANY)
def test_any_text_is_asked(own_tokenizer: Tokenizer, text: str) -> None:
    marks = len(MARK.findall(text))
    asked = ask_masked(text, own_tokenizer)
    assert len(asked.places) == max(1, marks)
    assert [asked.ids[place.index] for place in asked.places] == [own_tokenizer.mask] * max(1, marks)
    causal, _ = ask_causal(text, own_tokenizer)
    assert [place.kind for _, place in causal] == (["mask"] * marks or ["next"])
