"""Three small histograms of the text: how many words fell into each bin, every model beside the others."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui.results.histograms import Histogram, of
from tui.results.reading import label
from tui.results.shown import Shown
from tui.text import one_line, shorten
from tui.widgets.bars import bar

NAME, COUNT = 8, 6
"""Columns of the bins' names and of a count."""


class Histograms(VerticalScroll):
    """One block a histogram: a line a bin, a bar with its count for every model. Counted when it is looked at."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"histograms--head", "histograms--muted", "histograms--bar"}

    def __init__(self) -> None:
        super().__init__(id="histograms")
        self._of: object = None
        self._counted: list[Histogram] = []

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        """Take the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.call_after_refresh(self._fill))

    def on_resize(self, event: Resize) -> None:
        """Draw the bars anew."""
        self._fill()

    def show(self, shown: Shown | None) -> None:
        """Show the histograms of a whole comparison under the models on screen."""
        key = (id(shown.comparison), shown.names, shown.limits) if shown else None
        if key != self._of and shown is not None:
            self._of = key
            self.run_worker(self._count(shown), exclusive=True)

    async def _count(self, shown: Shown) -> None:
        self._counted = await asyncio.to_thread(of, shown.comparison, shown.names, shown.limits)
        self._fill()

    def _fill(self) -> None:
        width = self.scrollable_content_region.width
        lines = [line for one in self._counted for line in self._block(one, width)] if width > 0 else []
        self.query_one(Static).update(Content("\n").join(lines))

    def _style(self, part: str, text: str) -> Content:
        return Content.styled(text, self.get_visual_style(f"histograms--{part}"))

    def _block(self, one: Histogram, width: int) -> list[Content]:
        names = list(one.counts)
        each = max(COUNT + 3, (width - NAME - 1) // max(1, len(names)))
        heads = "".join(set_cell_size(shorten(one_line(label(name)), each - 1), each) for name in names)
        lines = [
            Content.assemble(
                " ",
                self._style("head", one.title),
                self._style("muted", shorten(f"  {one.about}", width - len(one.title) - 1)),
            ),
            Content.assemble(" " * (NAME + 1), self._style("head", heads)),
        ]
        most = max((count for counts in one.counts.values() for count in counts), default=0)
        for at, name in enumerate(one.bins):
            line = [Content(f" {name:>{NAME - 1}} ")]
            for counts in one.counts.values():
                drawn = bar(counts[at] / most if most else 0, each - COUNT - 2)
                line += [self._style("bar", drawn), Content(f" {counts[at]:<{COUNT}} ")]
            lines.append(Content("").join(line))
        missing = [f"{label(name)} {count}" for name, count in one.left_out.items() if count]
        lines.append(self._style("muted", shorten(f" without it: {', '.join(missing)}", width) if missing else ""))
        return lines
