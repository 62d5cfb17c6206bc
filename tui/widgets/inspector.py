"""What every model expected at one word, and at those that are pinned: the ten likeliest with their probabilities."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from core.messages import LISTED, Method, Word, WordScore
from tui.results.gaps import difference
from tui.results.reading import MARKS, chance, headline, label, number, sees_as, token, visible
from tui.results.shown import Shown
from tui.text import cells, one_line, shorten
from tui.widgets.bars import bar

JOINED = "joined: one token spans these words"
STOPPED = f"the lists stop after {LISTED:,} words: the first choice alone"

ROOMY = 116
"""Columns in which ten candidates fit into one line."""


class Inspector(VerticalScroll):
    """Two forms: a few dense lines under a table, or one column a model with a bar for every candidate.

    Pinned words stand below the one under the cursor, in the dense form; what does not fit is scrolled to.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"inspector--word", "inspector--head", "inspector--muted", "inspector--bar"}

    def __init__(self) -> None:
        super().__init__(id="inspector")
        self.shown: Shown | None = None
        self.index = 0
        self.full = False
        self._lines = 0

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        """Take the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.call_after_refresh(self._fill))

    def on_resize(self, event: Resize) -> None:
        """Fold the lines at the new width."""
        self._fill()

    def show(self, shown: Shown | None, index: int) -> None:
        """Show the word at `index`."""
        self.shown, self.index = shown, index
        self._fill()

    def spread(self, full: bool) -> None:
        """Choose between the dense form and the columns; takes effect with the next word that is shown."""
        self.full = full

    def _fill(self) -> None:
        lines = self.content_lines(self.scrollable_content_region.width)
        self.query_one(Static).update(Content("\n").join(lines), layout=len(lines) != self._lines)
        self._lines = len(lines)

    def content_lines(self, width: int) -> list[Content]:
        """Everything there is to say, in lines of at most `width` columns."""
        shown = self.shown
        if shown is None or not 0 <= self.index < len(shown.comparison.words) or width <= 0:
            return []
        lines = self._word(shown, self.index, width, self.full)
        for pin in shown.pins:
            if pin != self.index:
                lines += self._word(shown, pin, width, False)
        return lines

    def _word(self, shown: Shown, index: int, width: int, full: bool) -> list[Content]:
        """One word: its title, then every model."""
        word = shown.comparison.words[index]
        lines = self._title(shown, index, width)
        if full:
            return [*lines, *self._columns(shown, word, width)]
        for name in shown.names:
            lines += self._dense(name, word.scores.get(name), width)
        return lines

    def _style(self, part: str, text: str) -> Content:
        return Content.styled(text, self.get_visual_style(f"inspector--{part}"))

    def _title(self, shown: Shown, index: int, width: int) -> list[Content]:
        """The word and what is to say about it: on one line, or on two where it does not fit."""
        word, pair = shown.comparison.words[index], shown.pair
        told = [JOINED] if word.joined else []
        gap = difference(word, pair) if pair else None
        if gap is not None and pair:
            one, other = (label(name) for name in (pair if gap >= 0 else pair[::-1]))
            told.append(f"{one} needed {abs(gap):.1f} bits less than {other}")
        for name, values in shown.gains.items():
            if name in shown.names and (value := values[index]) is not None:
                told.append(f"{label(name)}'s right side {value:+.1f}")
        if index >= LISTED and any(len(score.top) == 1 for score in word.scores.values()):
            told.append(STOPPED)
        sign = "• " if index in shown.pins else " "
        text = shorten(one_line(word.text), max(8, width // 3))
        room = max(0, width - len(sign) - cells(text) - 3)
        rest = one_line("   ".join(told))
        more = [one_line(told.pop())] if cells(rest) > room and len(told) > 1 else []
        first = shorten(one_line("   ".join(told)), room)
        lines = [Content.assemble(sign, self._style("word", text), "   ", self._style("muted", first))]
        return [*lines, *(self._style("muted", f"   {shorten(line, width - 3)}") for line in more)]

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

    def _columns(self, shown: Shown, word: Word, width: int) -> list[Content]:
        each = width // max(1, len(shown.names)) - 1
        methods = shown.comparison.models
        blocks = [self._block(name, methods[name], word, word.scores.get(name), each) for name in shown.names]
        rows = []
        for row in range(max(len(block) for block in blocks)):
            parts = []
            for block in blocks:
                part = block[row] if row < len(block) else Content("")
                parts.append(Content(" ") + part.pad_right(max(0, each - part.cell_length)))
            rows.append(Content("").join(parts))
        return rows

    def _block(self, name: str, method: Method, word: Word, score: WordScore | None, width: int) -> list[Content]:
        """One model's column, at most `width` cells wide."""
        block = [self._style("head", headline(name, sees_as(method), width))]
        if score is None or score.surprisal_bits is None:
            return [*block, *(self._style("muted", line) for line in self._folded(self._why(score), width))]
        block.append(Content(shorten(f"{number(score.surprisal_bits)} bits · rank {score.rank}", width)))
        told = [f"entropy {score.entropy_bits:.1f}"] if score.entropy_bits is not None else []
        if score.mark:
            told.insert(0, MARKS[score.mark])
        elif len(score.pieces) > 1:
            told.append("|".join(visible(piece) for piece in score.pieces))
        block.append(self._style("muted", shorten(" · ".join(told), width)))
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
