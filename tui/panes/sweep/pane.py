"""Accuracy by position: curves over each other, one position read, and what they mean beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import OptionList, Static

from core.messages import Curves
from tui.charts.series import PLAIN
from tui.panes.pane import Files
from tui.panes.sweep.asking import SLOT, AskingPane
from tui.sweeps import findings
from tui.sweeps.files import as_files
from tui.sweeps.measure import MEASURES
from tui.sweeps.strand import at_first, measured, panel
from tui.text import plain
from tui.widgets.chart import Chart
from tui.widgets.strand_list import StrandList

WIDE = 120
"""Columns from which the findings stand beside the chart."""
BANDS = ("all", "one", "none")
VIEWS = ("all", "curves", "findings")
WAITING = "nothing is measured yet: the first positions take some seconds"


class SweepPane(AskingPane):
    """The chart, the lines in it as read at one position, and the findings beside them or below."""

    TITLE = "Sweep"
    BEARS_ON: ClassVar[Mapping[str, str]] = {"C7": "BERT's accuracy falls at the end of a text"}
    ABOUT = (
        "How often each model knows a word, by where in a window it stands: every position on the same windows and "
        "words for all models. A masked model sees both sides, a causal one only the left. The ends come first, with "
        "12 positions between; then the curves refine. Below or beside them: how far accuracy falls from the middle "
        "to the last position without special tokens (bare), how much of that is information that the right side "
        "would have given, and how much only the unusual format (artefact); and how often a full stop is said."
    )
    LEGEND = (
        "[x] before a line: it is drawn. The glyph after it marks its curve. Numbers are read at the position of the "
        "vertical line: the value, its 95 % interval (Wilson 1927), n targets, and the share of full stops among the "
        "first guesses.\nShaded: the 95 % intervals. In the bars │ is zero: left of it, the last position is "
        "the better one.\n"
        "Small letters: published by somebody else, with another protocol than “paired”."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "measure", "Top-1/5/log", id="sweep.measure", tooltip="Top-1, top-5, or mean log-probability."),
        Binding("v", "view", "View", id="sweep.view", tooltip="Everything, the curves alone, or the findings alone."),
        Binding(
            "b",
            "bands",
            "Bands",
            show=False,
            id="sweep.bands",
            tooltip="Shade the 95 % intervals: all, that of the line under the cursor, or none.",
        ),
        Binding("pagedown", "scroll(1)", "Findings down", show=False, id="sweep.down", tooltip="Scroll the findings."),
        Binding("pageup", "scroll(-1)", "Findings up", show=False, id="sweep.up", tooltip="Scroll the findings back."),
        Binding("escape", "leave", "Back", id="sweep.leave", tooltip="To the pane before; the sweep goes on."),
    ]
    DEFAULT_CSS = """
    SweepPane #caption { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    SweepPane #halves { height: 1fr; }
    SweepPane #curves { height: 1fr; }
    SweepPane StrandList { height: auto; max-height: 4; background: transparent; text-wrap: nowrap; }
    SweepPane StrandList { text-overflow: ellipsis; border: none; }
    SweepPane #findings { height: 6; padding: 0 1; border-top: solid $panel-lighten-2; scrollbar-gutter: stable; }
    SweepPane #page { height: auto; }
    SweepPane.-wide #halves { layout: horizontal; }
    SweepPane.-wide StrandList { max-height: 12; }
    SweepPane.-wide #curves { width: 60%; height: 100%; }
    SweepPane.-wide #findings { width: 1fr; height: 100%; border-top: none; border-left: solid $panel-lighten-2; }
    SweepPane.-curves #findings { display: none; }
    SweepPane.-curves #curves { width: 100%; }
    SweepPane.-findings Chart { display: none; }
    SweepPane.-findings StrandList { max-height: 3; }
    SweepPane.-findings #curves { width: 100%; height: auto; }
    SweepPane.-findings #findings { width: 100%; height: 1fr; }
    SweepPane.-findings #halves { layout: vertical; }
    """

    def __init__(self, *, id: str = "sweep") -> None:
        super().__init__(id=id)
        self.drawn: set[str] | None = None
        """The names of the lines that are drawn, once somebody chose."""
        self.position: int | None = None
        """What is read; None for the last position."""
        self.measure = self.view = 0
        self.bands = 0
        """Which of `BANDS` are shaded."""
        self.chart, self.strands = Chart(id="accuracy", legend=False), StrandList()

    def compose(self) -> ComposeResult:
        yield Static(id="caption")
        with Container(id="halves"):
            with Vertical(id="curves"):
                yield self.chart
                yield self.strands
            with VerticalScroll(id="findings", can_focus=False):
                yield Static(id="page")

    def on_mount(self) -> None:
        """Start with the defaults."""
        self._refill()
        self.begin()

    def on_resize(self, event: Resize) -> None:
        """The findings go beside the chart where there is room."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self._refill)

    # --- what the app asks -----------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        return self.strands

    def shown(self) -> None:
        self._refill()

    def as_text(self) -> str:
        from tui.headless.swept import lines

        return "\n".join(line.rstrip() for line in lines(self.found)) + "\n" if self.found else ""

    def as_files(self) -> Files:
        if self.found is None:
            return {}
        drawn = self._drawn(self.found)
        return as_files(self.found, drawn, MEASURES[self.measure], self._shaded(drawn))

    # --- showing ---------------------------------------------------------------------------------------------

    def take(self, found: Curves, source: str) -> None:
        """Show another sweep, or the same one with more in it."""
        self.found, self.source, self.models = found, source, list(found.models)
        self._refill()
        self.say()

    def _drawn(self, found: Curves) -> set[str]:
        return at_first(found) if self.drawn is None else self.drawn

    def _shaded(self, drawn: set[str]) -> set[str]:
        return {"all": drawn, "one": drawn & {self.strands.chosen}, "none": set[str]()}[BANDS[self.bands]]

    def _read(self, found: Curves) -> int:
        """The position under the cursor: where nothing is measured, the nearest one with something."""
        known = measured(found) or found.positions
        wanted = known[-1] if self.position is None else self.position
        return min(known, key=lambda at: abs(at - wanted))

    def _refill(self) -> None:
        """Give every widget what it shows, unless nobody sees it."""
        if not self.display or not self.is_mounted:
            return
        for name in VIEWS[1:]:
            self.set_class(VIEWS[self.view] == name, f"-{name}")
        self._caption()
        if (found := self.found) is None:
            self.chart.show(self.chart.panel, empty=WAITING if SLOT in self.open else "")
            return
        measure, position = MEASURES[self.measure], self._read(found)
        drawn = self._drawn(found)
        self.strands.fill(found, drawn, position, measure)
        drawing = panel(found, drawn, measure, self._shaded(drawn))
        self.chart.show(drawing, PLAIN._replace(cursor=position), "nothing is drawn: space draws a line")
        room = self.query_one("#findings").content_size.width or self.size.width - 4
        self.query_one("#page", Static).update(findings.page(found, room))

    def _caption(self) -> None:
        caption = self.query_one("#caption", Static)
        if (found := self.found) is None:
            caption.update(Content(" Accuracy by position: no result yet."))
            return
        said = (
            f"read at {self._read(found)} · {self.source} · {found.windows:,} windows of "
            f"{found.length} {found.unit} · {found.text}, {found.protocol}, seed {found.seed}"
        )
        caption.update(Content(" ") + plain(said))

    # --- actions ---------------------------------------------------------------------------------------------

    @on(StrandList.Flipped)
    def _flipped(self, event: StrandList.Flipped) -> None:
        event.stop()
        if self.found is not None:
            self.drawn = self._drawn(self.found) ^ {event.name}
            self._refill()

    @on(StrandList.Stepped)
    def _stepped(self, event: StrandList.Stepped) -> None:
        event.stop()
        if self.found is not None and (known := measured(self.found)):
            at = event.to if event.to is not None else known.index(self._read(self.found)) + event.by
            self.position = known[at if event.to is not None else max(0, min(at, len(known) - 1))]
            self._refill()

    @on(OptionList.OptionHighlighted, "#strands")
    def _chose(self, event: OptionList.OptionHighlighted) -> None:
        """Another line may have its interval shaded."""
        event.stop()
        if BANDS[self.bands] == "one":
            self._refill()

    @on(Chart.Pointed)
    def _pointed(self, event: Chart.Pointed) -> None:
        """Read the position that was clicked."""
        event.stop()
        self.position = round(event.step)
        self._refill()

    def action_measure(self) -> None:
        """The next of the three numbers."""
        self.measure = (self.measure + 1) % len(MEASURES)
        self._refill()

    def action_bands(self) -> None:
        """The next choice of intervals to shade."""
        self.bands = (self.bands + 1) % len(BANDS)
        self._refill()

    def action_view(self) -> None:
        """Everything, or one half of it."""
        self.view = (self.view + 1) % len(VIEWS)
        self._refill()
        self.call_after_refresh(self._refill)

    def action_scroll(self, by: int) -> None:
        """Scroll the findings by a page."""
        box = self.query_one("#findings")
        box.scroll_relative(y=by * max(1, box.size.height - 1), animate=False)

    async def action_leave(self) -> None:
        """To the pane before; what is swept goes on."""
        await self.lab.action_back()
