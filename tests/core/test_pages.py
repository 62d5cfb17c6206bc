"""Words that stay JSON until they are looked at: the same words, whoever reads them, and few of them open at once."""

from __future__ import annotations

import msgspec
import pytest

from core import messages as m
from core.messages.pages import KEPT, PAGE, Pages
from tests.tui.fakes import comparison

WORDS = comparison(" ".join(f"w{number}" for number in range(2 * PAGE + 7)), ["bert"]).words


def paged(words: list[m.Word]) -> Pages:
    return Pages([m.raw(words[at : at + PAGE]) for at in range(0, len(words), PAGE)])


def test_they_are_the_words() -> None:
    found = paged(list(WORDS))
    assert len(found) == 2 * PAGE + 7 and list(found) == WORDS and found[-1] == WORDS[-1]
    assert found[PAGE - 2 : PAGE + 2] == WORDS[PAGE - 2 : PAGE + 2] and found.page(1) == WORDS[PAGE : 2 * PAGE]
    for outside in (len(found), -len(found) - 1):
        with pytest.raises(IndexError):
            found[outside]
    assert len(paged([])) == 0 and list(paged([])) == []


def test_a_page_that_is_looked_at_stays_open_and_old_ones_are_closed() -> None:
    found = Pages([m.raw(WORDS[:PAGE])] * (KEPT + 5))
    assert found.page(0) is found.page(0)
    first = found.page(0)
    for number in range(KEPT + 5):
        found.page(number)
    assert len(found._open) <= KEPT and found.page(0) is not first


def test_they_are_encoded_as_words() -> None:
    whole = msgspec.structs.replace(comparison("a b", ["bert"]), text="", words=paged(list(WORDS)))
    again = m.decode_event(m.encode(m.Compared(id=1, comparison=whole)))
    assert isinstance(again, m.Compared) and again.comparison.words == WORDS


def test_half_a_character_travels_in_a_page() -> None:
    odd = msgspec.structs.replace(WORDS[0], text="\ud800")
    event = m.decode_event(m.encode(m.Page(id=1, words=msgspec.Raw(m.raw([odd])))))
    assert isinstance(event, m.Page) and Pages([bytes(event.words)])[0].text == "\ufffd"
