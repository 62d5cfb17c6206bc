"""NO_COLOR: not one colour is sent, and what a colour would mark is reversed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style

from tests.tui.fakes import FakeEngine
from tui.app import LookbothApp
from tui.colourless import colourless
from tui.preferences import Preferences, load


@pytest.fixture
def plain_lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> LookbothApp:
    monkeypatch.setenv("NO_COLOR", "1")
    return LookbothApp(FakeEngine())


def painted(app: LookbothApp) -> list[Segment]:
    """What the window consists of."""
    return [segment for strip in app.screen._compositor.render_strips() for segment in strip]


def coloured(style: Style | None) -> bool:
    return style is not None and any(one is not None and not one.is_default for one in (style.color, style.bgcolor))


@pytest.mark.parametrize("keys", [["4"], ["1"], ["2"], ["3"], ["m"], ["o"], ["question_mark"], ["ctrl+p"], ["2", "n"]])
async def test_no_pane_and_no_list_sends_a_colour(plain_lab: LookbothApp, keys: list[str]) -> None:
    async with plain_lab.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause(0.3)
        segments = painted(plain_lab)
        assert not [segment for segment in segments if coloured(segment.style)]
        assert len({segment.style.reverse for segment in segments if segment.style}) > 1


@pytest.mark.parametrize(("key", "chosen"), [("m", "[1] bert"), ("o", "The Nile River"), ("1", "Primer")])
async def test_the_choice_in_a_list_is_reversed(plain_lab: LookbothApp, key: str, chosen: str) -> None:
    async with plain_lab.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause(0.3)
        marked = [segment.text for segment in painted(plain_lab) if segment.style and segment.style.reverse]
        assert any(text.strip().startswith(chosen) for text in marked), marked


async def test_a_theme_that_was_chosen_before_gives_way(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its greys, taken for sixteen colours, were black on black."""
    lab = LookbothApp(FakeEngine())
    async with lab.run_test(size=(80, 24)) as pilot:
        lab.theme = "nord"
        await pilot.pause()
        await pilot.press("ctrl+q")
    monkeypatch.setenv("NO_COLOR", "1")
    again = LookbothApp(FakeEngine())
    async with again.run_test(size=(80, 24)) as pilot:
        assert again.theme == "ansi-dark"
        await pilot.press("ctrl+q")
    monkeypatch.delenv("NO_COLOR", raising=False)
    last = LookbothApp(FakeEngine())
    async with last.run_test(size=(80, 24)):
        assert last.theme == "nord"


def test_a_background_becomes_reverse_and_the_rest_stays() -> None:
    assert colourless(None) is None
    assert colourless(Style.parse("bold red")) == Style.parse("bold default on default")
    assert colourless(Style.parse("black on white")) == Style.parse("reverse default on default")
    assert colourless(Style.parse("underline red on default")) == Style.parse("underline default on default")


async def test_what_a_terminal_needs_is_not_what_a_person_chose(plain_lab: LookbothApp) -> None:
    async with plain_lab.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+q")
    assert load(Preferences)[0].theme == ""
