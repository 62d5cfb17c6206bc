"""Ways through the notes: links, the way back, bookmarks, BibTeX, the glossary, and from a screen to its claim."""

from __future__ import annotations

import pytest

from tests.tui.hosts import see, shown, until
from tests.tui.notes_lab import NotesLab, go_to, reader, settle
from tui.app import LookbothApp
from tui.commands import every
from tui.notes import bibtex
from tui.panes.notes import NotesPane
from tui.preferences import Preferences, load
from tui.widgets.look_up import LookUp
from tui.widgets.note_picker import NotePicker
from tui.widgets.outline import MARK, Outline

pytestmark = pytest.mark.usefixtures("home")


def key_of(lab: NotesLab) -> str:
    assert lab.notes.note is not None
    return lab.notes.note.key


async def test_a_link_is_chosen_and_followed_and_the_way_back_is_known() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C9")
        assert not lab.notes.check_action("travel", (-1,))
        await pilot.press("right")
        page = reader(pilot)
        assert page.chosen is not None and page.stops[page.chosen].link.key == "C7"
        await until(pilot, lambda: page.scroll_y > 0, "the link is brought into sight")
        assert "C7" in shown(lab)
        await pilot.press("enter")
        await until(pilot, lambda: key_of(lab) == "C7")
        await go_to(pilot, "C2")
        await pilot.press("alt+left", "backspace")
        await until(pilot, lambda: key_of(lab) == "C9")
        assert lab.focused is page
        await pilot.press("alt+right")
        await until(pilot, lambda: key_of(lab) == "C7")


async def test_a_citation_leads_to_its_entry_and_y_copies_its_bibtex() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await go_to(pilot, "C8")
        page = reader(pilot)
        await pilot.press("right")
        while page.stops[page.chosen or 0].link.entry != "Devlin et al. 2019":
            await pilot.press("right")
        await pilot.press("enter")
        await until(pilot, lambda: key_of(lab) == "references")
        await until(pilot, lambda: "▌ • Devlin et al. 2019." in shown(lab), "the entry is in view")
        assert lab.notes.as_text().startswith("# References")
        await pilot.press("right")
        await until(pilot, lambda: "▌▸• Devlin et al. 2019." in shown(lab))
        await pilot.press("y")
        await until(pilot, lambda: "Pre-training of Deep" in lab.clipboard)
        assert lab.clipboard == bibtex.read("Devlin et al. 2019. More.") and lab.clipboard.startswith("@")


async def test_a_link_can_be_clicked() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 60)) as pilot:
        await settle(pilot)
        await go_to(pilot, "1")
        page = reader(pilot)
        stop = page.stops[0]
        await pilot.click(page, offset=(6, stop.row - int(page.scroll_y)))
        await until(pilot, lambda: key_of(lab) == stop.link.key)


async def test_bookmarks_are_shown_listed_and_remembered() -> None:
    lab = NotesLab()
    async with lab.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("B")
        await see(pilot, "There is no bookmark yet")
        for key in ("C3", "C7"):
            await go_to(pilot, key)
            await pilot.press("b")
        await go_to(pilot, "C3")
        await pilot.press("escape")
        await until(pilot, lambda: shown(lab).count(MARK) == 2)
        await pilot.press("B", "down", "enter")
        await until(pilot, lambda: key_of(lab) == "C7" and lab.focused is reader(pilot))
        await pilot.press("b")
        lab.memory.write()
        assert load(Preferences)[0].bookmarks == ["C3"]
        await pilot.press("B")
        await until(pilot, lambda: isinstance(lab.screen, NotePicker))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(lab.screen, NotePicker))


async def test_the_first_look_up_shows_its_term(lab: LookbothApp) -> None:
    """The page was not laid out yet, so that there was nowhere to scroll to."""
    async with lab.run_test(size=(80, 24)) as pilot:
        await pilot.press("1")
        await pilot.pause(0.3)
        for term in ("surprisal", "perplexity"):
            await pilot.press("ctrl+g")
            await until(pilot, lambda: isinstance(lab.screen, LookUp) and lab.screen.found)
            await pilot.press(*term)
            await until(pilot, lambda term=term: lab.screen.found[0].name == term)  # type: ignore[misc,attr-defined]
            await pilot.press("enter")
            await see(pilot, f"▌ {term}")


@pytest.mark.parametrize("key", ["ctrl+g", "f7"])
async def test_a_word_is_looked_up_from_a_text_field(lab: LookbothApp, key: str) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: lab.pane.id == "predict")
        await pilot.press("i", key)
        await until(pilot, lambda: isinstance(lab.screen, LookUp) and lab.screen.found)
        screen = lab.screen
        assert isinstance(screen, LookUp)
        await pilot.press(*"zzz")
        await see(pilot, "No term fits.")
        await pilot.press("ctrl+u", *"self-attention")
        await until(pilot, lambda: screen.found and screen.found[0].name == "attention")
        await see(pilot, "compares what")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lab.pane, NotesPane) and lab.pane.note is not None)
        await see(pilot, "▌ attention")


async def test_from_a_screen_to_the_claim_it_bears_on(lab: LookbothApp) -> None:
    async with lab.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: lab.pane.id == "compare")
        assert any(action.title == "lookboth: claim" for action in every(lab))
        await pilot.press("C")
        await see(pilot, "Claims that this screen bears on", "C6", "C8")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(lab.pane, NotesPane) and lab.pane.note and lab.pane.note.key == "C8")
        assert not lab.check_action("claim", ())
        await pilot.press("4", "P")
        await until(pilot, lambda: lab.pane.id == "sweep")
        await pilot.press("C")
        await until(pilot, lambda: isinstance(lab.pane, NotesPane) and lab.pane.note and lab.pane.note.key == "C7")
        outline = lab.pane.query_one(Outline)
        assert not outline.display
