"""Words, cut on the text as it was typed: the only units that two tokenizers can be compared on."""

from __future__ import annotations

from typing import NamedTuple

import regex


class Span(NamedTuple):
    """The code points `start` up to, but not including, `end` of a text."""

    start: int
    end: int


def _segment() -> str:
    r"""The word boundary rules of UAX 29 (WB1 to WB999) as one pattern that matches from boundary to boundary.

    Written out because `(?w)\b` of `regex` (2026.11) keeps the quote in "'apple" but not in "'the", cuts a decomposed
    "café's" in two, errs at the start of a text, and takes quadratic time on flags. Each repeat is possessive, so that
    the time is linear.
    """

    def one(*names: str) -> str:
        return "[" + "".join(rf"\p{{WB={name}}}" for name in names) + "]"

    x = one("Extend", "Format", "ZWJ") + "*+"  # WB4: these never start a segment of their own
    hebrew = one("Hebrew_Letter")
    quote = one("Single_Quote")
    letter = rf"(?:{one('ALetter')}{x}|{hebrew}{x}(?:{one('Double_Quote')}{x}(?={hebrew}))?+)"  # WB7b, WB7c
    digit = one("Numeric") + x
    link = one("ExtendNumLet") + x
    letters = rf"{letter}(?:(?:{one('MidLetter', 'MidNumLet', 'Single_Quote')}{x})?{letter})*+"  # WB5 to WB7
    digits = rf"{digit}(?:(?:{one('MidNum', 'MidNumLet', 'Single_Quote')}{x})?{digit})*+"  # WB8, WB11, WB12
    run = rf"(?:(?:{letters}|{digits})++|(?:{one('Katakana')}{x})++)"  # WB9, WB10, WB13
    word = rf"(?:{run}|(?:{link})++{run}?+)(?:(?:{link})++{run}?+)*+"  # WB13a, WB13b
    word += rf"(?:{quote}(?<={hebrew}{one('Extend', 'Format', 'ZWJ')}*{quote}){x})?+"  # WB7a
    line_end = rf"\r\n|{one('CR', 'LF', 'Newline')}"  # WB3 to WB3b
    flag = rf"{one('Regional_Indicator')}{x}"  # WB15, WB16: they go in pairs
    other = rf"{one('WSegSpace')}++{x}|{flag}(?:{flag})?+|{word}|[\s\S]{x}"  # WB3d, WB999
    return rf"(?:{line_end}|(?:{other})(?:(?<=\u200d)(?=\p{{Extended_Pictographic}})(?:{other}))*+)"  # WB3c


_SEGMENT = regex.compile(_segment())


def cut(text: str) -> list[Span]:
    """The words of `text`, in order, by the word boundaries of UAX 29 (https://unicode.org/reports/tr29/).

    Every segment between two boundaries that is not white space (`str.isspace`) is a word: punctuation marks are
    words too. White space at the edge of a segment (a space that carries an accent) does not belong to the word, so
    that every code point is in exactly one word or is white space.
    """
    spans = []
    for match in _SEGMENT.finditer(text):
        segment = match.group()
        if word := segment.strip():
            left = match.start() + len(segment) - len(segment.lstrip())
            spans.append(Span(left, left + len(word)))
    return spans
