"""The keys in the last line: made anew when they are other keys, and only then."""

from __future__ import annotations

from itertools import pairwise

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static
from textual.widgets._footer import FooterKey

from tests.tui.hosts import until
from tui.widgets.footer import Keys


class Many(App[None]):
    CSS = "FooterKey.-help { dock: right; margin-left: 1; }"
    BINDINGS = [  # noqa: RUF012 - as Textual declares it
        *(Binding(key, f"do('{key}')", f"Action {key}") for key in "abcdefgh"),
        Binding("question_mark", "help", "Help", key_display="?"),
    ]

    def compose(self) -> ComposeResult:
        yield Static("text")
        yield Keys()


@pytest.mark.parametrize("width", range(20, 111, 7))
async def test_keys_that_do_not_fit_whole_are_not_shown_and_help_always_is(width: int) -> None:
    app = Many()
    async with app.run_test(size=(width, 8)) as pilot:
        await pilot.pause()
        await until(pilot, lambda: app.query(FooterKey), "the keys are made")
        await pilot.pause()
        *keys, helps = [key.region for key in app.query(FooterKey) if key.display]
        assert helps.right == width and all(key.width == len("a Action a") for key in keys)
        assert len(keys) == min(8, (width - 6) // 11)
        assert all(key.right < after.x for key, after in pairwise([*keys, helps])), "a blank after each"
        await pilot.resize_terminal(130, 8)
        await until(pilot, lambda: len([key for key in app.query(FooterKey) if key.display]) == 9)


class Host(App[None]):
    BINDINGS = [Binding("a", "one", "One"), Binding("b", "two", "Two")]  # noqa: RUF012 - as Textual declares it
    offered = True

    def compose(self) -> ComposeResult:
        yield Static("text")
        yield Keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.offered or action != "two"


async def test_the_keys_are_made_anew_only_when_they_are_others() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        before = list(app.query(FooterKey))
        assert [key.description for key in before][:2] == ["One", "Two"]
        for _ in range(3):
            app.refresh_bindings()
            await pilot.pause()
        assert list(app.query(FooterKey)) == before
        app.offered = False
        app.refresh_bindings()
        await pilot.pause()
        after = [key.description for key in app.query(FooterKey)]
        assert "One" in after and "Two" not in after
