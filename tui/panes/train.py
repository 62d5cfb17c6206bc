"""Train: start a run, watch it, stop it. A run belongs to its folder; this pane only reads and asks."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import DataTable, Static

from core import paths
from core.errors import UserError
from core.runs import Run
from tui.panes.pane import TOAST, Pane
from tui.runs import trainer
from tui.runs.plan import Plan
from tui.runs.survey import Survey
from tui.runs.trainer import Started
from tui.runs.watch import Now, Watch, as_csv
from tui.text import one_line
from tui.widgets.ask import Ask
from tui.widgets.chart import Chart
from tui.widgets.run_form import RunForm
from tui.widgets.run_list import RunList
from tui.widgets.run_view import RunView, facts, reason

REFRESH = 0.5
"""Seconds between two looks at the run folders."""
TALL = 34
"""Rows from which the list and the run stand one over the other."""
EMPTY = "No runs yet. n starts one: choose a model, a text and a size."


class Nothing(Static, can_focus=True):
    """Stands where the list will be; it holds the focus so that the keys work."""


class TrainPane(Pane):
    """The list of runs above the run under the cursor; in a low window one of the two."""

    TITLE = "Train"
    ABOUT = (
        "Train a small BERT, GPT-2 or LSTM and watch its loss fall. A run goes on when the window is closed, and any "
        "window can watch it. n starts one, enter opens it, x stops it; c and p take its newest checkpoint to Compare "
        "and Predict."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="train.new", tooltip="Choose a model, a text and a size, and start training."),
        Binding("x", "stop", "Stop", id="train.stop", tooltip="Ask the run to save a checkpoint and stop."),
        Binding("c", "take('compare')", "Compare", id="train.compare", tooltip="Its newest checkpoint, in Compare."),
        Binding("p", "take('predict')", "Predict", show=False, id="train.predict",
                tooltip="Its newest checkpoint, in Predict."),
        Binding("v", "phase", "Loss", id="train.phase", tooltip="The causal start's chart, or the masked one."),
        Binding("w", "console", "Printed", id="train.console", tooltip="What the trainer of a failed run printed."),
        Binding("l", "log", "Log x", show=False, id="train.log", tooltip="Steps evenly, or by their logarithm."),
        Binding("tab", "switch", "List/run", show=False, id="train.switch", tooltip="To the run, or back to the list."),
        Binding("escape", "leave", "List", show=False, id="train.leave", tooltip="Back to the list of runs."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    TrainPane Nothing { height: 1fr; content-align: center middle; display: none; }
    TrainPane RunList { height: 1fr; }
    TrainPane RunView { height: 1fr; display: none; }
    TrainPane.-reading RunList { display: none; }
    TrainPane.-reading RunView { display: block; }
    TrainPane.-tall RunList { display: block; height: 12; }
    TrainPane.-tall RunView { display: block; border-top: solid $panel-lighten-2; }
    TrainPane.-empty RunList, TrainPane.-empty RunView { display: none; }
    TrainPane.-empty Nothing { display: block; }
    """

    class OpenModel(Message):
        """A person wants the model called `reference` in the pane called `pane`."""

        def __init__(self, reference: str, pane: str) -> None:
            super().__init__()
            self.reference = reference
            self.pane = pane

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.runs: list[Now] = []
        self._problem = ""
        self._survey = Survey()
        self._watch: Watch | None = None
        self._looking = False
        self._stopping: set[str] = set()
        self._started: dict[str, Started] = {}
        """Trainers that this window started, and whose end it therefore sees at once."""

    def compose(self) -> ComposeResult:
        yield Nothing(Content(EMPTY))
        yield RunList(id="runs")
        yield RunView(id="run")

    def on_mount(self) -> None:
        """Look at the folders twice a second, while somebody looks at this pane."""
        self.set_interval(REFRESH, self.look)
        self.look()

    def on_resize(self, event: Resize) -> None:
        """List and run together where there is room."""
        self.set_class(event.size.height >= TALL, "-tall")

    # --- what the app asks ---------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        if self.has_class("-empty"):
            return self.query_one(Nothing)
        alone = self.has_class("-reading") and not self.has_class("-tall")
        return self.query_one(RunView if alone else RunList)

    def shown(self) -> None:
        self.look()

    def status(self) -> str:
        if self._problem:
            return self._problem
        running = [run.id for run in self.runs if run.state == "running"]
        stopping = [one_line(run) for run in running if run in self._stopping]
        if stopping:
            return f"asked {', '.join(stopping)} to stop: a checkpoint is saved first"
        count = len(self.runs)
        return f"{count} run{'s' * (count > 1)}, {len(running)} running here" if count else ""

    def as_text(self) -> str:
        seen = self.query_one(RunView).seen
        return "\n".join([*facts(seen), reason(seen.now), seen.console]).rstrip() + "\n" if seen else ""

    def as_files(self) -> dict[str, str]:
        seen = self.query_one(RunView).seen
        return {"csv": as_csv(seen)} if seen else {}

    # --- looking -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what is new, in a thread, unless nobody sees it or the last look has not ended."""
        if self.display and not self._looking:
            self._looking = True
            self._read()

    @work(group="look")
    async def _read(self) -> None:
        try:
            found = await asyncio.to_thread(self._survey.look)
            self._list(found)
            watch = self._follow()
            seen = await asyncio.to_thread(watch.poll) if watch else None
            if watch is self._watch:
                self.query_one(RunView).show(seen)
            self._problem = ""
        except OSError as error:
            self._problem = f"The runs cannot be read: {error}"
        finally:
            self._looking = False
        self._bury()
        self.refresh_bindings()
        self.say()

    def _bury(self) -> None:
        """Say which trainers of this window ended by themselves without a result."""
        for run_id, started in list(self._started.items()):
            if (death := started.death()) is not None:
                del self._started[run_id]
                if started.run.outcome() is None:
                    self._tell(UserError(f"The trainer of {run_id} ended.", why=f"{death.cause}. {death.last}"))

    def _list(self, found: list[Now]) -> None:
        self.runs = found
        was_empty = self.has_class("-empty")
        self.set_class(not found, "-empty")
        self.query_one(RunList).fill(found)
        if was_empty != (not found) and self.query_one(Nothing if was_empty else RunList).has_focus:
            self._rest()

    def _rest(self) -> None:
        if rest := self.rest():
            rest.focus()

    def _follow(self) -> Watch | None:
        """The watch of the run under the cursor, where it is on screen."""
        chosen = self.query_one(RunList).chosen
        if not chosen or not (self.has_class("-reading") or self.has_class("-tall")):
            self._watch = None
        elif self._watch is None or self._watch.run.id != chosen:
            self._watch = Watch(Run(paths.runs() / chosen))
        return self._watch

    @property
    def chosen(self) -> Now | None:
        """The run under the cursor."""
        chosen = self.query_one(RunList).chosen
        return next((run for run in self.runs if run.id == chosen), None)

    @on(DataTable.RowHighlighted)
    def _highlighted(self) -> None:
        self.look()

    @on(DataTable.RowSelected)
    def _opened(self) -> None:
        self.add_class("-reading")
        self._rest()
        self.look()

    def action_switch(self) -> None:
        """From the list to the run, or back."""
        self.toggle_class("-reading")
        self._rest()
        self.look()

    def action_leave(self) -> None:
        """Back to the list."""
        self.remove_class("-reading")
        self._rest()

    # --- doing ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense for the run under the cursor."""
        if action == "stop":
            return self.chosen is not None and self.chosen.state == "running"
        if action == "take":
            return self.chosen is not None
        if action == "console":
            seen = self.query_one(RunView).seen
            return seen is not None and bool(seen.console)
        if action == "phase":
            seen = self.query_one(RunView).seen
            return seen is not None and len(seen.loss) > 1
        return True

    @work(group="new")
    async def action_new(self) -> None:
        """Ask what to train, and start it."""
        answer: tuple[Plan, str] | None = await self.app.push_screen_wait(RunForm(self.runs))
        if answer is None:
            return
        plan, name = answer
        try:
            started = await asyncio.to_thread(trainer.start, plan.settings, name)
        except UserError as error:
            self._tell(error)
            return
        self._started[started.run.id] = started
        self._list(await asyncio.to_thread(self._survey.look))
        self.query_one(RunList).choose(started.run.id)
        self._opened()

    @work(group="stop")
    async def action_stop(self) -> None:
        """Ask once, then ask the run to save and stop."""
        if self.chosen is None:
            return
        run = Run(paths.runs() / self.chosen.id)
        question = Content.assemble("Stop ", (one_line(run.id), "bold"), "? It saves a checkpoint first.")
        if not await self.app.push_screen_wait(Ask(question, "Stop it", "Go on")):
            return
        try:
            run.ask_to_stop()
        except UserError as error:
            self._tell(error)
            return
        self._stopping.add(run.id)
        self.say()

    def action_take(self, pane: str) -> None:
        """Open the newest checkpoint of the run in another pane."""
        if self.chosen is None:
            return
        if not Run(paths.runs() / self.chosen.id).checkpoints:
            self._tell(UserError(f"The run {self.chosen.id} has no checkpoint yet.", hint="Wait for its first one."))
            return
        self.post_message(self.OpenModel(self.chosen.id, pane))

    def action_log(self) -> None:
        """Steps evenly, or by their logarithm."""
        self.query_one(Chart).toggle_log()

    def action_console(self) -> None:
        """Show or hide what the trainer of a failed run printed."""
        self.query_one(RunView).turn_console()

    def action_phase(self) -> None:
        """Show the chart of the other objective."""
        self.query_one(RunView).turn_phase()

    def _tell(self, error: UserError) -> None:
        self.app.notify(one_line(str(error)), severity="error", markup=False, timeout=TOAST)
