"""How a run is started: the form, and the engine that measures for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core.errors import UserError
from core.messages import Probe
from core.settings import TrainSettings
from tui.engine import AnyFinal
from tui.panes.train.doing import DoingPane
from tui.runs import trainer, trios
from tui.runs.now import Now
from tui.widgets.run_form import Accepted, RunForm

SLOT = "probe "
"""Slots of questions for the form begin so; the family follows."""


class StartingPane(DoingPane):
    """A pane that can open the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="train.new", tooltip="Choose a model, a text and a size, and start training."),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.runs: list[Now] = []
        """All runs of this machine, the newest first."""
        self._form: RunForm | None = None
        self._asked: dict[str, TrainSettings] = {}
        """What the engine measures now, by slot."""

    async def refind(self) -> None:
        """Look which runs there are now."""
        raise NotImplementedError

    def reveal(self, run: str) -> None:
        """Show the run called `run`."""
        raise NotImplementedError

    @work(group="new")
    async def action_new(self) -> None:
        """Ask what to train, and start it."""
        self._form = RunForm(self.runs, self._probe)
        accepted = await self.app.push_screen_wait(self._form)
        self._form = None
        self._drop()
        if accepted is None:
            return
        try:
            run = await asyncio.to_thread(self._start, accepted)
        except UserError as error:
            self.tell(str(error), failed=True)
            return
        await self.refind()
        self.reveal(run)

    def _start(self, accepted: Accepted) -> str:
        """Start the run, or the trio; the id of the run to look at. Meant for a thread."""
        plan, name = accepted
        if not plan.trio:
            started = trainer.start(plan.parts[0].settings, name)
            self.trainers.keep(started)
            return started.of.id
        three = trios.start_trio(plan.choice, plan.seeds, name)
        self.trainers.keep(three)
        return three.of.file().members[0].run

    # --- measuring -----------------------------------------------------------------------------------------

    def _probe(self, wanted: Sequence[TrainSettings]) -> bool:
        """Have the engine measure; what it measures now is wanted no longer."""
        self._drop()
        if self.lab.status.phase not in ("ready", "starting"):
            return False
        for settings in wanted:
            slot = SLOT + settings.family
            self._asked[slot] = settings
            self.ask(slot, Probe(id=self.engine.fresh(), settings=settings))
        return True

    def _drop(self) -> None:
        """Want no more answers for the form."""
        for slot in self._asked:
            self.drop(slot)
        self._asked.clear()

    def answered(self, slot: str, answer: AnyFinal) -> None:
        if (settings := self._asked.pop(slot, None)) and self._form:
            self._form.take(settings, answer)
