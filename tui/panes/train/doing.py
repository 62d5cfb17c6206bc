"""What can be done to a run: stop it, go on with it, give it more, name it, delete it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, TypeAlias

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key

from core import paths
from core.errors import UserError
from core.runs import Run
from core.trio import folder as trios
from core.trio.folder import TrioFolder
from tui.panes.pane import TOAST, Pane
from tui.panes.train.started import Trainers
from tui.runs import keeping, trainer
from tui.runs.amounts import more
from tui.runs.detached import Started
from tui.runs.now import Now
from tui.runs.survey import alive, unbegun
from tui.runs.trios import BUSY, resume_trio
from tui.text import one_line
from tui.widgets.ask import Ask
from tui.widgets.entry import Entry
from tui.widgets.run_view import RunView
from tui.widgets.sheet import Sheet

RESUMABLE = ("stopped", "failed", "died", "elsewhere", "waiting")
"""States of a run with which a new trainer may go on; one elsewhere only when its trainer has been silent."""


UNANSWERED = {"x": "stop", "z": "pause"}
"""Keys of actions that a run without a trainer does not have."""


class DoingPane(Pane):
    """A pane with a run under its cursor. Every action is offered only where it makes sense."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "stop", "Stop", id="train.stop", tooltip="Ask the run to save a checkpoint and stop."),
        Binding("X", "stop_trio", "Stop trio", show=False, id="train.stop_trio",
                tooltip="Stop the run's whole trio: those that wait too."),
        Binding("z", "order('pause')", "Pause", id="train.pause", tooltip="Save a checkpoint, and wait in place."),
        Binding("z", "order('go')", "Go on", id="train.go", tooltip="Go on with the paused run."),
        Binding("r", "resume", "Resume", id="train.resume",
                tooltip="Go on from its newest checkpoint; for a run that waits, go on with its trio."),
        Binding("s", "order('save')", "Save", show=False, id="train.save", tooltip="Save a checkpoint now."),
        Binding("a", "extend", "Add", show=False, id="train.extend", tooltip="Add minutes or tokens to its budget."),
        Binding("R", "rename", "Rename", show=False, id="train.rename", tooltip="Call the run something else."),
        Binding("N", "note", "Note", show=False, id="train.note", tooltip="Write a note about the run."),
        Binding("D", "delete", "Delete", show=False, id="train.delete", tooltip="Delete the run; asked twice."),
        Binding("t", "report", "Report", id="train.report", tooltip="Read the report of the run's trio."),
        Binding("c", "take('compare')", "Compare", id="train.compare", tooltip="Its newest checkpoint, in Compare."),
        Binding("p", "take('predict')", "Predict", show=False, id="train.predict",
                tooltip="Its newest checkpoint, in Predict."),
    ]  # fmt: skip

    OpenModel: TypeAlias = RunView.OpenModel

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.trainers = Trainers()
        self.stopping: set[str] = set()
        """Ids of runs that were asked to stop."""

    @property
    def chosen(self) -> Now | None:
        """The run under the cursor."""
        raise NotImplementedError

    def look(self) -> None:
        """Look at the folders now: something changed."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense for the run under the cursor."""
        action = str(parameters[0]) if action == "order" else action
        if action not in OFFERED:
            return True
        return self.chosen is not None and OFFERED[action](self.chosen)

    def on_key(self, event: Key) -> None:
        """A key whose action a run without a trainer does not have: say why nothing happens."""
        if (run := self.chosen) is not None and event.key in UNANSWERED and not alive(run):
            event.stop()
            self.tell(f"{run.name} is {run.state}: there is nothing to {UNANSWERED[event.key]}.")

    def _run(self, run: Now) -> Run:
        return Run(paths.runs() / run.id)

    async def _do(self, act: Callable[..., object], *with_: object, said: str = "") -> bool:
        """Do something to a run's folder in a thread; what cannot be done is said. Whether it was done."""
        try:
            await asyncio.to_thread(act, *with_)
        except UserError as error:
            self.tell(str(error), failed=True)
            return False
        if said:
            self.tell(said)
        self.look()
        return True

    def tell(self, text: str, failed: bool = False) -> None:
        """Say something in passing."""
        self.app.notify(one_line(text), severity="error" if failed else "information", markup=False, timeout=TOAST)

    @work(group="do")
    async def action_stop(self) -> None:
        """Ask once, then ask the run to save and stop."""
        if (run := self.chosen) is None:
            return
        question = Content.assemble("Stop ", (one_line(run.name), "bold"), "? It saves a checkpoint first.")
        if await self.app.push_screen_wait(Ask(question, "Stop it", "Go on")) and await self._do(
            self._run(run).ask, "stop"
        ):
            self.stopping.add(run.id)
            self.say()

    @work(group="do")
    async def action_stop_trio(self) -> None:
        """Ask once, then ask the sequencer of the run's trio to stop."""
        if (run := self.chosen) is None or run.file is None:
            return
        name = run.file.trio
        question = Content.assemble("Stop the whole trio ", (one_line(name), "bold"), "? r goes on with it.")
        if await self.app.push_screen_wait(Ask(question, "Stop all", "Go on")):
            await self._do(lambda: trios.find(name).stop(), said=f"The trio {name} was asked to stop.")

    @work(group="do")
    async def action_order(self, order: str) -> None:
        """Ask the trainer for something that can be taken back."""
        if (run := self.chosen) is not None:
            said = {"pause": "pause after a checkpoint", "go": "go on", "save": "save a checkpoint"}[order]
            await self._do(self._run(run).ask, order, said=f"{run.name} was asked to {said}.")

    @work(group="do")
    async def action_resume(self) -> None:
        """Start a trainer on a run that has none, or the sequencer of the trio that a run waits for."""
        if (run := self.chosen) is None or run.file is None:
            return
        self.stopping.discard(run.id)
        if unbegun(run):  # what its trio agrees on is settled by the sequencer
            trio = run.file.trio
            await self._do(lambda: self.trainers.keep(_go_on(trio)), said=f"The trio {trio} goes on.")
        else:
            await self._do(lambda: self.trainers.keep(trainer.resume(self._run(run))))

    @work(group="do")
    async def action_extend(self) -> None:
        """Ask how much more, and add it to the budget."""
        if (run := self.chosen) is None:
            return
        speed = run.speed or (run.file.tokens_per_second if run.file else 0.0) or 0.0
        title = Content.assemble("How much more for ", (one_line(run.name), "bold"), "?")
        about = "A time, like 10 min or 1.5 h at its present speed; or tokens, like 300k or 2M."
        typed = await self.app.push_screen_wait(Entry(title, about, "10 min", lambda text: more(text, speed)))
        if typed is not None:
            tokens = more(typed, speed)
            said = f"{run.name}: {tokens:,} tokens more. Its rate warms up again from there."
            await self._do(lambda: self.trainers.keep(trainer.extend(self._run(run), tokens)), said=said)

    @work(group="do")
    async def action_rename(self) -> None:
        """Ask for a name and keep it with the run."""
        if (run := self.chosen) is not None:
            title = Content.assemble("A name for ", (one_line(run.id), "bold"))
            about = "Shown instead of the id, which stays the folder's name. Empty: the id again."
            typed = await self.app.push_screen_wait(Entry(title, about, run.about.name, keeping.nameable))
            if typed is not None:
                await self._do(keeping.rename, self._run(run), typed)

    @work(group="do")
    async def action_note(self) -> None:
        """Ask for a note and keep it with the run."""
        if (run := self.chosen) is not None:
            title = Content.assemble("A note about ", (one_line(run.name), "bold"))
            typed = await self.app.push_screen_wait(Entry(title, "What you want to remember.", run.about.note, str))
            if typed is not None:
                await self._do(keeping.note, self._run(run), typed)

    @work(group="do")
    async def action_delete(self) -> None:
        """Ask twice, with two keys, then delete the run's folder."""
        if (run := self.chosen) is None or not await self._do(keeping.refuse_delete, self._run(run)):
            return
        name = (one_line(run.name), "bold")
        first = Content.assemble("Delete ", name, ", with its curves and all its checkpoints?")
        again = Content.assemble("Nothing brings ", name, f" back: {one_line(str(self._run(run).folder))} is removed.")
        for question, yes, key in ((first, "Delete it", "y"), (again, "Remove it for ever", "d")):
            if not await self.app.push_screen_wait(Ask(question, yes, "Keep it", key)):
                return
        await self._do(keeping.delete, self._run(run), said=f"{run.name} was deleted.")

    @work(group="do")
    async def action_report(self) -> None:
        """Read what was found about the trio of the run."""
        if (run := self.chosen) is None or run.file is None:
            return
        from tui.headless.trio import as_text

        title = Content.assemble("The trio ", (one_line(run.file.trio), "bold"))
        try:
            text = await asyncio.to_thread(as_text, run.file.trio)
        except UserError as error:
            self.tell(str(error), failed=True)
            return
        self.app.push_screen(Sheet(title, text))

    @work(group="do")
    async def action_take(self, pane: str) -> None:
        """Open the newest checkpoint of the run in another pane."""
        if (run := self.chosen) is None:
            return
        if await asyncio.to_thread(lambda: self._run(run).checkpoints):
            self.post_message(self.OpenModel(run.id, pane))
        else:
            self.tell(f"{run.name} has no checkpoint yet. Wait for its first one.", failed=True)


def _go_on(name: str) -> Started[TrioFolder]:
    """Start the sequencer of a trio that has none. Raises UserError where somebody is at it."""
    trio = trios.find(name)
    if (state := trio.state()) in BUSY:
        raise UserError(f"The trio {name} is {state}: the turn of this run comes.")
    return resume_trio(trio)


def _paused(run: Now) -> bool:
    """Whether its trainer waits in place, here or elsewhere."""
    return alive(run) and run.beat is not None and run.beat.doing == "paused"


OFFERED: dict[str, Callable[[Now], bool]] = {
    "stop": alive,
    "stop_trio": lambda run: run.file is not None and bool(run.file.trio) and (alive(run) or run.state == "waiting"),
    "pause": lambda run: alive(run) and not _paused(run),
    "go": _paused,
    "save": lambda run: alive(run) and not _paused(run),
    "resume": lambda run: run.state in RESUMABLE,
    "extend": lambda run: run.state not in ("waiting", "broken", "starting") and not unbegun(run),
    "rename": lambda run: True,
    "note": lambda run: True,
    "delete": lambda run: run.state not in ("starting", "running", "paused"),
    "report": lambda run: run.file is not None and bool(run.file.trio),
    "take": lambda run: True,
}
"""Whether an action makes sense for a run."""
