"""Running the experiment of the claim in front, in an engine of the pane's own, and keeping what it found."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer

from core.claims import every
from core.claims.plan import Plan
from core.errors import UserError
from core.messages import Cancelled, Experiment, Experimented, Experimenting, Failed, Finding, Partial
from tui.engine import AnyFinal
from tui.findings import archive
from tui.notes import known
from tui.notes.known import Known
from tui.panes.notes.reading import LAB
from tui.panes.notes.searching import SearchingPane
from tui.widgets.ask import Ask
from tui.widgets.experiment import ExperimentView, State
from tui.widgets.experiment_form import SEED
from tui.widgets.problem import Problem
from tui.words import duration

SLOT = "experiment"
IDLE = 120.0
"""Seconds that the engine waits for the next experiment before it gives its memory back."""


class ExperimentingPane(SearchingPane):
    """Measures at most one claim at a time, while anything is read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run", id="notes.run", tooltip="Measure this claim: the quick form, about a minute."),
        Binding("R", "thorough", "Thorough", show=False, id="notes.thorough",
                tooltip="Measure it thoroughly; says first how long that takes."),
        Binding("x", "stop", "Stop", id="notes.stop", tooltip="Stop measuring."),
        Binding("c", "contrast", "Contrast", show=False, id="notes.contrast",
                tooltip="Beside what was measured here: the thorough result that ships; and without it."),
    ]  # fmt: skip

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.turned_knobs: dict[str, dict[str, float | str]] = {}
        """What a person changed, by claim; the seed among the knobs."""
        self.contrast = False
        self.measuring = ""
        """The claim that is being measured."""
        self.partly: Finding | None = None
        self.said: dict[str, str] = {}
        """Why there is no finding, by claim."""
        self._begun = 0.0
        self._resting: Timer | None = None

    @property
    def plan(self) -> Plan | None:
        """The experiment of the claim in front."""
        return every.PLANS.get(self.note.key) if self.note else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense now."""
        if action in ("run", "thorough"):
            return self.plan is not None and SLOT not in self.open
        if action == "contrast":
            return self.plan is not None
        return SLOT in self.open if action == "stop" else super().check_action(action, parameters)

    # --- what is known -------------------------------------------------------------------------------------

    @work(exclusive=True, group="known")
    async def look(self) -> None:
        """Read what was found of every claim, in a thread."""
        claims = [note.key for note in self.notes if note.claim]
        self.known = await asyncio.to_thread(known.look, claims)
        self.tell()
        self.turned()

    def state(self) -> State | None:
        """What the experiment's side shows."""
        if (plan := self.plan) is None:
            return None
        about = self.known.get(plan.claim, Known())
        busy = self.measuring == plan.claim
        finding, where = about.last or about.best, ""
        if busy and self.partly is not None:
            finding = self.partly
        elif finding is not None:
            where = known.source(finding, about.last_made if about.last else None)
        over = about.ships if self.contrast and finding is not about.ships else None
        progress, elapsed = (self.progress, time.monotonic() - self._begun) if busy else (None, 0.0)
        said = self.said.get(plan.claim, "")
        return State(
            plan, dict(self.turned_knobs.get(plan.claim, {})), finding, where, over, busy, progress, elapsed, said
        )

    def refill(self) -> None:
        """Bring the experiment's side up to date."""
        if self.is_mounted:
            self.query_one(ExperimentView).show(self.state())

    def doing(self) -> str:
        """For the status line: how far the experiment is."""
        if SLOT not in self.open:
            return ""
        if self.progress is None:
            return f"{self.measuring}: starting an engine for it · x stops"
        return f"{self.measuring}: {self.percent:.0f} %, {self.progress.note} · x stops"

    def say(self) -> None:
        """Progress is told both in the status line and beside the charts."""
        super().say()
        if SLOT in self.open:
            self.refill()

    # --- asking --------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Measure the claim in front."""
        self._start(thorough=False)

    def action_thorough(self) -> None:
        """Say how long it takes, and measure."""
        if (plan := self.plan) is None:
            return
        changed = {name: value for name, value in self.turned_knobs.get(plan.claim, {}).items() if name != SEED.name}
        but = (
            f" With {', '.join(f'{name} {value}' for name, value in changed.items())} as you set it." if changed else ""
        )
        question = Content(f"The thorough form of {plan.claim} takes about {duration(plan.thorough_seconds)}.{but}")

        def start(yes: bool | None) -> None:
            if yes:
                self._start(thorough=True)

        self.app.push_screen(Ask(question, "Measure", "Not now"), start)

    def _start(self, thorough: bool) -> None:
        if (plan := self.plan) is None or SLOT in self.open:
            return
        if self._resting is not None:
            self._resting.stop()
        changed = dict(self.turned_knobs.get(plan.claim, {}))
        seed = int(changed.pop(SEED.name, SEED.quick))
        self.measuring, self.partly, self.progress, self._begun = plan.claim, None, None, time.monotonic()
        self.said.pop(plan.claim, None)
        self.ask(SLOT, Experiment(self.engine.fresh(), plan.claim, thorough, seed, changed))
        self.face(LAB)
        self.refill()
        self.refresh_bindings()

    def grew(self, news: Partial) -> None:
        assert isinstance(news, Experimenting)
        self.partly = news.finding
        self.refill()

    def answered(self, slot: str, answer: AnyFinal) -> None:
        claim, self.measuring = self.measuring, ""
        if isinstance(answer, Experimented):
            before = self.known.get(claim, Known())
            self.known[claim] = before.with_new(answer.finding, time.time())
            self._keep(answer.finding)
        elif isinstance(answer, Failed):
            self.said[claim] = f"{answer.what} ! shows more"
            self.lab.fail(Problem.of(answer))
        elif isinstance(answer, Cancelled):
            self.said[claim] = "stopped · r starts again"
        self._done()

    def action_stop(self) -> None:
        """Stop, and forget what was measured by then: no verdict stands on a half."""
        self.said[self.measuring] = "stopped · r starts again"
        self.measuring = ""
        self.drop(SLOT)
        self.rest_engine()
        self._done()

    def _done(self) -> None:
        self.partly = self.progress = None
        self._resting = self.set_timer(IDLE, self._rest)
        self.tell()
        self.turned()
        self.refresh_bindings()
        self.say()

    def _rest(self) -> None:
        if SLOT not in self.open:
            self.rest_engine()

    @work(group="keep")
    async def _keep(self, finding: Finding) -> None:
        try:
            await asyncio.to_thread(archive.save, finding)
        except UserError as error:
            self.lab.fail(Problem.of(error))

    # --- knobs and contrast --------------------------------------------------------------------------------

    @on(ExperimentView.Turned)
    def _turned_knob(self, event: ExperimentView.Turned) -> None:
        event.stop()
        if (plan := self.plan) is None:
            return
        if event.name:
            self.turn(plan, event.name, event.value)
        else:
            self.turned_knobs[plan.claim] = {}
        self.refill()

    def turn(self, plan: Plan, name: str, value: float | str) -> None:
        """Note the value of a knob, where it is not the one that the knob has of itself."""
        changed = self.turned_knobs.setdefault(plan.claim, {})
        if value == {knob.name: knob.quick for knob in (*plan.knobs, SEED)}[name]:
            changed.pop(name, None)
        else:
            changed[name] = value

    def action_contrast(self) -> None:
        """Lay what ships beside what was measured here, or take it away."""
        about = self.known.get(self.plan.claim, Known()) if self.plan else Known()
        if about.ships is None or about.last is None:
            self.lab.say(
                "No result of this claim ships to compare with." if about.last else "r measures it here first."
            )
            return
        self.contrast = not self.contrast
        self.face(LAB)
        self.refill()
