"""An answer whose words come before it: in order, none lost, decoded when they are looked at."""

from __future__ import annotations

from core import messages as m
from tests.tui.lab import Lab

TEXT = " ".join(f"w{number}" for number in range(3 * m.PAGE + 1))


async def test_the_words_of_pages_are_put_together() -> None:
    lab = Lab()
    try:
        for paged in (True, False):
            asked = m.Compare(id=lab.engine.fresh(), models=["bert", "gpt2"], text=TEXT, paged=paged)
            answer = await lab.engine.request(asked)
            assert isinstance(answer, m.Compared)
            words = answer.comparison.words
            assert isinstance(words, m.Pages) == paged and len(words) == 3 * m.PAGE + 1
            assert [word.text for word in words] == TEXT.split() and words[m.PAGE].text == f"w{m.PAGE}"
    finally:
        await lab.engine.stop()
