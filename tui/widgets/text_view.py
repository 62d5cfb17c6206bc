"""The text whole, line over line: each line once for every model, each word with its glyph, number and colour."""

from __future__ import annotations

from operator import is_not
from typing import ClassVar, NamedTuple

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from tui.results.painted import Row, rows
from tui.results.ranks import GLYPHS
from tui.text import cells, one_line, shorten
from tui.widgets.bars import FULL, STEPS, column, height
from tui.widgets.word_view import WordView

SKIES = (4, 3, 2)
"""Heights that bars over the words may have, best first."""

WIDEST = 6
"""Cells that the widest number takes: `-123.4`."""


class Chunk(NamedTuple):
    """A word's place on a line: `x` in cells, its text cut to fit, the cells it takes with its glyph and number."""

    word: int
    x: int
    text: str
    width: int


class TextView(WordView):
    """Every line of the text stands over itself, once a model, so that a word can be read downwards.

    Where there is room the numbers stand under every word; where there is not, the glyphs and the colours say them.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"words--step-{number}" for number in range(len(STEPS))),
        *(f"words--rank-{number}" for number in range(len(GLYPHS))),
        *(f"words--{side}-{number}" for side in ("left", "right") for number in (1, 2)),
    }

    def __init__(self) -> None:
        super().__init__(id="text")
        self.alone = False
        """Whether it has the window to itself: then it scrolls, and the numbers are always there."""
        self.rows: list[Row] = []
        self.lines: list[list[Chunk]] = []
        self._margin = 0
        self._sky = 0
        """Rows of upright bars over the words of one model."""
        self._numbers = False
        self._laid_of: tuple[object, ...] = ()
        self._laid_for: tuple[object, ...] = ()
        """What was laid out, the very objects, and for which room and colours."""

    @property
    def _rows(self) -> int:
        """Screen lines of one line for one model: bars, words, numbers."""
        return self._sky + 1 + self._numbers

    @property
    def _tall(self) -> int:
        """Screen lines of one line for all models, with the empty one after it."""
        return max(1, len(self.rows) * self._rows + (len(self.rows) * self._rows > 1))

    def laid_out(self) -> None:
        """Wrap the words; not again for what changes neither words nor numbers, as pins do."""
        shown = self.shown
        of = (shown.comparison, shown.gap) if shown else (None, None)
        kind = (shown.names, shown.span, shown.colour, shown.limits) if shown else ()
        room = (*kind, self.alone, self.scrollable_content_region.width, self.app.size.height)
        if room != self._laid_for or any(map(is_not, of, self._laid_of)):
            self._laid_of, self._laid_for = of, room
            self._lay_out()
        self.watch_cursor()

    def _lay_out(self) -> None:
        self.rows = rows(self.shown) if self.shown else []
        self._margin = max((cells(self._label(row)) for row in self.rows), default=0) + 2
        width = self.scrollable_content_region.width or 80
        room = max(10, width - self._margin)
        screen = self.app.size.height
        self._numbers = self.alone or len(self.span) * 5 < room * screen // 8  # else do not even try
        self._sky = 0
        self.lines = self._wrap(room)
        if self._numbers and not self.alone and len(self.lines) * self._tall > screen // 2:
            self._numbers = False
            self.lines = self._wrap(room)
        if self._numbers and self.shown and self.shown.colour == "bits":
            lowest = screen * (3 if self.alone else 2) // 5
            skies = [sky for sky in SKIES if len(self.lines) * (self._tall + sky * len(self.rows)) <= lowest]
            self._sky = skies[0] if skies else 0
        self.virtual_size = Size(width, max(0, len(self.lines) * self._tall - (self._tall > 1)))

    def on_resize(self, _: Resize) -> None:
        """Wrap again at the new width."""
        self.laid_out()
        self.refresh()

    def _label(self, row: Row) -> str:
        return shorten(one_line(row.name), 12)

    def _wrap(self, width: int) -> list[list[Chunk]]:
        if self.comparison is None:
            return []
        lines: list[list[Chunk]] = [[]]
        x, end = 0, None
        words, whole = self.comparison.words, self.comparison.text
        for index in self.span:
            word = words[index]
            text = shorten(one_line(word.text), width - 1)
            taken = cells(text) + 1
            if self._numbers and taken < WIDEST:
                taken = max(taken, self._figures(index))
            between = whole[end : word.start] if end is not None else ""
            x += 1 if (between or self._numbers) and lines[-1] else 0
            if lines[-1] and (x + taken > width or "\n" in between):
                lines.append([])
                x = 0
            lines[-1].append(Chunk(index, x, text, taken))
            x, end = x + taken, word.end
        return lines if lines[0] else []

    def _figures(self, index: int) -> int:
        return max((len(row.paint(index).number) for row in self.rows), default=0)

    def _line_of(self, index: int) -> int:
        return next((at for at, line in enumerate(self.lines) if line[-1].word >= index), 0)

    def watch_cursor(self) -> None:
        """Keep the line of the cursor in sight."""
        if self.lines and self.cursor in self.span:
            self.keep_in_sight(self._line_of(self.cursor) * self._tall, self._tall, self.size.height)
        self.refresh()

    def below(self, lines: int) -> int:
        if not self.lines or self.cursor not in self.span:
            return self.cursor
        here = self._line_of(self.cursor)
        there = here + lines
        if not 0 <= there < len(self.lines):
            return self.cursor + (1 if lines > 0 else -1) if abs(lines) == 1 else self.span[0 if lines < 0 else -1]
        x = next(chunk.x for chunk in self.lines[here] if chunk.word == self.cursor)
        return min(self.lines[there], key=lambda chunk: abs(chunk.x - x)).word

    def action_screenful(self, direction: int) -> None:
        self.go(self.below(direction * max(1, self.size.height // self._tall)))

    def at(self, x: int, y: int) -> int | None:
        line = (y + self.scroll_offset.y) // self._tall
        if line >= len(self.lines):
            return None
        inside = x - self._margin
        return next((chunk.word for chunk in self.lines[line] if chunk.x <= inside < chunk.x + chunk.width), None)

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        width, bare = self.scrollable_content_region.width, self.rich_style
        line, row = divmod(y + self.scroll_offset.y, self._tall)
        place, part = divmod(row, self._rows)
        if line >= len(self.lines) or place >= len(self.rows):
            return Strip.blank(width, bare)
        head = " " + self._label(self.rows[place]) if part == self._sky else ""
        parts = [Segment(set_cell_size(head, self._margin - 1), self.tone("head"))]
        x, after = -1, False  # the last cell of the margin stands before the first word
        for chunk in self.lines[line]:
            text, tone = self._drawn(chunk, place, part)
            here = part == self._sky and chunk.word == self.cursor
            parts += [Segment(_between(chunk.x - x, after, here), bare), Segment(text, self.tone(tone))]
            x, after = chunk.x + cells(text), here
        parts.append(Segment(_between(width - self._margin - x, after, False), bare))
        return Strip([segment for segment in parts if segment.text]).adjust_cell_length(width, bare)

    def _drawn(self, chunk: Chunk, place: int, part: int) -> tuple[str, str]:
        """What stands at a word on one of a model's lines, and the name of its style."""
        if part < self._sky:
            score = self.word(chunk.word).scores.get(self.names[place])
            bits = score.surprisal_bits if score else None
            return ("", "muted") if bits is None else (column(bits / FULL, self._sky, part) * chunk.width, height(bits))
        painted = self.rows[place].paint(chunk.word)
        text, tone = (chunk.text + painted.glyph, painted.tone) if part == self._sky else (painted.number, "muted")
        return text, "cursor" if chunk.word == self.cursor else tone


def _between(room: int, after: bool, before: bool) -> str:
    """The cells between two words: a bracket after or before the one under the cursor, where there is room for it."""
    return (("]" if after else "").ljust(room - before) + "[" * before)[: max(0, room)]
