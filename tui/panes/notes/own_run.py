"""The knobs of the claim in front, from a run of one's own."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import islice
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core import runs
from core.claims.plan import Plan
from core.errors import UserError
from tui.panes.notes.experimenting import ExperimentingPane
from tui.panes.notes.reading import LAB
from tui.runs import survey
from tui.text import one_line, shorten
from tui.widgets.problem import Problem
from tui.widgets.run_picker import OwnRun, RunPicker


class OwnRunPane(ExperimentingPane):
    """Takes knobs from the folder of runs, where the claim in front is about a person's own run as well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "from_run", "From a run", id="notes.from_run",
                tooltip="Set the knobs of C10 as one of your own runs has them."),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a run only where one says something."""
        if action == "from_run":
            return self.plan is not None and self.plan.of_run is not None
        return super().check_action(action, parameters)

    @work(exclusive=True, group="runs")
    async def action_from_run(self) -> None:
        """Let a person choose one of the runs, and set the knobs by it."""
        if (plan := self.plan) is None:
            return
        try:
            found = await asyncio.to_thread(own_runs)
        except UserError as error:
            self.lab.fail(Problem.of(error))
            return
        if not found:
            self.lab.say("There is no run yet: one that you start in Train can be chosen here.")
            return
        if (chosen := await self.app.push_screen_wait(RunPicker("Your run", found))) is not None:
            self._take(plan, chosen)

    def _take(self, plan: Plan, chosen: OwnRun) -> None:
        assert plan.of_run is not None
        try:
            taken = plan.of_run(chosen.file, chosen.progress)
            settled = plan.settle(False, taken.knobs)
        except UserError as error:
            self.lab.fail(Problem.of(error))
            return
        for name in taken.knobs:
            self.turn(plan, name, settled[name])
        if self.plan is plan:
            self.face(LAB)
            self.call_after_refresh(self.refill)  # which scrolls, so what was hidden needs a size first
        self.lab.say(f"Your run is {shorten(one_line(chosen.name), 40)}: {taken.told}.")


def own_runs() -> list[OwnRun]:
    """The runs that can be read, the newest first. Raises UserError where the folder of runs is something else."""
    survey.check()
    found = []
    for run in islice(runs.every(), survey.MOST):
        with suppress(UserError):  # Train says what is wrong with a damaged one
            found.append(OwnRun(run.about().name or run.id, run.file(), run.progress()))
    return found
