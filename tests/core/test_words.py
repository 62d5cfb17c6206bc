from __future__ import annotations

import time

import pytest
from hypothesis import example, given

from core.text.words import Span, cut
from tests.core.texts import ANY


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in cut(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The keys to the cabinet.", ["The", "keys", "to", "the", "cabinet", "."]),
        ("Don't can\u2019t 'tis", ["Don't", "can\u2019t", "'", "tis"]),
        ("24.5 U.S.A. 12,000 18th", ["24.5", "U.S.A", ".", "12,000", "18th"]),
        ("'apple' 'the' rock'n'eat", ["'", "apple", "'", "'", "the", "'", "rock'n'eat"]),
        ("cafe\u0301's e\u0301.e\u0301 1\u0301,1", ["cafe\u0301's", "e\u0301.e\u0301", "1\u0301,1"]),
        (
            "\u05d0' \u05d0\"\u05d0 \u05d0\" \u05d0\u0301'1",
            ["\u05d0'", '\u05d0"\u05d0', "\u05d0", '"', "\u05d0\u0301'", "1"],
        ),
        ("a1.1a a:b 1:2 _a__1 \u30ab_a \u30aba", ["a1.1a", "a:b", "1", ":", "2", "_a__1", "\u30ab_a", "\u30ab", "a"]),
        ("\u0301a \u200d\u4e2d \u00adb", ["\u0301", "a", "\u200d", "\u4e2d", "\u00ad", "b"]),
        ("a-b x_y ...", ["a", "-", "b", "x_y", ".", ".", "."]),
        ("cafe\u0301 na\u00efve", ["cafe\u0301", "na\u00efve"]),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea",
            ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1eb\U0001f1f7", "\U0001f1e9\U0001f1ea"],
        ),
        (
            "\U0001f1ebx \U0001f1eb\u0301\U0001f1f7\U0001f1e9\u200d. \U0001f1eb\u200d\U0001f469",
            ["\U0001f1eb", "x", "\U0001f1eb\u0301\U0001f1f7", "\U0001f1e9\u200d", ".", "\U0001f1eb\u200d\U0001f469"],
        ),
        ("\u4e2d\u6587 \u30ab\u30bf\u30ab\u30ca", ["\u4e2d", "\u6587", "\u30ab\u30bf\u30ab\u30ca"]),
        ("[MASK]", ["[", "MASK", "]"]),
        ("a\u00a0b\u3000c\x1fd\r\n", ["a", "b", "c", "d"]),
        (" \u0301 x", ["\u0301", "x"]),
        ("a\ud800b", ["a", "\ud800", "b"]),
        ("", []),
        (" \t\r\n\u2028", []),
    ],
)
def test_words_are_cut_where_unicode_says(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_spans_count_code_points() -> None:
    assert cut(" \U0001f4a9 x") == [Span(1, 2), Span(3, 4)]


@given(ANY)
@example("\U0001f1eb\u200d" * 200 + "\U0001f469")
def test_every_character_is_in_one_word_or_is_white_space(text: str) -> None:
    done = 0
    for start, end in cut(text):
        assert done <= start < end
        assert text[done:start].strip() == ""
        assert not text[start].isspace() and not text[end - 1].isspace()
        done = end
    assert text[done:].strip() == ""


def test_a_long_run_of_flags_is_cut_in_pairs_at_once() -> None:
    text = "x\U0001f1eb" + "\U0001f1eb\u0301\U0001f1f7" * 30_000 + "y"
    began = time.process_time()
    found = cut(text)
    assert time.process_time() - began < 3
    assert len(found) == 30_003
    assert found[1] == Span(1, 4), "the pairs are counted from the first letter of the run"


@pytest.mark.parametrize(
    "unit",
    [
        "word ",
        "x",
        "\u05d0\u0301'",
        "a_",
        "_",
        "\U0001f469\u200d",
        "\u0301",
        "a'",
        "1,",
        ".",
        "\u4e2d",
        "\u200d",
        " \u0301",
        "a.",
    ],
)
def test_time_is_linear(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.process_time()
    cut(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("mark", ["'", ".", "_", ":", '"', "\u200d\U0001f469", "1", "\u30ab"])
def test_time_is_linear_in_a_run_of_accents(mark: str) -> None:
    text = ("\u05d0" + "\u0301" * 20_000 + mark) * 5
    began = time.process_time()
    cut(text)
    assert time.process_time() - began < 2
