"""Text that the lab did not write: shown, never obeyed, nothing silently dropped."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.clean import LONGEST, clean, clean_json, clean_lines

ANYTHING = st.text(st.characters(exclude_categories=[]))
JOINERS = "\u200c\u200d"
VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Format characters that have a shape of their own: signs that stand over Arabic, Syriac and Kaithi numbers."""


def obeyed(character: str) -> bool:
    """Whether a terminal could act on a character or show nothing for it."""
    if character in JOINERS or character in VISIBLE_FORMATS:
        return False
    code = ord(character)
    shaped = 0x13430 <= code <= 0x13440 or 0x1BCA0 <= code <= 0x1BCA3  # of hieroglyphs and shorthand
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not shaped


@settings(max_examples=500)
@given(ANYTHING)
@example("\x1b]52;c;AAAA\x07")
@example("\x9b31m")
@example("\U000e0041\U000e007f")
def test_nothing_is_left_that_a_terminal_could_obey(text: str) -> None:
    shown = clean(text)
    assert not [character for character in shown if obeyed(character)]
    shown.encode()


def test_every_single_code_point_is_safe_and_visible() -> None:
    for code in range(0x110000):
        shown = clean(chr(code))
        assert len(shown) == 1 and not obeyed(shown), hex(code)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@given(st.text(st.characters(exclude_categories=["M"])))
def test_no_character_moves(text: str) -> None:
    shown = clean(text)
    assert len(shown) == len(text)
    assert all(before == after or obeyed(before) for before, after in zip(text, shown, strict=True))


@pytest.mark.parametrize("text", ["[MASK]", "[/]", "[bold", "[CLS] <|endoftext|>", "\\[x]"])
def test_markup_is_text(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31m", "␛[31m"),
        ("a\r\nb\tc", "a␍␊b␉c"),
        ("\x7f", "␡"),
        ("soft\xadhyphen", "soft‐hyphen"),
        ("a\u200bb", "a␣b"),
        ("\u202eabc", "�abc"),
        ("\udc80", "�"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_stands_for_what(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_a_pile_of_marks_is_cut() -> None:
    assert clean("e" + "\u0301" * 8) == "e" + "\u0301" * 8
    assert clean("e" + "\u0301" * 5000 + "x") == "e" + "\u0301" * 8 + "�x"


def test_a_long_line_is_cut_and_says_so() -> None:
    assert clean("x" * LONGEST) == "x" * LONGEST
    shown = clean("x" * (LONGEST + 1))
    assert len(shown) == LONGEST and shown.endswith("x…")


def test_lines_stay_lines_and_tabs_become_spaces() -> None:
    assert clean_lines("a\tb\r\nc\x1bd\re") == "a   b\nc␛d␍e"


def test_no_stand_in_is_wider_than_a_cell() -> None:
    assert {cell_len(clean(chr(code))) for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x200B, 0x202E)} == {1}


@given(ANYTHING.filter(lambda text: not any(0xD800 <= ord(character) < 0xE000 for character in text)))
@example("\x7f\x9b\u202e\U000e0041")
def test_json_means_the_same_and_cannot_be_obeyed(text: str) -> None:
    shown = clean_json(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(shown) == {"a": text}
    assert not [character for character in shown if obeyed(character) and character not in "\xad\u200b"]
