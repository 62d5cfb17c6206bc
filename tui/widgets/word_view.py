"""What every view of a compared text shares: the words it shows, the one under the cursor, and the keys to move."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from core.messages import Comparison, Word
from tui.results.shown import Shown


class WordView(ScrollView, can_focus=True):
    """Shows a page of words. Only visible lines are ever drawn, so a page costs nothing to show."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "words--head",
        "words--muted",
        "words--cursor",
        "words--left",
        "words--right",
        "words--low",
        "words--mid",
        "words--high",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "line(-1)", "Up", show=False, id="words.up", tooltip="Go up one line."),
        Binding("down,j", "line(1)", "Down", show=False, id="words.down", tooltip="Go down one line."),
        Binding("left,h", "step(-1)", "Word back", show=False, id="words.back", tooltip="Go to the word before."),
        Binding("right,l", "step(1)", "Next word", show=False, id="words.next", tooltip="Go to the next word."),
        Binding("pageup", "screenful(-1)", "Screen up", show=False, id="words.pageup", tooltip="Go up one screen."),
        Binding("pagedown", "screenful(1)", "Screen down", show=False, id="words.pagedown", tooltip="Go down one."),
        Binding("home,g", "edge(False)", "First word", show=False, id="words.first", tooltip="Go to the first word."),
        Binding("end,G", "edge(True)", "Last word", show=False, id="words.last", tooltip="Go to the last word."),
    ]
    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The person went to another word; `index` counts from the start of the text."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.shown: Shown | None = None

    def show(self, shown: Shown | None) -> None:
        """Show another comparison, page or choice of models."""
        self.shown = shown
        self.laid_out()
        self.refresh()

    @property
    def comparison(self) -> Comparison | None:
        """The comparison, if there is one."""
        return self.shown.comparison if self.shown else None

    @property
    def names(self) -> tuple[str, ...]:
        """The models shown."""
        return self.shown.names if self.shown else ()

    @property
    def span(self) -> range:
        """The words of the page."""
        return self.shown.span if self.shown else range(0)

    def laid_out(self) -> None:
        """Work out the lines again: the words, the width or the pair changed."""

    def word(self, index: int) -> Word:
        """The word at `index`."""
        assert self.comparison is not None
        return self.comparison.words[index]

    def go(self, index: int) -> None:
        """Go to `index`, or as near as the text allows: at once, so that the next key starts from there."""
        if self.comparison and self.comparison.words:
            self.cursor = max(0, min(index, len(self.comparison.words) - 1))
            self.post_message(self.Moved(self.cursor))

    def action_step(self, count: int) -> None:
        self.go(self.cursor + count)

    def action_line(self, count: int) -> None:
        self.go(self.below(count))

    def action_screenful(self, direction: int) -> None:
        self.go(self.below(direction * max(1, self.size.height - 3)))

    def action_edge(self, last: bool) -> None:
        self.go(len(self.comparison.words) if last and self.comparison else 0)

    def below(self, lines: int) -> int:
        """The word `lines` lines below the cursor."""
        return self.cursor + lines

    def at(self, x: int, y: int) -> int | None:
        """The word drawn at a place of the widget, or None."""
        raise NotImplementedError

    def on_click(self, event: Click) -> None:
        """Go to the word that was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and (index := self.at(offset.x, offset.y)) is not None:
            self.go(index)

    def keep_in_sight(self, top: int, height: int, room: int) -> None:
        """Scroll so that the lines `top` to `top + height` are among the `room` visible ones."""
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        elif top + height > self.scroll_offset.y + room:
            self.scroll_to(y=top + height - room, animate=False)

    def tone(self, name: str) -> Style:
        """The style called `name` ("step-3", "muted"...), on the background of the widget."""
        return self.get_component_rich_style(f"words--{name}")
