"""The evaluations of this machine, one line each, with marks for those that are laid over one another."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import set_cell_size
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.evaluations.archive import Kept
from tui.text import one_line, shorten
from tui.words import brief

MOST_MARKED = 5
"""Evaluations that can be laid over the one under the cursor: more columns than that are a table for a file."""
MARK = "●"
NAME, WIDE_NAME = 22, 48
WIDE = 120
"""Cells of a name, and of one in a window of `WIDE` columns or more."""


class EvaluationList(OptionList):
    """Newest first. The cursor stays on its evaluation while others come."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space", "mark", "Mark", id="evaluations.mark", tooltip="Lay this one over the others, or take it off."
        ),
        Binding("enter", "select", "Table", id="evaluations.open", tooltip="To the table of the one under the cursor."),
    ]

    class Moved(Message):
        """Another evaluation is under the cursor, or others are marked."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True, markup=False)
        self.kept: list[Kept] = []
        self.marked: list[str] = []
        """Names in the order in which they were marked."""
        self.working = ""
        self._written: list[str] = []

    @property
    def chosen(self) -> str:
        """The name of the one under the cursor, or an empty string."""
        return self.kept[self.highlighted].name if self.highlighted is not None and self.kept else ""

    @property
    def shown(self) -> list[Kept]:
        """What the table is of: the one under the cursor, then the marked ones."""
        wanted = list(dict.fromkeys([self.chosen, *self.marked]))
        by_name = {one.name: one for one in self.kept}
        return [by_name[name] for name in wanted if name in by_name]

    def fill(self, kept: Sequence[Kept], working: str) -> None:
        """Show these in their order; `working` is the name of the one that is worked on."""
        self.working = working
        chosen, names = self.chosen, [one.name for one in kept]
        self.marked = [name for name in self.marked if name in names]
        self.kept = list(kept)
        lines = [self._line(one, one.name == working) for one in kept]
        if lines == self._written:
            return
        self._written = lines
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(Option(Content(line)) for line in lines)
            self.highlighted = names.index(chosen) if chosen in names else 0 if kept else None

    def choose(self, name: str) -> None:
        """Move the cursor to the one called `name`, if it is there."""
        names = [one.name for one in self.kept]
        if name in names:
            self.highlighted = names.index(name)

    def _line(self, kept: Kept, working: bool) -> str:
        state = "working" if working else kept.state
        age = brief(max(0.0, time.time() - kept.changed))
        mark = MARK if kept.name in self.marked else " "
        what = one_line(f"{kept.sets}: {kept.models}" if kept.sets else kept.trouble)
        room = WIDE_NAME if self.app.size.width >= WIDE else NAME
        name = set_cell_size(shorten(one_line(kept.name), room), room)
        return f"{mark} {name} {state:<10} {age:>6}  {what}"

    def on_resize(self, _: Resize) -> None:
        """Other columns may fit now."""
        self.repaint()

    def repaint(self) -> None:
        """Show the marks as they are now."""
        self.fill(self.kept, self.working)

    def action_mark(self) -> None:
        """Mark the one under the cursor, or take its mark away."""
        if self.chosen in self.marked:
            self.marked.remove(self.chosen)
        elif len(self.marked) >= MOST_MARKED:
            self.app.notify(f"No more than {MOST_MARKED} can be marked.", markup=False)
        elif self.chosen:
            self.marked.append(self.chosen)
        self.post_message(self.Moved())

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell whose table to show."""
        event.stop()
        self.post_message(self.Moved())
