"""The lines of a sweep, one below the other: the legend of its chart, the choice of what is drawn, and its readout."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.messages import Curves
from tui.sweeps.measure import MEASURES, Measure
from tui.sweeps.strand import Strand, read, strands
from tui.text import cells, one_line, shorten
from tui.widgets.chart import COLOURS

TONES = ("$text-primary", "$text-warning", "$text-success", "$text-accent", "$text-error", "$foreground")
"""As in the chart."""
NUMBERS = 36
"""Cells of the numbers and of the mark before a name."""
LONGEST = 34
"""Cells of a name."""


class StrandList(OptionList):
    """↑↓ choose a line, space draws it or not, ←→ move the position that every line is read at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "select", "Draw", id="strands.draw", tooltip="Draw the line under the cursor, or not."),
        Binding("right,l", "step(1)", "Read", key_display="←→", id="strands.right", tooltip="Read the next position."),
        Binding("left,h", "step(-1)", "Left", show=False, id="strands.left", tooltip="Read the position before."),
        Binding("right_square_bracket", "step(10)", "Right 10", show=False, id="strands.far_right",
                tooltip="Ten positions to the right."),
        Binding("left_square_bracket", "step(-10)", "Left 10", show=False, id="strands.far_left",
                tooltip="Ten positions to the left."),
        Binding("home", "end(0)", "First", show=False, id="strands.first", tooltip="Read the first position."),
        Binding("end", "end(-1)", "Last", show=False, id="strands.last", tooltip="Read the last position."),
        Binding("j", "cursor_down", "Down", show=False, id="strands.down", tooltip="To the line below."),
        Binding("k", "cursor_up", "Up", show=False, id="strands.up", tooltip="To the line above."),
    ]  # fmt: skip

    class Flipped(Message):
        """A line is to be drawn, or not any more."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Stepped(Message):
        """Another position is to be read: `by` places further, or the one numbered `to`."""

        def __init__(self, by: int, to: int | None = None) -> None:
            super().__init__()
            self.by, self.to = by, to

    def __init__(self) -> None:
        super().__init__(id="strands", compact=True, markup=False)
        self.strands: list[Strand] = []

    @property
    def chosen(self) -> str:
        """The name of the line under the cursor."""
        return "" if self.highlighted is None else self.strands[self.highlighted].name

    def fill(self, found: Curves | None, drawn: set[str], position: int, measure: Measure = MEASURES[0]) -> None:
        """Show the lines of `found` as read at `position`; the cursor stays where it is."""
        names = [one.name for one in self.strands]
        self.strands = strands(found) if found else []
        lines = [self._line(found, one, one.name in drawn, position, measure) for one in self.strands] if found else []
        if names != [one.name for one in self.strands]:
            self.set_options(Option(line) for line in lines)
            self.highlighted = 0 if lines else None
        else:
            for at, line in enumerate(lines):
                self.replace_option_prompt_at_index(at, line)

    def _line(self, found: Curves, one: Strand, drawn: bool, position: int, measure: Measure) -> Content:
        said = read(found, one, position, measure)
        widest = max(cells(_called(strand)) for strand in self.strands)
        room = max(8, min(LONGEST, widest, (self.size.width or 80) - NUMBERS))
        name = shorten(_called(one), room)
        tone = "$text-disabled" if one.published else TONES[one.tone % COLOURS]
        mark = f"[{'x' if drawn else ' '}] {one.glyph} "
        numbers = f" {said.value:>6} {said.interval:>7}"
        if said.targets:
            numbers += f"  n {said.targets:<6} “.” {said.stop}"
        return Content.assemble((mark, tone), name + " " * (room - cells(name)), (numbers, "bold" if drawn else ""))

    @on(OptionList.OptionSelected)
    def _flip(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Flipped(self.strands[event.option_index].name))

    def action_step(self, by: int) -> None:
        """Read another position."""
        self.post_message(self.Stepped(by))

    def action_end(self, to: int) -> None:
        """Read the first or the last position."""
        self.post_message(self.Stepped(0, to))


def _called(one: Strand) -> str:
    return one_line(f"{one.name} ({one.about})" if one.about else one.name)
