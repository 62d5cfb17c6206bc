"""One chart of an experiment, of whatever kind it is."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from core.messages import Chart
from tui.charts.series import Panel
from tui.findings.picture import frame, panel, title
from tui.text import one_line
from tui.widgets import chart as lines
from tui.widgets import experiment_bars
from tui.widgets.heat_map import HeatMap

OVER = "abcdefgh"
"""Marks on the lines that are laid over those measured here."""


def laid(chart: Chart, over: Chart | None) -> Panel:
    """The lines of `chart`, and those of `over` with other marks, named as shipped."""
    drawn = panel(chart)
    if over is None:
        return drawn
    known = {one.glyph: mark for one, mark in zip((one for one in panel(over).series if one.named), OVER, strict=False)}
    shipped = [
        one._replace(label=f"shipped: {one.label}", glyph=known.get(one.glyph, one.glyph))
        for one in panel(over).series
        if one.form != "band"
    ]
    return drawn._replace(series=(*drawn.series, *shipped))


class ExperimentChart(Vertical):
    """A plot, bars as lines of text, or a heat map; one that ships is laid over lines, beside bars, beneath a map."""

    DEFAULT_CSS = """
    ExperimentChart { height: auto; margin-top: 1; }
    ExperimentChart Chart { height: 12; }
    ExperimentChart.-tall Chart { height: 16; }
    ExperimentChart Static { height: auto; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.plot, self.text, self.heat = lines.Chart(), Static(markup=False), HeatMap()
        self.now: tuple[Chart, Chart | None] | None = None

    def compose(self) -> ComposeResult:
        yield self.plot
        yield self.text
        yield self.heat

    def on_mount(self) -> None:
        """Draw what was asked for before there was a place to."""
        self._paint()

    def on_resize(self, event: Resize) -> None:
        """Text is laid out for a width."""
        self._paint()

    def show(self, chart: Chart, over: Chart | None) -> None:
        """Draw `chart`, and `over` with it."""
        if self.now != (chart, over):
            self.now = (chart, over)
            self._paint()

    def _paint(self) -> None:
        if self.now is None or not self.is_mounted:
            return
        chart, over = self.now
        for kind, part in (("lines", self.plot), ("bars", self.text), ("heat", self.heat)):
            part.display = chart.kind == kind
        if chart.kind == "lines":
            self.plot.show(laid(chart, over), frame(chart), "nothing is measured yet")
        elif chart.kind == "heat":
            self.heat.show(chart, over, title(chart))
        else:
            width = max(20, self.size.width - 1)
            said = [*Content(f" {one_line(title(chart))}").wrap(width), *experiment_bars.drawn(chart, width, over)]
            self.text.update(Content("\n").join(said))
