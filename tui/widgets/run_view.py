"""One run, as it is now: why it failed, its facts, its charts, what it says while it learns, and its events."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from tui.charts.series import Panel
from tui.charts.svg import svg
from tui.runs.watch import Seen
from tui.text import passage, shorten
from tui.widgets.chart import Chart
from tui.widgets.run import events, samples
from tui.widgets.run.facts import facts, reason
from tui.widgets.run.keys import KEYS
from tui.widgets.run.state import State
from tui.widgets.run.views import line

__all__ = ["RunView", "facts", "reason"]

REST = 0.25
"""Seconds between two drawings of what came by itself: more would only cost a remote terminal."""
WIDE = 120
"""Columns from which charts stand side by side, and beside the samples."""
TALL = 30
"""Rows from which they also stand one over the other."""
CHARTS = 4
NOTHING = Panel("", "", ())


class RunView(Vertical, can_focus=True):
    """Shows what a `Watch` has seen, and runs laid over it. Nothing is read here and nothing is asked."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    DEFAULT_CSS = """
    RunView #facts { height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    RunView #reason { height: auto; max-height: 8; padding: 0 1; color: $text-error; display: none; }
    RunView.-reason #reason { display: block; }
    RunView:focus #facts { background: $boost; }
    RunView #views, RunView #readout { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    RunView #readout { padding: 0 1; color: $text-muted; display: none; }
    RunView.-reading #readout { display: block; }
    RunView #body { height: 1fr; min-height: 6; }
    RunView #charts { layout: grid; grid-size: 1; grid-gutter: 0 1; width: 1fr; }
    RunView #page { width: 1fr; display: none; }
    RunView #head, RunView #lines { height: auto; text-wrap: nowrap; }
    RunView.-paged #page { display: block; }
    RunView.-paged #charts { display: none; }
    RunView.-paged.-beside #charts { display: block; }
    RunView #console { height: auto; max-height: 12; padding: 0 1; background: $panel; display: none; }
    RunView.-console #console { display: block; }
    RunView.-printed #body { display: none; }
    """

    class OpenModel(Message, namespace="train_pane"):
        """A person wants the model called `reference` in the pane called `pane`. The pane posts it as well."""

        def __init__(self, reference: str, pane: str) -> None:
            super().__init__()
            self.reference = reference
            self.pane = pane

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state = State()
        self.printed = False
        """Whether the person wants to see what the trainer of a failed run printed."""
        self._painted = 0.0
        self._due: Timer | None = None

    @property
    def seen(self) -> Seen | None:
        """What is shown, or is about to be."""
        return self.state.seen

    def compose(self) -> ComposeResult:
        yield Static(id="reason", markup=False)
        yield Static(id="facts", markup=False)
        yield Static(id="views", markup=False)
        with Horizontal(id="body"):
            with Container(id="charts"):
                yield from (Chart(id=f"chart-{number}") for number in range(CHARTS))
            with Vertical(id="page"):
                yield Static(id="head", markup=False)
                with VerticalScroll(id="scroll", can_focus=False):
                    yield Static(id="lines", markup=False)
        yield Static(id="readout", markup=False)
        yield Static(id="console", markup=False)

    # --- what the pane asks ----------------------------------------------------------------------------------

    def show(self, seen: Seen | None, others: Sequence[Seen] = ()) -> None:
        """Show `seen` with `others` laid over it, or nothing at all; at most four times a second for the same runs."""
        if seen == self.seen and tuple(others) == self.state.others:
            return
        same = _ids(seen, others) == _ids(self.seen, self.state.others)
        self.printed = self.printed and same
        self.state.take(seen, others)
        rest = self._painted + REST - monotonic()
        if not same or rest <= 0:
            self.paint()
        elif self._due is None:
            self._due = self.set_timer(rest, self.paint)

    def as_text(self) -> str:
        """What is shown, as text: the facts, why it failed, and the page or what the charts say at the cursor."""
        if (seen := self.seen) is None:
            return ""
        shown = (
            [part.plain for part in self._page(seen, 100)]
            if self.state.paged
            else [self.state.told(self.state.shown(1))]
        )
        lines = [*facts(seen), reason(seen.now), *self.state.apart, *shown, seen.console]
        return "\n".join(filter(None, lines)).rstrip() + "\n"

    def as_svg(self) -> str:
        """The first chart on the screen, as a picture that stands alone; empty where nothing is drawn."""
        shown = self.state.shown(1)
        return svg(shown[0], self.state.frame) if shown and shown[0].series else ""

    def turn_console(self) -> None:
        """Show or hide what the trainer printed."""
        self.printed = not self.printed
        self.paint()

    # --- drawing ---------------------------------------------------------------------------------------------

    def paint(self) -> None:
        """Bring everything up to date."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        self._painted = monotonic()
        seen = self.seen
        why = reason(seen.now) if seen else ""
        console = seen.console if seen else ""
        self.set_class(bool(why), "-reason")
        self.query_one("#reason", Static).update(passage(why))
        self.set_class(bool(console) and (self.printed or not why), "-console")
        self.set_class(self.printed and bool(console), "-printed")
        self.query_one("#console", Static).update(passage(console))
        self._paint_body()
        self.refresh_bindings()

    def _paint_body(self) -> None:
        state, seen, shown = self.state, self.seen, self.state.shown(self._count)
        brief = state.paged and self.size.height < TALL
        self.query_one("#facts", Static).update(Content("\n".join(facts(seen)[: 3 if brief else None])) if seen else "")
        beside = state.view == "samples" and self.size.width >= WIDE
        self.set_class(state.paged, "-paged")
        self.set_class(beside, "-beside")
        on = [] if state.paged and not beside else [panel.name for panel in shown]
        self.query_one("#views", Static).update(line(state.names, [state.view, *on], self.size.width))
        self._paint_charts(shown)
        if seen and state.paged:
            head, lines = self._page(seen, max(40, self.size.width // (1 + beside) - 2))
            self.query_one("#head", Static).update(head)
            self.query_one("#lines", Static).update(lines)
        told = state.told(shown)
        self.set_class(bool(told), "-reading")
        self.query_one("#readout", Static).update(Content(shorten(told, max(20, self.size.width - 2))))

    def _paint_charts(self, shown: Sequence[Panel]) -> None:
        frame, empty = self.state.frame._replace(cursor=self.state.cursor), ""
        if self.seen:
            waits = self.seen.now.state in ("starting", "running")
            empty = "no loss has been written yet" if waits else "no loss was written"
        self.query_one("#charts").styles.grid_size_columns = 2 if len(shown) > 1 else 1
        for number, chart in enumerate(self.query(Chart)):
            chart.display = number < max(1, len(shown))
            chart.show(shown[number] if number < len(shown) else NOTHING, frame, empty)

    @property
    def _count(self) -> int:
        """How many charts there is room for."""
        return 1 if self.size.width < WIDE else CHARTS if self.size.height >= TALL else 2

    def _page(self, seen: Seen, width: int) -> tuple[Content, Content]:
        """What stays on the screen, and what scrolls under it."""
        if self.state.view == "events":
            return Content(""), events.page(seen.events)
        scrub = self.state.scrub
        head = samples.head(seen.sentences, scrub, seen.checkpoints, width)
        return head, samples.page(seen.sentences, scrub, width, self.query_one("#body").size.height - 3)

    def on_resize(self, event: Resize) -> None:
        """More panels where there is room."""
        self._paint_body()

    # --- doing -----------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense for what is shown."""
        view, charts = self.state.view, not self.state.paged
        offered = {
            "view": self.seen is not None,
            "open": view == "samples" and self.state.checkpoint is not None,
            "scroll": self.state.paged,
            "step": charts or view == "samples",
            "reset": charts or view == "samples",
            "log": charts,
            "zoom": charts,
            "smooth": charts and any(panel.noisy for panel in self.state.shown(self._count)),
        }
        return offered.get(action, True) and (self.seen is not None or action not in offered)

    def action_view(self, by: int) -> None:
        """The next view, or the one before."""
        self.state.turn(by)
        self.query_one("#scroll").scroll_home(animate=False)
        self._paint_body()
        self.refresh_bindings()

    def action_step(self, percent: int) -> None:
        """Move the cursor: by a column of dots for one, else by `percent` of all steps."""
        dots = 2 * max(20, self.query_one("#chart-0").size.width)
        one = 1e-9 if self.state.view == "samples" else 1 / dots
        self.state.move(percent / 100 if abs(percent) > 1 else percent * one)
        self._paint_body()

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """Read the step that was clicked."""
        self.state.point(event.step)
        self._paint_body()

    def action_smooth(self) -> None:
        """The next strength of smoothing."""
        self.state.smooth()
        self._paint_body()

    def action_log(self, axis: str) -> None:
        """An even or a logarithmic axis."""
        self.state.log(axis)
        self._paint_body()

    def action_zoom(self, factor: float) -> None:
        """Fewer or more steps, around the cursor."""
        self.state.zoom(factor)
        self._paint_body()

    def action_reset(self) -> None:
        """All steps, no cursor, and the newest samples."""
        self.state.reset()
        self._paint_body()

    def action_open(self) -> None:
        """The checkpoint nearest to the evaluation that is looked at, in Predict."""
        if self.seen and (step := self.state.checkpoint) is not None:
            self.post_message(self.OpenModel(f"{self.seen.now.id}@{step}", "predict"))

    def action_scroll(self, by: int) -> None:
        """Scroll the page of samples or events."""
        self.query_one("#scroll").scroll_relative(y=by, animate=False)


def _ids(seen: Seen | None, others: Sequence[Seen]) -> list[str]:
    return [one.now.id for one in (seen, *others) if one is not None]
