"""One word a row: for every model its bits with a bar, the rank, and what it would have said."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from core.messages import WordScore
from tui.results.gaps import Gap
from tui.results.painting import arrow
from tui.results.reading import SIGNS, first, headline, number, place, sees_as, token
from tui.text import cells, one_line, shorten
from tui.widgets.bars import FULL, bar, height
from tui.widgets.word_view import WordView

HEAD = 2
BITS, RANK, GAP = 5, 5, 12
LEAST = 19
"""Columns that a model takes at least, where there is a choice."""


@dataclass(frozen=True)
class Columns:
    """How wide each part is, in cells. `gap` is the difference, 0 where there is none."""

    word: int
    model: int
    bar: int
    says: int
    gap: int


def columns(width: int, models: int, longest: int, pair: bool) -> Columns:
    """Share out `width`: the difference is there if it was asked for, bars and words take what is left."""
    gap = GAP if pair else 0
    word = max(8, min(longest, 24, width // 7))
    model = (width - 1 - word - gap) // max(1, models) - 2
    rest = max(0, model - BITS - RANK - 2)
    drawn = min(16, rest // 2, rest - 8)
    if drawn < 3:
        drawn = 0
    return Columns(word, model, drawn, rest - drawn - 1 if drawn else rest, gap)


def fitting(width: int) -> int:
    """How many models a table of this width holds with a difference beside them; two in any."""
    return max(2, (width - 1 - 12 - GAP) // (LEAST + 2))


class WordTable(WordView):
    """The table of words. The two lines of its head stay in place while the words scroll."""

    def __init__(self) -> None:
        super().__init__(id="table")
        self._columns = columns(80, 2, 12, False)

    @property
    def gap(self) -> Gap | None:
        """The number after the models, if there is one."""
        return self.shown.gap if self.shown else None

    def laid_out(self) -> None:
        longest = max((cells(one_line(self.word(index).text)) for index in self.span), default=0)
        width = self.scrollable_content_region.width or 80
        self._columns = columns(width, len(self.names), longest + 1, self.gap is not None)
        self.virtual_size = Size(width, len(self.span) + HEAD)
        self.watch_cursor()

    def on_resize(self, _: Resize) -> None:
        """Share out the new width."""
        self.laid_out()
        self.refresh()

    def watch_cursor(self) -> None:
        """Keep the cursor in sight."""
        if self.cursor in self.span:
            self.keep_in_sight(self.cursor - self.span.start, 1, self.size.height - HEAD)
        self.refresh()

    def at(self, x: int, y: int) -> int | None:
        row = y - HEAD + self.scroll_offset.y
        return self.span[row] if y >= HEAD and row < len(self.span) else None

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        width = self.scrollable_content_region.width
        row = y - HEAD + self.scroll_offset.y
        if y == 0 and self.comparison:
            strip = Strip([Segment(self._rule(), self.tone("head"))])
        elif y == 1 and self.comparison:
            strip = Strip([Segment(self._heads(), self.tone("muted"))])
        elif y >= HEAD and row < len(self.span):
            strip = self._row(self.span[row])
        else:
            strip = Strip([])
        return strip.adjust_cell_length(width, self.rich_style)

    def _rule(self) -> str:
        assert self.comparison is not None
        shape = self._columns
        line = "─" * (shape.word + 1)
        for name in self.names:
            kind = sees_as(self.comparison.models[name])
            line += "┬" + f" {headline(name, kind, shape.model - 2)} ".center(shape.model + 1, "─")
        if self.gap:
            line += "┬" + shorten(one_line(self.gap.title), shape.gap - 1).center(shape.gap - 1, "─")
        return line

    def _heads(self) -> str:
        shape = self._columns
        line = " " + "word".ljust(shape.word)
        for _ in self.names:
            bits = "bits".rjust(BITS) + (" " * (shape.bar + 1) if shape.bar else "")
            line += "│ " + set_cell_size(f"{bits} {'rank':>{RANK}} says", shape.model)
        if self.gap:
            line += "│" + "bits".rjust(6)
        return line

    def _row(self, index: int) -> Strip:
        word, shape, here = self.word(index), self._columns, index == self.cursor
        base = self.tone("cursor") if here else self.rich_style
        text = ("∪" if word.joined else "") + one_line(word.text)
        pinned = self.shown is not None and index in self.shown.pins
        parts = [
            Segment(
                ("▸" if here else "•" if pinned else " ") + set_cell_size(shorten(text, shape.word), shape.word), base
            )
        ]
        for name in self.names:
            parts.append(Segment("│ ", base if here else self.tone("muted")))
            parts += self._cell(word.scores.get(name), base, here)
        if self.gap:
            parts.append(Segment("│", base if here else self.tone("muted")))
            parts.append(self._gap(self.gap, index, base, here))
        return Strip(parts)

    def _cell(self, score: WordScore | None, base: Style, here: bool) -> list[Segment]:
        shape = self._columns
        if score is None or score.surprisal_bits is None:
            mark = score.mark if score and score.mark else "no score"
            text = f"{'–':>{BITS}} {SIGNS.get(mark, '')} {mark}"
            grey = base if here else self.tone("muted")
            return [Segment(set_cell_size(shorten(text, shape.model), shape.model), grey)]
        bits = score.surprisal_bits
        tone = base if here else self.tone(height(bits))
        drawn = f" {bar(bits / FULL, shape.bar)}" if shape.bar else ""
        says = first(score)
        said = token(says.text) if says else ""
        if score.mark:
            said = f"{SIGNS[score.mark]} {score.mark} {said}"
        tail = f" {place(score.rank):>{RANK}} {shorten(said, shape.says)}"
        used = BITS + len(drawn)
        return [
            Segment(f"{number(bits):>{BITS}}", base),
            Segment(drawn, tone),
            Segment(set_cell_size(tail, shape.model - used), base),
        ]

    def _gap(self, gap: Gap, index: int, base: Style, here: bool) -> Segment:
        """Signed bits; the arrow points to the model that found the word easier, or to the side that helped."""
        room, bits = self._columns.gap - 1, gap.values[index]
        if bits is None:
            return Segment("–".rjust(6).ljust(room), base if here else self.tone("muted"))
        sign = " " if abs(bits) < 0.05 else arrow(bits, gap.more)
        tone = base if here or sign == " " else self.tone("left" if sign == "◂" else "right")
        return Segment(f"{bits:+6.1f} {sign}".ljust(room), tone)
