"""A field that filters titles on the left; on the right, what the one under the cursor holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.text import plain

Chosen = TypeVar("Chosen")


class TitlesScreen(ModalScreen[Chosen | None]):
    """The field keeps the focus: the arrows go through the titles from there."""

    HEADING: ClassVar = ""
    KEYS: ClassVar = ""
    PLACE: ClassVar = ""
    """What stands in the empty field."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large") as box:
            box.border_title, box.border_subtitle = self.HEADING, self.KEYS
            yield Input(placeholder=self.PLACE, compact=True)
            with Horizontal():
                yield OptionList(id="titles", compact=True, markup=False)
                with VerticalScroll(id="preview", can_focus=False):
                    yield Static(markup=False)

    def offer(self, titles: Iterable[str]) -> None:
        """Show these titles, the cursor on the first."""
        entries = self.query_one(OptionList)
        entries.set_options(Option(plain(title)) for title in titles)
        entries.highlighted = 0 if entries.option_count else None

    def preview(self, content: Content) -> None:
        """Show it on the right."""
        self.query_one("#preview Static", Static).update(content)

    def action_move(self, by: int) -> None:
        """Go through the titles."""
        titles = self.query_one(OptionList)
        if by > 0:
            titles.action_cursor_down()
        else:
            titles.action_cursor_up()
