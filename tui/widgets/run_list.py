"""The runs of this machine, one line each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import DataTable

from tui.runs.watch import Now
from tui.text import one_line, shorten
from tui.words import brief, short

COLUMNS = {"run": 24, "state": 9, "model": 5, "step": 11, "loss": 5, "tok/s": 6, "age": 6}
"""Titles and widths in cells: 80 columns with a blank after each."""
MORE = {"held out": 8, "left": 8, "params": 6, "text": 40}
"""Further columns from `WIDE` columns on."""
WIDE = 120


class RunList(DataTable[Text]):
    """A table in which only the cells that changed are drawn again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="runs.down", tooltip="To the next run."),
        Binding("k", "cursor_up", "Up", show=False, id="runs.up", tooltip="To the run before."),
        Binding("home,g", "scroll_top", "First", show=False, id="runs.first", tooltip="To the newest run."),
        Binding("end,G", "scroll_bottom", "Last", show=False, id="runs.last", tooltip="To the oldest run."),
    ]
    DEFAULT_CSS = """
    RunList { scrollbar-size-vertical: 1; background: transparent; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=0)
        self._shown: dict[str, tuple[str, ...]] = {}
        self._widths: dict[str, int] = {}

    def on_resize(self, event: Resize) -> None:
        """As many columns as there is room for."""
        columns = COLUMNS | (MORE if event.size.width >= WIDE else {})
        if columns != self._widths:
            self._widths = columns
            shown, self._shown = self._shown, {}
            self.clear(columns=True)
            for name, width in columns.items():
                self.add_column(name, width=width + 1, key=name)
            self._put(shown, "")

    @property
    def chosen(self) -> str:
        """The id of the run under the cursor, or an empty string."""
        ids = list(self._shown)
        return ids[self.cursor_row] if 0 <= self.cursor_row < len(ids) else ""

    def fill(self, runs: Sequence[Now]) -> None:
        """Show `runs` in their order; the cursor stays on its run."""
        rows = {run.id: cells(run) for run in runs}
        if list(rows) != list(self._shown):
            self._put(rows, self.chosen)
            return
        for run, row in rows.items():
            for column, old, new in zip(self._widths, self._shown[run], row, strict=False):
                if old != new:
                    self.update_cell(run, column, Text(new))
        self._shown = rows

    def _put(self, rows: dict[str, tuple[str, ...]], here: str) -> None:
        """Show other rows, with the cursor on the run called `here` if it is still there."""
        self._shown = rows
        self.clear()
        for run, row in rows.items():
            self.add_row(*map(Text, row[: len(self._widths)]), key=run)
        self.choose(here)

    def choose(self, run: str) -> None:
        """Move the cursor to the run called `run`, if it is there."""
        if run in self._shown:
            self.move_cursor(row=list(self._shown).index(run))


def cells(run: Now) -> tuple[str, ...]:
    """One line of the table, all columns."""
    name = shorten(one_line(run.id), COLUMNS["run"])
    if run.file is None:
        return (name, run.state, *[""] * (len(COLUMNS) + len(MORE) - 2))
    steps = short(run.file.steps) if run.file.steps else "?"
    texts = ", ".join(Path(text).name for text in run.file.settings.texts)
    return (
        name,
        run.state,
        run.file.settings.family,
        "" if run.step is None else f"{short(run.step)}/{steps}",
        "" if run.loss is None else f"{run.loss:.2f}",
        "" if run.speed is None or run.state != "running" else short(round(run.speed)),
        brief(max(0.0, time.time() - run.file.created)),
        "" if run.held_out is None else f"{run.held_out:.3f}",
        "" if run.eta is None else brief(run.eta),
        short(run.file.parameters) if run.file.parameters else "",
        shorten(one_line(texts), MORE["text"]),
    )
