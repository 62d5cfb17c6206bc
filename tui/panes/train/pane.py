"""Train: the list of runs and the run under the cursor. A run belongs to its folder; this pane reads and asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from core import paths
from core.errors import UserError
from core.runs import Run
from tui.panes.pane import Files
from tui.panes.train.starting import StartingPane
from tui.results import learned
from tui.runs import exports
from tui.runs.now import Now
from tui.runs.survey import Survey, fits, why
from tui.runs.watch import Seen, Watch
from tui.text import one_line
from tui.widgets.learned import LearnedSheet
from tui.widgets.run_filter import RunFilter
from tui.widgets.run_list import MOST_MARKED, RunList
from tui.widgets.run_view import RunView

REFRESH = 0.5
"""Seconds between two looks at the run folders."""
TALL = 34
"""Rows from which the list and the run stand one over the other."""
EMPTY = "No runs yet. n starts one: choose a model, a text and a size.\nb shows how the bundled models learned."


class Nothing(Static, can_focus=True):
    """Stands where the list will be; it holds the focus so that the keys work."""


class TrainPane(StartingPane):
    """The list of runs above the run under the cursor; in a low window one of the two."""

    TITLE = "Train"
    BEARS_ON: ClassVar[Mapping[str, str]] = {
        "C10": "how much a training reads: steps, tokens, targets",
        "C1": "tokens a second, LSTM against Transformer",
        "C2": "parameters, and what makes an LSTM hard to train",
    }
    ABOUT = (
        "Train a small BERT, GPT-2 or LSTM and watch its loss fall. A run goes on when the window is closed, and any "
        "window can watch it. n starts one, enter opens it, x stops it, z pauses it, r goes on with it. space marks "
        "runs: their curves are laid over the one under the cursor. c and p take its newest checkpoint to Compare and "
        "Predict. b shows how the bundled models learned."
    )
    LEGEND = (
        "● marked, laid over · step: done/in all · loss, held: cross-entropy in nats on the training text and on what "
        "is held out · died: its process is gone, r goes on · waiting: others of its trio come first"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", id="train.find", tooltip="Show only runs that fit what you type."),
        Binding("w", "console", "Printed", id="train.console", tooltip="What the trainer of a failed run printed."),
        Binding("b", "bundled", "Bundled", show=False, id="train.bundled",
                tooltip="How the bundled models learned: what their checkpoints said."),
        Binding("tab", "switch", "List/run", show=False, id="train.switch", tooltip="To the run, or back to the list."),
        Binding("escape", "leave", "List", show=False, id="train.leave",
                tooltip="Back to the list of runs; there: show all runs again."),
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

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.nothing, self.filter = Nothing(Content(EMPTY)), RunFilter()
        self.list, self.view = RunList(id="runs"), RunView(id="run")
        self._problem = ""
        self._survey = Survey()
        self._watches: dict[str, Watch] = {}
        self._looking = self._again = False

    def compose(self) -> ComposeResult:
        yield from (self.nothing, self.filter, self.list, self.view)

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
            return self.nothing
        return self.view if self.has_class("-reading") else self.list

    def shown(self) -> None:
        self.look()

    def status(self) -> str:
        if self._problem:
            return self._problem
        going = [run for run in self.runs if run.state in ("running", "paused")]
        stopping = [one_line(run.name) for run in going if run.id in self.stopping]
        if stopping:
            return f"asked {', '.join(stopping)} to stop: a checkpoint is saved first"
        words = self.filter.words
        if not words and self.chosen and (reason := why(self.chosen)):
            return f"{one_line(self.chosen.name)}: {self.chosen.state}: {one_line(reason)}"
        listed, marked = self.list, len(self.list.marked)
        parts = [f"{len(self.runs)} run{'s' * (len(self.runs) > 1)}", f"{len(going)} going on here"]
        parts += [f"{len(listed.runs)} found: esc shows all"] if words else []
        parts += [f"{marked} marked: laid over the run under the cursor"] if marked else []
        return ", ".join(parts) if self.runs else ""

    def as_text(self) -> str:
        return self.view.as_text()

    def as_files(self) -> Files:
        if (run := self.chosen) is None or run.file is None:
            return {}
        folder, picture = Run(paths.runs() / run.id), self.view.as_svg()
        files = {"csv": exports.as_csv(folder), "json": exports.as_json(folder)}
        return files | ({"svg": picture} if picture else {})

    # --- looking -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what is new, in a thread, unless nobody sees it; a look that is under way is followed by another."""
        if not self.display or not self.is_mounted:
            return
        self._again = self._looking
        if not self._looking:
            self._looking = True
            self.run_worker(self._read(), group="look")

    async def _read(self) -> None:
        try:
            await self.refind()
            watches = self._follow()
            seen = await asyncio.to_thread(_poll, watches)
            if [watch.run.id for watch in self._follow()] == [watch.run.id for watch in watches]:
                self.view.show(*_split(seen))
            for ended in await asyncio.to_thread(self.trainers.buried):
                self.tell(ended, failed=True)
            self._problem = ""
        except (OSError, UserError) as error:
            self._problem = f"The runs cannot be read: {error}"
        finally:
            self._looking = False
        self.refresh_bindings()
        self.say()
        if self._again:
            self.look()

    async def refind(self) -> None:
        """Look which runs there are now."""
        self._list(await asyncio.to_thread(self._survey.look))

    def _list(self, found: list[Now]) -> None:
        self.runs = found
        self.stopping &= {run.id for run in found if run.state in ("running", "paused", "elsewhere")}
        was_empty = self.has_class("-empty")
        self.set_class(not found, "-empty")
        listed = self.list
        words = self.filter.words
        listed.marked = [run for run in listed.marked if any(one.id == run for one in found)]
        listed.fill([run for run in found if fits(run, words)])
        if was_empty != (not found) and (was_empty or not self.filter.has_focus_within):
            self._rest()

    def _rest(self) -> None:
        if rest := self.rest():
            rest.focus()

    def _follow(self) -> list[Watch]:
        """The watches of what is on screen: the run under the cursor, then the marked ones."""
        listed = self.list
        wanted = [listed.chosen, *(run for run in listed.marked if run != listed.chosen)] if listed.chosen else []
        if not (self.has_class("-reading") or self.has_class("-tall")):
            wanted = []
        kept = {run: self._watches.get(run) or Watch(Run(paths.runs() / run)) for run in wanted}
        self._watches = kept
        return list(kept.values())

    @property
    def chosen(self) -> Now | None:
        """The run under the cursor."""
        chosen = self.list.chosen
        return next((run for run in self.runs if run.id == chosen), None)

    def reveal(self, run: str) -> None:
        """Show the run called `run` as closely as there is room for."""
        self.filter.action_drop()
        self.list.fill(self.runs)
        self.list.choose(run)
        self._opened()

    @on(RunList.Moved)
    def _went(self) -> None:
        self.refresh_bindings()
        self.look()

    @on(RunList.Full)
    def _full(self) -> None:
        self.tell(f"No more than {MOST_MARKED} can be marked: space takes a mark away.", failed=True)

    @on(RunList.Opened)
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
        """Back to the list; in the list, back to all runs."""
        if not self.has_class("-reading"):
            self.filter.action_drop()
        self.remove_class("-reading")
        self._rest()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense for the run under the cursor."""
        if action == "console":
            seen = self.view.seen
            return seen is not None and bool(seen.console)
        if action in ("find", "switch"):
            return bool(self.runs)
        return super().check_action(action, parameters)

    def action_console(self) -> None:
        """Show or hide what the trainer of a failed run printed."""
        self.view.turn_console()

    @work(group="bundled")
    async def action_bundled(self) -> None:
        """Watch the bundled models learn: it needs no run of one's own."""
        if found := await asyncio.to_thread(learned.bundled):
            await self.app.push_screen(LearnedSheet(found))
        else:
            self.tell("Nobody wrote down how the bundled models learned.", failed=True)

    def action_find(self) -> None:
        """Begin to type what to look for."""
        self.remove_class("-reading")
        self.filter.open()

    @on(RunFilter.Changed)
    def _typed(self) -> None:
        self._list(self.runs)
        self.say()

    @on(RunFilter.Left)
    def _found(self) -> None:
        self._rest()


def _poll(watches: list[Watch]) -> list[Seen]:
    return [watch.poll() for watch in watches]


def _split(seen: list[Seen]) -> tuple[Seen | None, list[Seen]]:
    """The run under the cursor, and those that are laid over it."""
    return (seen[0], seen[1:]) if seen else (None, [])
