"""The experiment of a claim: its knobs and what they come to, how far it is, charts, the verdict and the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click, Resize
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Static

from core.claims.plan import Plan
from core.messages import Chart, Finding, Progress
from tui.text import plain
from tui.widgets import calculation
from tui.widgets import experiment_form as form
from tui.widgets import experiment_words as words
from tui.widgets.entry import Entry
from tui.widgets.experiment_chart import ExperimentChart
from tui.widgets.heat_map import HeatMap

TALL = 36
"""Lines of a window in which charts are higher."""


class State(NamedTuple):
    """Everything that is shown."""

    plan: Plan
    changed: Mapping[str, float | str]
    """The knobs that a person turned, the seed among them."""
    finding: Finding | None = None
    where: str = ""
    """Where the finding comes from, when and on what."""
    over: Finding | None = None
    """The one that ships, while it is compared."""
    busy: bool = False
    """Whether it is being measured."""
    progress: Progress | None = None
    elapsed: float = 0.0
    said: str = ""
    """Why there is no more of it."""


class ExperimentView(VerticalScroll):
    """Scrolls. ↑↓ go to a knob, ←→ turn it; what is under the cursor has an arrow."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Knob", show=False, id="experiment.up", tooltip="The knob before; else scroll."),
        Binding("down,j", "move(1)", "Knob", show=False, id="experiment.down", tooltip="The next knob; else scroll."),
        Binding("left,h", "turn(-1)", "Less", show=False, id="experiment.less", tooltip="Turn it a step back."),
        Binding("right,l", "turn(1)", "Turn", key_display="←→", id="experiment.more", tooltip="Turn it by a step."),
        Binding("shift+left", "turn(-10)", "Much less", show=False, id="experiment.much-less",
                tooltip="Turn it back by ten steps."),
        Binding("shift+right", "turn(10)", "Much more", show=False, id="experiment.much-more",
                tooltip="Turn it by ten steps."),
        Binding("enter", "type", "Type", key_display="⏎", id="experiment.type",
                tooltip="Type the value of the knob under the cursor."),
        Binding("delete", "reset", "Reset", show=False, id="experiment.reset", tooltip="Every knob as it was."),
        Binding("space", "page_down", "Page", show=False, id="experiment.page", tooltip="One page down."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    ExperimentView { padding: 0 1; scrollbar-size-vertical: 1; }
    ExperimentView > Static { height: auto; }
    ExperimentView > #charts { height: auto; }
    ExperimentView > #form, ExperimentView > #sums { margin-top: 1; }
    ExperimentView > #going, ExperimentView > #verdict, ExperimentView > #numbers { margin-top: 1; }
    ExperimentView > #small { margin-top: 1; }
    ExperimentView > #cell { dock: bottom; height: 1; display: none; background: $panel; text-wrap: nowrap; }
    """

    class Turned(Message):
        """A person gave a knob another value, or every knob the value it had (`name` is then empty)."""

        def __init__(self, name: str, value: float | str) -> None:
            super().__init__()
            self.name = name
            self.value = value

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state: State | None = None
        self.cursor = 0

    def compose(self) -> ComposeResult:
        for part in ("head", "form", "sums", "going", "verdict"):
            yield Static(id=part, markup=False)
        yield Vertical(id="charts")
        for part in ("numbers", "small"):
            yield Static(id=part, markup=False)
        yield Static(id="cell", markup=False)

    # --- showing -------------------------------------------------------------------------------------------

    def show(self, state: State | None) -> None:
        """Show another experiment, or the same one with more in it; None for a page without one."""
        before, self.state = self.state, state
        if state is None:
            return
        if before is None or before.plan != state.plan:
            self.cursor = 0
            self.scroll_home(animate=False)
        self._paint()
        began = state.busy and not (before and before.busy)
        ended = bool(before and before.busy) and not state.busy
        if (began or ended) and self.app.size.height < TALL:  # what matters now is out of sight, or nearly
            self.call_after_refresh(self._bring_up, "going" if began else "verdict")
        elif state.plan.calculate and before and before.plan == state.plan and before.changed != state.changed:
            self.call_after_refresh(self.scroll_to_widget, self.query_one("#sums"), animate=False)

    def _bring_up(self, name: str) -> None:
        part = self.query_one(f"#{name}", Static)
        self.scroll_to(y=max(0, part.virtual_region.y - 1), animate=False)

    def on_resize(self, event: Resize) -> None:
        """Lay it out for the width."""
        self._paint()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The cursor is seen where it acts, and nowhere else."""
        super().watch_has_focus(_has_focus)
        self._paint()

    def _part(self, name: str, content: Content) -> None:
        part = self.query_one(f"#{name}", Static)
        part.display = bool(content)
        part.update(content)

    def _paint(self) -> None:
        if (state := self.state) is None or not self.is_mounted:
            return
        width = max(20, self.scrollable_content_region.width - 1)
        found = state.finding
        cursor = self.cursor if self.has_focus else None
        self._part("head", words.head(state.plan, whole=found is None and not state.busy))
        self._part("form", Content("\n").join(form.lines(state.plan, state.changed, cursor)))
        sums = state.plan.calculate and state.plan.calculate(form.settled(state.plan, state.changed))
        self._part("sums", Content("\n").join(calculation.lines(sums, width)) if sums else Content())
        going = words.going(state.progress, state.elapsed, width) if state.busy else Content(state.said)
        self._part("going", going)
        decided = found if found and found.complete else None
        self._part("verdict", self._verdict(state, decided))
        at_once, measured = sums.charts if sums else [], found.charts if found else []
        drawn = {chart.title for chart in at_once}
        self._draw([*at_once, *(chart for chart in measured if chart.title not in drawn)], state.over)
        numbers = list(words.numbers(decided, state.over, width)) if decided else []
        self._part("numbers", Content("\n").join(numbers))
        rule = Content.assemble(("The rule, fixed beforehand: ", "bold"), state.plan.rule)
        self._part("small", Content("\n").join(words.small(decided)) if decided else rule)

    def _verdict(self, state: State, decided: Finding | None) -> Content:
        if decided is None:
            return Content()
        over = words.beside(state.over) if state.over else Content()
        parts = words.stale(decided, state.changed), words.verdict(decided, state.where), over
        return Content("\n").join(part for part in parts if part)

    def _draw(self, charts: Sequence[Chart], over: Finding | None) -> None:
        """One widget a chart; those that are not needed wait unseen."""
        box = self.query_one("#charts", Vertical)
        slots = [*box.query(ExperimentChart)]
        new = [ExperimentChart() for _ in charts[len(slots) :]]
        if new:
            box.mount_all(new)
        for slot in slots[len(charts) :]:
            slot.display = False
        others = {chart.title: chart for chart in over.charts} if over else {}
        for slot, chart in zip([*slots, *new], charts, strict=False):
            other = others.get(chart.title)
            slot.display = True
            slot.set_class(self.app.size.height >= TALL, "-tall")
            slot.show(chart, other if other and other.kind == chart.kind else None)

    def maps(self) -> list[HeatMap]:
        """The heat maps that are shown, from top to bottom: each has a cursor of its own."""
        return [one.heat for one in self.query(ExperimentChart) if one.display and one.heat.display]

    @on(HeatMap.Looked)
    def _looked(self, event: HeatMap.Looked) -> None:
        """Say what a cell of a map holds, in a line that stays where it is; keep the cursor of the map in sight."""
        event.stop()
        self._part("cell", plain(event.said))
        if event.line is not None:
            area, space = event.source.region, self.scrollable_content_region
            line = Region(0, area.y + event.line - space.y + round(self.scroll_y), 1, 2)  # and one for the cell's words
            self.scroll_to_region(line, animate=False, x_axis=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the cursor is in a map, no knob is under it."""
        return action not in ("type", "turn") or not any(one.has_focus for one in self.maps())

    # --- knobs ---------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """To the next knob; where there is none, or it is out of sight, scroll."""
        last = len(form.knobs(self.state.plan)) - 1 if self.state else 0
        line = self.query_one("#form", Static).region.y + self.cursor + by
        if 0 <= self.cursor + by <= last and line in self.scrollable_content_region.line_range:
            self.cursor += by
            self._paint()
        else:
            self.scroll_relative(y=by, animate=False)

    def action_turn(self, by: int) -> None:
        """Give the knob under the cursor another value."""
        if self.state is None:
            return
        knob = form.knobs(self.state.plan)[self.cursor]
        value = self.state.changed.get(knob.name, knob.quick)
        self.post_message(self.Turned(knob.name, form.stepped(knob, value, by)))

    def action_type(self) -> None:
        """Ask for the value of the knob under the cursor; where there are words to choose from, take the next."""
        if self.state is None:
            return
        knob = form.knobs(self.state.plan)[self.cursor]
        if knob.choices:
            self.action_turn(1)
            return

        def take(text: str | None) -> None:
            if text is not None:
                self.post_message(self.Turned(knob.name, form.typed(knob, text)))

        value = form.said(self.state.changed.get(knob.name, knob.quick))
        check = partial(form.typed, knob)
        self.app.push_screen(Entry(Content(form.called(knob)), form.about(knob), value, check), take)

    def action_reset(self) -> None:
        """Every knob as the plan has it."""
        self.post_message(self.Turned("", 0))

    def on_click(self, event: Click) -> None:
        """Go to the knob that was clicked, and put it where its slider was clicked."""
        lines = self.query_one("#form", Static)
        if self.state and event.widget is lines:
            every = form.knobs(self.state.plan)
            self.cursor = max(0, min(len(every) - 1, event.screen_y - lines.region.y))
            knob = every[self.cursor]
            column = event.screen_x - lines.region.x - form.columns(self.state.plan, self.state.changed).slider
            if 0 <= column < form.TRACK and not knob.choices:
                self.post_message(self.Turned(knob.name, form.slid(knob, column)))
            self._paint()
