"""The Notes pane: reading, searching, and going to the sources and back."""

from __future__ import annotations

import pytest

from tests.tui.hosts import shown, until
from tests.tui.notes_lab import NotesLab, go_to, reader, settle
from tui.notes import pages as notes
from tui.panes.notes import NotesPane, SearchField
from tui.panes.notes.experimenting import ExperimentingPane
from tui.panes.notes.reading import ReadingPane
from tui.panes.notes.searching import SearchingPane
from tui.widgets.experiment import ExperimentView
from tui.widgets.outline import Outline
from tui.widgets.reader import Reader

SIZES = [(80, 24), (160, 48)]
pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("size", SIZES)
async def test_the_outline_shows_every_claim_with_its_verdict(size: tuple[int, int]) -> None:
    async with NotesLab().run_test(size=size) as pilot:
        await settle(pilot)
        text = shown(pilot.app)
        for note in notes.load():
            assert note.title[:20] in text
        assert [text.count(word) >= 2 for word in ("supported", "refuted", "mixed", "conditional")] == [True] * 4
        assert "[CLS] and [SEP]" in text  # a name in brackets is not markup
        assert reader(pilot).display == (size[0] >= 120)


async def test_a_page_is_set_for_the_width_also_when_that_was_not_known_at_first() -> None:
    """As by a search in the first moments of the pane: the reader was asked while it had no size."""
    async with NotesLab().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = reader(pilot)
        assert not page.display and page.size.width == 0
        pilot.app.query_one(NotesPane).action_search()
        await pilot.press(*"surprisal")
        await until(pilot, lambda: page.display and page._set_for > 60, "the reader is shown")
        await until(pilot, lambda: max(len(line.rstrip()) for line in shown(pilot.app).splitlines()[3:]) > 60, "wide")


async def test_a_hidden_reader_that_comes_back_with_the_same_size_is_set_again() -> None:
    async with NotesLab().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C2")
        page = reader(pilot)
        await until(pilot, lambda: page._set_for > 60, "set")
        await pilot.press("escape")
        await until(pilot, lambda: not page.display, "hidden")
        page._set_for = 12
        await pilot.press("tab")
        await until(pilot, lambda: page._set_for > 60, "set again")


@pytest.mark.parametrize("size", SIZES)
async def test_enter_opens_a_page_and_escape_returns(size: tuple[int, int]) -> None:
    async with NotesLab().run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("j", "down", "down", "enter")
        await settle(pilot)
        assert pilot.app.focused is reader(pilot)
        assert reader(pilot).request.page.startswith("## C2")
        await pilot.press("j", "j", "k", "space")
        await until(pilot, lambda: reader(pilot).scroll_y > 1, "the page scrolls")
        await pilot.press("escape")
        assert isinstance(pilot.app.focused, Outline)
        await pilot.press("tab")
        assert pilot.app.focused is reader(pilot)


async def test_mask_in_code_is_visible() -> None:
    async with NotesLab().run_test(size=(100, 200)) as pilot:
        await go_to(pilot, "C7")
        assert "`[MASK]`" in reader(pilot).request.page
        text = shown(pilot.app)
        assert text.count("[MASK]") == reader(pilot).request.page.count("[MASK]") > 3
        assert "`" not in text


@pytest.mark.parametrize("size", SIZES)
async def test_a_search_steps_through_all_notes(size: tuple[int, int]) -> None:
    found = notes.search(notes.load(), "[mask]")
    async with NotesLab().run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"[mask]")
        await settle(pilot)
        await until(pilot, lambda: f"1 of {len(found)} matches" in shown(pilot.app))
        await pilot.press("enter")
        assert pilot.app.focused is reader(pilot)
        await pilot.press("n")
        await settle(pilot)
        await until(pilot, lambda: f"2 of {len(found)} matches" in shown(pilot.app))
        await until(pilot, lambda: "▌" in shown(pilot.app), "the match is scrolled into view")
        await pilot.press("N", "N")
        await settle(pilot)
        await until(pilot, lambda: f"{len(found)} of {len(found)} matches" in shown(pilot.app))
        await pilot.press("escape")
        await settle(pilot)
        assert "matches" not in shown(pilot.app)
        assert "▌" not in shown(pilot.app)


async def test_words_that_are_nowhere_leave_the_page_alone() -> None:
    async with NotesLab().run_test(size=(120, 40)) as pilot:
        await go_to(pilot, "C3")
        await pilot.press("slash", *"[/red]")
        await settle(pilot)
        await until(pilot, lambda: "0 matches" in shown(pilot.app))
        assert reader(pilot).request.page.startswith("## C3")
        await pilot.press("escape")
        assert not pilot.app.query_one(SearchField).has_focus


@pytest.mark.parametrize("size", SIZES)
async def test_s_marks_the_sources_of_a_claim_and_goes_back(size: tuple[int, int]) -> None:
    async with NotesLab().run_test(size=size) as pilot:
        await go_to(pilot, "C7")
        await pilot.press("s")
        await settle(pilot)
        assert reader(pilot).request.page.startswith("# References")
        assert list(reader(pilot).request.lines) == notes.sources(notes.load(), "C7")
        await until(pilot, lambda: "▌ • Clark et al. 2019." in shown(pilot.app), "the first source is in view")
        assert "cited in C7" in pilot.app.pane.status()
        await pilot.press("s")
        await settle(pilot)
        assert reader(pilot).request.page.startswith("## C7")


async def test_keys_are_offered_only_where_they_do_something() -> None:
    async with NotesLab().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert not pilot.app.pane.check_action("sources", ())
        assert not pilot.app.pane.check_action("step", (1,))
        await go_to(pilot, "C1")
        assert pilot.app.pane.check_action("sources", ())


async def test_copy_gives_the_page_as_it_was_written() -> None:
    async with NotesLab().run_test(size=(80, 24)) as pilot:
        await go_to(pilot, "C9")
        assert pilot.app.pane.as_text().startswith("## C9 · BERT learns `[CLS]`")


async def test_missing_notes_are_said_and_the_keys_do_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("core.paths.assets", lambda: tmp_path)
    async with NotesLab().run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "s", "tab", "slash", "a", "enter", "escape", "escape")
        assert "missing" in pilot.app.pane.status()
        assert pilot.app.pane.as_text() == ""


OWNERS = [NotesPane, ExperimentingPane, SearchingPane, ReadingPane, SearchField, Outline, Reader, ExperimentView]


@pytest.mark.parametrize("owner", OWNERS)
def test_every_binding_has_an_id_and_a_tooltip(owner: type) -> None:
    for binding in vars(owner)["BINDINGS"]:
        assert binding.id
        assert binding.tooltip.endswith(".")
