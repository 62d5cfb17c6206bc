"""How a predicted token goes into a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messages import Slot
from tests.tui.fakes import prediction, top
from tui.results.slots import insertion

BYTE_LEVEL, WORD_PIECE = (" were", "s", ""), ("were", "##s", ".")


@pytest.mark.parametrize(
    ("text", "token", "vocabulary", "wanted"),
    [
        ("the cat [MASK] here", " were", BYTE_LEVEL, "the cat were here"),
        ("the cat [MASK] here", "s", BYTE_LEVEL, "the cats here"),
        ("the cat[MASK] here", " were", BYTE_LEVEL, "the cat were here"),
        ("[MASK] here", " were", BYTE_LEVEL, "were here"),
        ("a\n[MASK]", " were", BYTE_LEVEL, "a\n were"),
        ("the cat", " were", BYTE_LEVEL, "the cat were"),
        ("the cat ", " were", BYTE_LEVEL, "the cat were"),
        ("the cat ", "s", BYTE_LEVEL, "the cats"),
        ("the cat [MASK] here", "were", WORD_PIECE, "the cat were here"),
        ("the cat [MASK] here", "##s", WORD_PIECE, "the cats here"),
        ("the cat[MASK]", "were", WORD_PIECE, "the cat were"),
        ("the cat", "were", WORD_PIECE, "the cat were"),
        ("the cat", ".", WORD_PIECE, "the cat."),
        ("the cat ", "were", WORD_PIECE, "the cat were"),
    ],
)
def test_a_token_goes_into_the_text_as_its_vocabulary_means_it(
    text: str, token: str, vocabulary: tuple[str, ...], wanted: str
) -> None:
    slot = prediction(text, "bert", *vocabulary).slots[0]
    change = insertion(text, slot, token)
    assert change is not None
    new, start, end = change
    assert text[:start] + new + text[end:] == wanted


@given(st.text(max_size=12), st.text(max_size=12), st.text(min_size=1, max_size=6))
def test_the_rest_of_the_text_is_never_touched(before: str, after: str, token: str) -> None:
    slot = Slot(start=len(before), end=len(before) + 3, kind="mask", top=top(token))
    text = f"{before}___{after}"
    if change := insertion(text, slot, token):
        new, start, end = change
        assert text[:start].rstrip(" ") == before.rstrip(" ") and text[end:] == after
        assert new.strip(" #") == token.strip(" #")
