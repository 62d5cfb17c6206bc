"""The Markdown of the notes: what is joined, what is styled, and that nothing of a text is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.notes import pages as notes
from tui.notes.markdown import bare, pieces, typeset

TEXT = """# Head `[CLS]`

One **bold
word** and *two*.
- first entry
  goes on
- second `a*b*c`

```
  [MASK] **as it is**

last
```
"""
SHIPPED = notes.load()


def test_lines_are_joined_to_pieces() -> None:
    assert [(piece.line, piece.kind, piece.bare) for piece in pieces(TEXT)] == [
        (0, "h1", "Head [CLS]"),
        (2, "text", "One bold word and two."),
        (4, "item", "first entry goes on"),
        (6, "item", "second a*b*c"),
        (9, "code", "  [MASK] **as it is**"),
        (10, "code", ""),
        (11, "code", "last"),
    ]


def test_styles_stand_where_their_signs_stood() -> None:
    content = pieces(TEXT)[1].content
    assert {content.plain[span.start : span.end]: span.style for span in content.spans} == {
        "bold word": "bold",
        "two": "italic",
    }


def test_a_page_says_in_which_row_each_piece_begins() -> None:
    page = typeset(TEXT, 20)
    rows = page.content.plain.split("\n")
    assert rows[page.rows[4]] == "  • first entry goes"
    assert rows[page.rows[4] + 1] == "    on"
    assert rows[page.rows[9]] == "      [MASK] **as it"
    assert max(map(len, rows)) <= 20


def test_marked_pieces_have_a_bar_and_found_words_are_reversed() -> None:
    page = typeset(TEXT, 40, [4], re.compile("entry"))
    barred = [row for row in page.content.plain.split("\n") if row.startswith("▌")]
    assert barred == ["▌ • first entry goes on"]
    found = [page.content.plain[span.start : span.end] for span in page.content.spans if span.style == "reverse"]
    assert found == ["entry"]


@given(st.text(alphabet="ab *`#-\n[]\\_|1.", max_size=80), st.integers(1, 60))
def test_any_text_keeps_all_its_letters(text: str, width: int) -> None:
    page = typeset(text, width)
    assert set(page.rows) == {piece.line for piece in pieces(text)}
    for letter in "ab[]\\_|":
        assert page.content.plain.count(letter) == text.count(letter) or "```" in text


@given(st.text(alphabet="ab *`", max_size=40))
def test_what_is_searched_is_what_is_seen(text: str) -> None:
    for piece in pieces(text):
        assert piece.content.plain == piece.bare == bare(piece.text)


@pytest.mark.parametrize("note", SHIPPED, ids=lambda note: note.key)
def test_the_notes_keep_to_this_markdown(note: notes.Note) -> None:
    for piece in pieces(notes.page(note, SHIPPED)):
        if piece.kind != "code":
            outside = re.sub(r"`[^`]+`", "", piece.text)
            assert not re.search(r"\]\(|^\||^\d+\. |^>|</|&\w+;|__|\\", outside), piece
            assert not re.search(r"[*`]", bare(outside)), piece
