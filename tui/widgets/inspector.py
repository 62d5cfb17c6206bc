"""What every model expected at one word: its ten likeliest candidates with their probabilities."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import set_cell_size
from textual.content import Content
from textual.widget import Widget

from core.messages import Method, Word, WordScore
from tui.results.reading import MARKS, Shown, chance, difference, headline, label, number, token, visible
from tui.text import cells, one_line, shorten
from tui.widgets.bars import bar

JOINED = "joined: one token spans these words"

ROOMY = 116
"""Columns in which ten candidates fit into one line."""


class Inspector(Widget):
    """Two forms: a few dense lines under a table, or one column a model with a bar for every candidate."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"inspector--word", "inspector--head", "inspector--muted", "inspector--bar"}

    def __init__(self) -> None:
        super().__init__(id="inspector")
        self.shown: Shown | None = None
        self.index = 0
        self.full = False

    def show(self, shown: Shown | None, index: int) -> None:
        """Show the word at `index`."""
        self.shown, self.index = shown, index
        self.refresh()

    def spread(self, full: bool) -> None:
        """Choose between the dense form and the columns."""
        self.full = full
        self.refresh()

    def render(self) -> Content:
        """The lines that fit."""
        shown = self.shown
        if shown is None or not 0 <= self.index < len(shown.comparison.words):
            return Content("")
        width, height = self.content_size
        word = shown.comparison.words[self.index]
        lines = [self._title(word, shown.pair, width)]
        if self.full:
            lines += self._columns(shown, word, width, height - 1)
        else:
            for name in shown.names:
                lines += self._dense(name, word.scores.get(name), width)
        return Content("\n").join(lines[:height])

    def _style(self, part: str, text: str) -> Content:
        return Content.styled(text, self.get_visual_style(f"inspector--{part}"))

    def _title(self, word: Word, pair: tuple[str, str] | None, width: int) -> Content:
        told = f"   {JOINED}" if word.joined else ""
        gap = difference(word, pair) if pair else None
        if gap is not None and pair:
            one, other = (label(name) for name in (pair if gap >= 0 else pair[::-1]))
            told += f"   {one} needed {abs(gap):.1f} bits less than {other}"
        shown = shorten(one_line(word.text), max(8, width // 3))
        rest = shorten(one_line(told), max(0, width - 1 - cells(shown)))
        return Content.assemble(" ", self._style("word", shown), self._style("muted", rest))

    def _dense(self, name: str, score: WordScore | None, width: int) -> list[Content]:
        """One line or two, as the width demands: as many candidates as they hold, most likely first."""
        rows = 1 if width >= ROOMY else 2
        head = set_cell_size(f" {shorten(one_line(label(name)), 8)}", 8)
        if score is None or not score.top:
            return [Content.assemble(self._style("head", head), self._style("muted", self._why(score))), Content("")][
                :rows
            ]
        lines, line, used = [], [self._style("head", head)], len(head)
        if score.mark:
            line.append(self._style("muted", f"({score.mark}) "))
            used += len(score.mark) + 3
        for one in score.top:
            text = shorten(token(one.text), 16)
            need = cells(text) + 6
            if used + need > width:
                lines.append(Content("").join(line))
                line, used = [Content(" " * len(head))], len(head)
            line += [Content(text), self._style("muted", f" {chance(one.prob)}  ")]
            used += need
        lines.append(Content("").join(line))
        return [*lines, Content("")][:rows]

    def _why(self, score: WordScore | None) -> str:
        return MARKS.get(score.mark, "no prediction here") if score else "no score here"

    def _columns(self, shown: Shown, word: Word, width: int, height: int) -> list[Content]:
        each = width // max(1, len(shown.names)) - 1
        methods = shown.comparison.models
        blocks = [self._block(name, methods[name], word, word.scores.get(name), each) for name in shown.names]
        rows = []
        for row in range(min(height, max(len(block) for block in blocks))):
            parts = []
            for block in blocks:
                part = block[row] if row < len(block) else Content("")
                parts.append(Content(" ") + part.pad_right(max(0, each - part.cell_length)))
            rows.append(Content("").join(parts))
        return rows

    def _block(self, name: str, method: Method, word: Word, score: WordScore | None, width: int) -> list[Content]:
        """One model's column, at most `width` cells wide."""
        block = [self._style("head", headline(name, method.kind, width))]
        if score is None or score.surprisal_bits is None:
            return [*block, *(self._style("muted", line) for line in self._folded(self._why(score), width))]
        block.append(Content(shorten(f"{number(score.surprisal_bits)} bits · rank {score.rank}", width)))
        pieces = "|".join(visible(piece) for piece in score.pieces)
        line = MARKS[score.mark] if score.mark else f"pieces {pieces}" if len(score.pieces) > 1 else ""
        if not line and score.entropy_bits is not None:
            line = f"entropy {score.entropy_bits:.1f} bits"
        block.append(self._style("muted", shorten(line, width)))
        text_room = max(4, min(16, width - 12))
        for one in score.top:
            same = one.text.strip() == word.text.strip()
            text = set_cell_size(shorten(visible(one.text), text_room), text_room)
            drawn = bar(one.prob, max(0, width - text_room - 7))
            lead = "▸" if same else " "
            block.append(
                Content.assemble(
                    self._style("word", lead + text) if same else Content(lead + text),
                    f" {chance(one.prob)} ",
                    self._style("bar", drawn),
                )
            )
        return block

    def _folded(self, text: str, width: int) -> list[str]:
        return [line.plain.strip() for line in Content(text).wrap(max(8, width))] if width > 0 else []
