"""The keys in the last line: made anew when they are other keys, and only then."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static
from textual.widgets._footer import FooterKey

from tui.widgets.footer import Keys


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
