"""The form that starts a run. It says what will happen before it happens, measured on this machine."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from core.errors import UserError
from core.messages import Failed, Probed
from core.plan import Choice
from core.settings import TrainSettings
from tui import commands
from tui.engine import AnyFinal
from tui.help import HelpScreen
from tui.runs import logind
from tui.runs.now import Now
from tui.runs.plan import Kind, Pace, Plan, kind, plan
from tui.text import plain
from tui.widgets.run_fields import EXPLAINED, LABELS, RunFields

REST = 0.7
"""Seconds without a change before the engine is asked to measure."""
Probe = Callable[[Sequence[TrainSettings]], bool]
"""Has the engine measure runs of these settings; False where there is no engine to ask."""


class Accepted(NamedTuple):
    """What a person wants started, and the name for it."""

    plan: Plan
    name: str


class RunForm(ModalScreen[Accepted | None]):
    """Answers with the plan that was accepted, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Start nothing."),
        Binding("ctrl+o", "more", "More", id="form.more", tooltip="Show or hide the rarer fields."),
        Binding("ctrl+s", "start", "Start", id="form.start", tooltip="Start the run that is described below."),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="form.help",
                tooltip="Explain every field; f1 while typing."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    RunForm { align: center middle; }
    RunForm > Box { width: 100; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; }
    RunForm > Box { background: $surface; border: none; border-top: solid $primary; }
    RunForm #plan { height: auto; min-height: 5; margin-top: 1; padding: 0 1; background: $panel; }
    RunForm #buttons { height: 1; align-horizontal: right; }
    RunForm Button { margin-left: 2; }
    """

    class Box(VerticalScroll):
        """The form itself; it scrolls where the window is too low."""

    def __init__(self, earlier: Sequence[Now], probe: Probe) -> None:
        """`earlier` are runs whose speed tells how long a new one will take until `probe` has measured it."""
        super().__init__()
        self.earlier, self.probe = earlier, probe
        self.plan: Plan | None = None
        self.measured: dict[Kind, Pace] = {}
        self._planning = threading.Lock()
        self._wanted: set[Kind] = set()
        """What is being measured."""
        self._trouble = ""
        """Why nothing was measured."""
        self._warning = ""
        self._rest: Timer | None = None
        self._busy = False
        """A plan is being worked out."""
        self._eager = False
        """Start it when it is there."""

    def compose(self) -> ComposeResult:
        with self.Box(can_focus=False) as box:
            box.border_title = "New run"
            yield RunFields()
            yield Static(id="plan", markup=False)
            with Horizontal(id="buttons"):
                yield Button("More (ctrl+o)", id="more", compact=True)
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button("Start (ctrl+s)", id="start", compact=True, variant="primary")

    @property
    def fields(self) -> RunFields:
        """What can be chosen."""
        return self.query_one(RunFields)

    @property
    def gone(self) -> bool:
        """Whether it is being closed: what comes late, a plan or a measurement, finds no fields any more."""
        return not self.query(RunFields)

    def on_mount(self) -> None:
        """Describe the run that would start now."""
        self.query_one("#family").focus()
        self._say("Working it out … The first time, the Python documentation is gathered: that takes seconds.")
        self._warn()
        self.reckon()

    @work(group="warn")
    async def _warn(self) -> None:
        self._warning = str(await asyncio.to_thread(logind.warning) or "")
        self._describe()

    # --- the plan ------------------------------------------------------------------------------------------

    @on(RunFields.Changed)
    def reckon(self) -> None:
        """Work the plan out again, off the event loop: folders may be large."""
        if self.gone:
            return
        self.plan, self._eager, self._busy, self._trouble = None, False, True, ""
        if self._rest is not None:
            self._rest.stop()
        self.workers.cancel_group(self, "plan")
        try:
            self._work_out(self.fields.choice(), self.fields.trio, self.fields.seeds)
        except UserError as error:
            self._tell(None, str(error))

    @work(exclusive=True, group="plan")
    async def _work_out(self, choice: Choice, trio: bool, seeds: int) -> None:
        try:
            found = await asyncio.to_thread(self._plan, choice, trio, seeds)
        except (UserError, OSError) as error:
            self._tell(None, str(error))
            return
        self._tell(found, "")

    def _plan(self, choice: Choice, trio: bool, seeds: int) -> Plan:
        """One at a time: a thread cannot be cancelled, and the first of all gathers the documentation."""
        with self._planning:
            return plan(choice, trio=trio, seeds=seeds, earlier=self.earlier, measured=dict(self.measured))

    def _tell(self, found: Plan | None, problem: str) -> None:
        """Describe a plan, or say why there is none; start it if that was asked for already."""
        if self.gone:
            return
        self.plan, self._busy = found, False
        if found is None:
            self._say(problem)
            return
        self._describe()
        self._rest = self.set_timer(REST, self._measure)
        if self._eager:
            self.action_start()

    def _describe(self) -> None:
        unusable = [text] if (text := self._unusable()) else []
        if self.plan is not None:
            measuring = any(kind(part.settings) in self._wanted for part in self.plan.parts)
            note = "; measuring …" if measuring else f"; {self._trouble}." if self._trouble else ""
            self._say(*unusable, *self.plan.lines(note), *([self._warning] if self._warning else []))

    def _say(self, *lines: str) -> None:
        for place in self.query("#plan").results(Static):  # none where the form is just being closed
            place.update(Content("\n").join(plain(line) for line in lines))

    # --- measuring -----------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """The fields rest: have the engine measure what is not measured yet."""
        if self.gone:
            return
        parts = self.plan.parts if self.plan else ()
        unknown = [part.settings for part in parts if kind(part.settings) not in self.measured]
        if unknown and {kind(settings) for settings in unknown} != self._wanted:
            if self.probe(unknown):
                self._wanted = {kind(settings) for settings in unknown}
            else:
                self._trouble = "no engine is there to measure"
            self._describe()

    def take(self, settings: TrainSettings, answer: AnyFinal) -> None:
        """The engine's answer about runs like `settings`."""
        if self.gone:
            return
        self._wanted.discard(kind(settings))
        if isinstance(answer, Probed):
            self.measured[kind(settings)] = Pace(
                tokens_per_second=answer.tokens_per_second, memory=answer.memory, source="measured"
            )
            if self.plan is not None:
                self._work_out(self.plan.choice, self.plan.trio, self.plan.seeds)
            return
        self._trouble = f"not measured: {answer.what.rstrip('.')}" if isinstance(answer, Failed) else "not measured"
        self._describe()

    # --- leaving -------------------------------------------------------------------------------------------

    @on(RunFields.Named)
    def _named(self) -> None:
        self._describe()

    def _unusable(self) -> str:
        """Why the name that is typed cannot be one; empty where it can."""
        name = "" if self.gone else self.fields.name_typed()
        if not name or re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}", name):
            return ""
        return f"{name} cannot name a run: use letters, digits, dots, dashes and underscores."

    def action_help(self) -> None:
        """Explain the fields and the keys."""
        about = "The lines under the fields say what would be started, before it is; a moment later, measured here."
        fields = "\n".join(f"{LABELS[name]}: {text}" for name, text in EXPLAINED.items())
        self.app.push_screen(HelpScreen("New run", about, fields, list(commands.of(self, "New run"))))

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Start what is described, as soon as it is."""
        if self.gone:
            return
        if unusable := self._unusable():
            self._describe() if self.plan else self._say(unusable)
        elif self.plan:
            self.dismiss(Accepted(self.plan, self.fields.name_typed()))
        else:
            self._eager = self._busy

    @on(Button.Pressed, "#more")
    def action_more(self) -> None:
        """Show or hide the rarer fields."""
        self.fields.toggle_class("-more")

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Start nothing."""
        self.dismiss(None)
