"""Evaluate: how well models do on held-out text, minimal pairs and facts, and the earlier answers to that."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import OptionList, Static

from core import catalogue
from core.errors import UserError
from core.messages import Cancelled, Evaluate, Evaluated, Evaluation, Failed
from tui.engine import AnyFinal
from tui.evaluations import archive
from tui.evaluations import files as evaluated
from tui.evaluations.archive import Archive, Asked
from tui.evaluations.table import LEGEND, Table, table
from tui.panes.apart import ApartPane
from tui.panes.pane import Files
from tui.text import one_line, passage, plain
from tui.widgets.evaluation_form import ABOUT, EvaluationForm
from tui.widgets.evaluation_list import EvaluationList
from tui.widgets.evaluation_table import EvaluationTable
from tui.widgets.problem import Problem
from tui.widgets.sheet import Sheet

REFRESH = 1.0
"""Seconds between two looks at the folder of evaluations."""
TALL = 34
"""Rows from which the notes stand below the table."""
EMPTY = "Nothing was evaluated yet. n chooses sets and models, and starts."
SLOT = "evaluate"


class Nothing(Static, can_focus=True):
    """Stands where the list will be; it holds the focus so that the keys work."""


class EvaluatePane(ApartPane):
    """The list of evaluations, and the table of the one under the cursor with the marked ones laid over it.

    The work is done by an engine of its own, so that Predict and Compare go on answering.
    """

    TITLE = "Evaluate"
    BEARS_ON: ClassVar[Mapping[str, str]] = {
        "C4": "who is more accurate, at what cost",
        "C6": "what the context adds to a word, from which side",
    }
    ABOUT = (
        f"{ABOUT} n starts; the table fills as parts are done. x stops, r goes on with the one under the cursor, "
        "space lays evaluations over each other, enter on a number shows its parts."
    )
    LEGEND = LEGEND
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="evaluate.new", tooltip="Choose sets and models, and evaluate."),
        Binding("r", "resume", "Go on", id="evaluate.resume", tooltip="Go on with the one under the cursor."),
        Binding("x", "stop", "Stop", id="evaluate.stop", tooltip="Stop; what is done is kept, and r goes on."),
        Binding("tab", "switch", "List/table", show=False, id="evaluate.switch", tooltip="To the table, or back."),
        Binding("escape", "leave", "Back", id="evaluate.leave", tooltip="To the list; there: to the pane before."),
    ]
    DEFAULT_CSS = """
    EvaluatePane Nothing { height: 1fr; content-align: center middle; display: none; }
    EvaluatePane EvaluationList { height: auto; max-height: 6; background: transparent; text-wrap: nowrap; }
    EvaluatePane EvaluationList { text-overflow: ellipsis; }
    EvaluatePane EvaluationTable { height: 1fr; border-top: solid $panel-lighten-2; }
    EvaluatePane #cell { height: 1; text-wrap: nowrap; text-overflow: ellipsis; text-style: bold; }
    EvaluatePane #notes { height: auto; max-height: 12; color: $text-muted; display: none; }
    EvaluatePane.-tall EvaluationList { max-height: 10; }
    EvaluatePane.-tall #notes { display: block; }
    EvaluatePane.-empty > * { display: none; }
    EvaluatePane.-empty Nothing { display: block; }
    """

    def __init__(self, *, id: str = "evaluate") -> None:
        super().__init__(id=id)
        self.nothing = Nothing(Content(EMPTY))
        self.list, self.table = EvaluationList(id="evaluations"), EvaluationTable(id="measures")
        self.working = ""
        """The name of what is evaluated now."""
        self._archive = Archive()
        self._said = ""

    def compose(self) -> ComposeResult:
        yield from (self.nothing, self.list, self.table, Static(id="cell"), Static(id="notes"))

    def on_mount(self) -> None:
        """Look at the folder from time to time, while somebody looks at this pane."""
        self.set_interval(REFRESH, self.look)
        self.look()

    def on_resize(self, event: Resize) -> None:
        """The notes have room in a tall window only."""
        self.set_class(event.size.height >= TALL, "-tall")

    # --- what the app asks -----------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        return self.nothing if self.has_class("-empty") else self.list

    def shown(self) -> None:
        self.look()

    def status(self) -> str:
        if self.working:
            note = self.progress.note if self.progress else "starting an engine for it"
            return f"evaluating, {self.percent:.0f} %: {note} · x stops"
        if self._said:
            return self._said
        count, marked = len(self.list.kept), len(self.list.marked)
        parts = [f"{count} evaluation{'s' * (count > 1)}"] if count else []
        return ", ".join([*parts, *([f"{marked} marked: laid over one another"] if marked else [])])

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        """What the table is of, by name."""
        return {one.name: one.evaluation for one in self.list.shown if one.evaluation}

    def as_text(self) -> str:
        return evaluated.as_text(self.evaluations)

    def as_files(self) -> Files:
        named = self.evaluations
        return {"json": evaluated.as_json(named), "csv": evaluated.as_csv(named)} if named else {}

    # --- looking ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what is new, in a thread, unless nobody sees it."""
        if self.display and self.is_mounted:
            self._read()

    @work(exclusive=True, group="look")
    async def _read(self) -> None:
        try:
            kept = await asyncio.to_thread(self._archive.look)
        except OSError as error:
            self._said = f"The evaluations cannot be read: {error}"
            self.say()
            return
        was_empty = self.has_class("-empty")
        self.set_class(not kept, "-empty")
        self.list.fill(kept, self.working)
        self._show()
        if was_empty != (not kept) and self.screen is self.lab.screen and (rest := self.rest()):
            rest.focus()
        self.refresh_bindings()
        self.say()

    def _show(self) -> None:
        """Bring the table up to date."""
        named = self.evaluations
        laid = table(named) if named else Table((), (), ())
        self.table.show(laid)
        trouble = next((one.trouble for one in self.list.shown if one.trouble), "")
        notes = passage("\n".join([*([trouble] if trouble else []), *laid.notes, LEGEND]))
        self.query_one("#notes", Static).update(notes)
        self._cell()

    @on(EvaluationTable.Moved)
    def _cell(self) -> None:
        chosen, shown = self.table.chosen, self.list.shown
        if chosen:
            text = f"{evaluated.about(self.table.laid, *chosen)}"
        elif shown and not shown[0].evaluation:
            text = shown[0].trouble or "Nothing is measured yet."
        else:
            text = ""
        self.query_one("#cell", Static).update(Content(" ") + plain(text))

    @on(EvaluationList.Moved)
    def _went(self, event: EvaluationList.Moved) -> None:
        event.stop()
        self.list.repaint()
        self._show()
        self.refresh_bindings()
        self.say()

    @on(OptionList.OptionSelected, "#evaluations")
    def action_switch(self) -> None:
        """From the list to the table, or back."""
        (self.list if self.table.has_focus else self.table).focus()

    async def action_leave(self) -> None:
        """Back to the list; from there to the pane before. What is evaluated goes on."""
        if self.table.has_focus:
            self.list.focus()
        else:
            await self.lab.action_back()

    @on(EvaluationTable.Opened)
    def _details(self) -> None:
        if chosen := self.table.chosen:
            row, column = chosen
            lines = [*evaluated.details(self.evaluations, row, column), "", *self.table.laid.notes, LEGEND]
            room = min(100, self.app.size.width - 16)
            text = "\n".join(textwrap.fill(line, room, subsequent_indent="  ") for line in lines)
            self.app.push_screen(Sheet(Content(one_line(f"{row.about.name}: {column.head}")), text))

    # --- working ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense now."""
        if action == "stop":
            return bool(self.working)
        if action in ("new", "resume"):
            return not self.working and (action == "new" or self._unfinished() is not None)
        return super().check_action(action, parameters)

    def _unfinished(self) -> Asked | None:
        """What the evaluation under the cursor asks, if it can be gone on with."""
        first = self.list.shown[:1]
        return first[0].asked if first and first[0].state == "unfinished" else None

    @work(group="new")
    async def action_new(self) -> None:
        """Ask what to evaluate, and start it."""
        bundled = [entry.name for entry in catalogue.bundled()]
        asked = await self.app.push_screen_wait(EvaluationForm(bundled))
        if asked is not None:
            await self._begin(asked, "")

    @work(group="new")
    async def action_resume(self) -> None:
        """Go on with the one under the cursor."""
        if asked := self._unfinished():
            await self._begin(asked, self.list.chosen)

    async def _begin(self, asked: Asked, name: str) -> None:
        try:
            folder = await asyncio.to_thread(archive.begin, asked, name)
        except UserError as error:
            self.lab.fail(Problem.of(error))
            return
        self.working, self._said = folder.name, ""
        self.ask(SLOT, Evaluate(
            id=self.engine.fresh(), models=asked.models, sets=asked.sets, everything=asked.everything,
            seed=asked.seed, folder="" if self.engine.remote else str(folder),
        ))  # fmt: skip
        self.list.fill(await asyncio.to_thread(self._archive.look), self.working)
        self.list.choose(folder.name)
        self.look()

    def action_stop(self) -> None:
        """Stop working: finished parts are kept."""
        self.drop(SLOT)
        self._over(f"stopped {self.working} · r goes on")

    def answered(self, slot: str, answer: AnyFinal) -> None:
        name = self.working
        if isinstance(answer, Evaluated):
            self._over("")
            self.lab.say(f"Evaluated: {name}")
            if self.lab.engine.remote:
                self._keep(archive.home() / name, answer.evaluation)
        elif isinstance(answer, Failed):
            self._over(f"{name}: {answer.what} ! shows more")
            self.lab.fail(Problem.of(answer))
        elif isinstance(answer, Cancelled):
            self._over(f"{name} was cancelled · r goes on")

    def _over(self, said: str) -> None:
        self.working, self._said, self.progress = "", said, None
        self.rest_engine()
        self.look()

    @work(group="keep")
    async def _keep(self, folder: Path, evaluation: Evaluation) -> None:
        """An engine elsewhere keeps nothing here: write what it found."""
        try:
            await asyncio.to_thread(archive.save, folder, evaluation)
        except UserError as error:
            self.lab.fail(Problem.of(error))
