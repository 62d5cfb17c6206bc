"""The table of one or several evaluations: a row a measure, a column a model, a cursor on one number."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.evaluations.files import INDENT, said
from tui.evaluations.table import Column, Row, Table
from tui.text import cells, one_line, shorten

LABEL, NARROW = 30, 120
"""Cells that measures have in a window that is narrower than this many columns."""
GAP = 2


class EvaluationTable(ScrollView, can_focus=True):
    """Whole intervals where they fit, else the distance to their farther end; columns without room scroll by."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "evaluation--head", "evaluation--set", "evaluation--best", "evaluation--cursor",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "details", "Details", id="evaluation.details",
                tooltip="How this number came about, and its parts: paradigm by paradigm."),
        Binding("down,j", "move(1)", "Down", show=False, id="evaluation.down", tooltip="To the measure below."),
        Binding("up,k", "move(-1)", "Up", show=False, id="evaluation.up", tooltip="To the measure above."),
        Binding("right,l", "step(1)", "Right", show=False, id="evaluation.right", tooltip="To the next model."),
        Binding("left,h", "step(-1)", "Left", show=False, id="evaluation.left", tooltip="To the model before."),
        Binding("pagedown", "page(1)", "Page down", show=False, id="evaluation.pagedown", tooltip="One screen down."),
        Binding("pageup", "page(-1)", "Page up", show=False, id="evaluation.pageup", tooltip="One screen up."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    EvaluationTable { background: transparent; overflow-x: hidden; scrollbar-size-vertical: 1; }
    EvaluationTable > .evaluation--head { color: $primary; text-style: bold; }
    EvaluationTable > .evaluation--set { text-style: bold; }
    EvaluationTable > .evaluation--best { text-style: bold; color: $text-success; }
    EvaluationTable > .evaluation--cursor { text-style: reverse; }
    EvaluationTable:focus > .evaluation--cursor { text-style: bold reverse; }
    """

    class Moved(Message):
        """Another number is under the cursor."""

    class Opened(Message):
        """The number under the cursor is to be looked at closely."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.laid = Table((), (), ())
        self._row = self._column = 0
        self._first = 0
        """The first column that is drawn."""
        self._short = False
        self._widths: list[int] = []

    @property
    def chosen(self) -> tuple[Row, Column] | None:
        """The row and the column of the number under the cursor; None where there are no numbers."""
        if self._row < len(self.laid.rows) and self.laid.columns and self.laid.rows[self._row].cells:
            return self.laid.rows[self._row], self.laid.columns[self._column]
        return None

    def show(self, laid: Table) -> None:
        """Show another table, or the same with more in it; the cursor stays near its place."""
        self.laid = laid
        self._column = max(0, min(self._column, len(laid.columns) - 1))
        self._row = self._number(min(self._row, len(laid.rows) - 1), 1)
        self._lay_out()

    def on_resize(self, _: Resize) -> None:
        """Other columns may fit now."""
        self._lay_out()

    def _number(self, row: int, direction: int) -> int:
        """The row with numbers that is nearest to `row`, first looked for in `direction`."""
        count = len(self.laid.rows)
        for places in (range(row, count if direction > 0 else -1, direction), range(count)):
            for place in places:
                if 0 <= place < count and self.laid.rows[place].cells:
                    return place
        return 0

    @property
    def _label(self) -> int:
        longest = max((cells(one_line(row.label)) + len(INDENT) for row in self.laid.rows), default=1)
        return longest if self.size.width >= NARROW else min(longest, LABEL)

    def _sized(self, short: bool) -> list[int]:
        return [
            max(cells(text) for text in (one_line(column.head) + " ", *(said(row.cells[at], short) for row in
                self.laid.rows if row.cells))) + GAP
            for at, column in enumerate(self.laid.columns)
        ]  # fmt: skip

    def _lay_out(self) -> None:
        room = self.scrollable_content_region.width - self._label
        self._widths = self._sized(short=False)
        self._short = sum(self._widths) > room
        if self._short:
            self._widths = self._sized(short=True)
        self._first = min(self._first, self._column)
        while sum(self._widths[self._first : self._column + 1]) > room and self._first < self._column:
            self._first += 1
        self.virtual_size = Size(self.size.width, len(self.laid.rows) + 1)
        self._keep_in_sight()
        self.refresh()

    def _keep_in_sight(self) -> None:
        top, room = self.scroll_offset.y, self.size.height - 1
        above = self._row - (self._row > 0 and not self.laid.rows[self._row - 1].cells)  # with the name of its set
        if above < top:
            self.scroll_to(y=above, animate=False, force=True)
        elif self._row >= top + room > top:
            self.scroll_to(y=self._row - room + 1, animate=False, force=True)

    def _go(self, row: int, column: int) -> None:
        if (row, column) != (self._row, self._column) and 0 <= column < len(self.laid.columns):
            self._row, self._column = row, column
            self._lay_out()
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        """To another measure; the names of sets are passed over."""
        wanted = max(0, min(self._row + by, len(self.laid.rows) - 1))
        self._go(self._number(wanted, 1 if by > 0 else -1), self._column)

    def action_page(self, direction: int) -> None:
        """One screen up or down."""
        self.action_move(direction * max(1, self.size.height - 2))

    def action_step(self, by: int) -> None:
        """To another model."""
        self._go(self._row, self._column + by)

    def action_details(self) -> None:
        """Look at the number under the cursor."""
        if self.chosen:
            self.post_message(self.Opened())

    def on_click(self, event: Click) -> None:
        """Go to the number that was clicked; a second click opens it."""
        row, left = event.y - 1 + self.scroll_offset.y, self._label
        if event.y == 0 or row >= len(self.laid.rows) or not self.laid.rows[row].cells:
            return
        for column in range(self._first, len(self._widths)):
            if left <= event.x < left + self._widths[column]:
                self._go(row, column)
                if event.chain > 1:
                    self.action_details()
            left += self._widths[column]

    def render_line(self, y: int) -> Strip:
        """One line of the widget: the models, or a row."""
        width, place = self.scrollable_content_region.width, y - 1 + self.scroll_offset.y
        tone = self.get_component_rich_style
        if y == 0:
            heads = [(one_line(column.head) + " ", tone("evaluation--head")) for column in self.laid.columns]
            strip = self._line("", tone("evaluation--head"), heads)
        elif place < len(self.laid.rows):
            strip = self._cells(place)
        else:
            strip = Strip([])
        return strip.adjust_cell_length(width, self.rich_style)

    def _cells(self, place: int) -> Strip:
        row, tone = self.laid.rows[place], self.get_component_rich_style
        if not row.cells:
            return Strip([Segment(shorten(one_line(row.label), self.size.width - 1), tone("evaluation--set"))])
        found = []
        for at, cell in enumerate(row.cells):
            here = (place, at) == (self._row, self._column)
            style = tone("evaluation--cursor" if here else "evaluation--best") if here or cell.best else self.rich_style
            found.append((said(cell, self._short), style))
        return self._line(INDENT + one_line(row.label), self.rich_style, found)

    def _line(self, label: str, style: Style, texts: list[tuple[str, Style]]) -> Strip:
        """A label and the cells of the columns that have room."""
        label = shorten(label, self._label)
        parts = [Segment(label + " " * (self._label - cells(label)), style)]
        room = self.scrollable_content_region.width - self._label
        for (text, tone), width in list(zip(texts, self._widths, strict=True))[self._first :]:
            if (room := room - width) < 0:
                break
            parts += [Segment(" " * (width - cells(text)), self.rich_style), Segment(text, tone)]
        return Strip(parts)
