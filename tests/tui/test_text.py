"""The one door to the screen, and the guard behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Static

from tests.tui.fakes import HARMFUL, RAW, SHOWN
from tests.tui.hosts import shown
from tui import text
from tui.text import Guard, cells, one_for_one, one_line, passage, plain, shorten


@pytest.mark.parametrize("harmful", HARMFUL)
def test_nothing_is_markup_and_nothing_vanishes(harmful: str) -> None:
    content = plain(harmful)
    assert content.plain == SHOWN.get(harmful, harmful)
    assert not content.spans


@given(st.text(st.characters(), max_size=60))
def test_no_character_that_could_be_obeyed_is_left(anything: str) -> None:
    for safe in (plain(anything).plain, passage(anything).plain, one_line(anything)):
        assert not text.RAW.search(safe.replace("\n", ""))
        safe.encode()
    assert not text.RAW.search(one_for_one(anything).replace("\t", ""))


@given(st.text(st.characters(), max_size=60))
def test_a_field_keeps_every_code_point_in_its_place(anything: str) -> None:
    safe = one_for_one(anything)
    assert len(safe) == len(anything)
    assert all(new == old or text.RAW.match(old) for new, old in zip(safe, anything, strict=True))


def test_a_passage_keeps_its_lines() -> None:
    assert passage("one\r\n\ttwo\n[/]").plain == "one\n    two\n[/]"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40), st.integers(0, 20))
def test_shortened_text_fits(anything: str, room: int) -> None:
    assert cells(shorten(anything, room)) <= room or cells(anything) <= room


@given(st.lists(st.text(max_size=20), max_size=5))
def test_the_guard_lets_nothing_through_and_keeps_widths(texts: list[str]) -> None:
    segments = [Segment(part) for part in texts]
    safe = Guard().apply(segments, Color(0, 0, 0))
    assert not any(text.RAW.search(segment.text) for segment in safe)
    assert [segment.cell_length for segment in safe] == [segment.cell_length for segment in segments]


class Careless(App[None]):
    """A window that forgets the door; the guard is its only help."""

    def __init__(self, guarded: bool) -> None:
        super().__init__()
        self.guards = [Guard()] if guarded else []

    def compose(self) -> ComposeResult:
        yield Static("a\x1b[2Jb\u202ec\x9bd", markup=False)

    def get_line_filters(self):  # type: ignore[no-untyped-def]
        return [*super().get_line_filters(), *self.guards]


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_guard_stands_behind_every_widget(guarded: bool) -> None:
    app = Careless(guarded)
    async with app.run_test(size=(60, 20)):
        lines = [strip.text for strip in app.query_one(Static).render_lines(app.query_one(Static).size.region)]
        assert bool(RAW.search("".join(lines))) is not guarded
        assert "b" in shown(app)
