"""The form that starts a run. It says what will happen before it happens."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from core.errors import UserError
from core.settings import FAMILIES, PRESETS
from tui.runs.plan import Choice, Plan, plan
from tui.runs.watch import Now
from tui.text import plain
from tui.widgets.options import Options

UNITS = ("minutes", "tokens")
STARTS = ("causal start: left to right first", "masked at once")
NAMES = {"bert": "BERT", "gpt2": "GPT-2", "lstm": "LSTM"}


class Row(Horizontal):
    """A label and what belongs to it."""

    def __init__(self, label: str, *inside: Static | Input) -> None:
        super().__init__(Static(Content(label), classes="label"), *inside)


class Field(Input):
    """One line to type into."""

    def __init__(self, value: str, placeholder: str, id: str) -> None:
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)


class RunForm(ModalScreen[tuple[Plan, str]]):
    """Answers with the plan that was accepted and the name for the run, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Start nothing."),
        Binding("ctrl+s", "start", "Start", id="form.start", tooltip="Start the run that is described below."),
    ]
    DEFAULT_CSS = """
    RunForm { align: center middle; }
    RunForm > Box { width: 80; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; }
    RunForm > Box { background: $surface; border: none; border-top: solid $primary; }
    RunForm Row { height: auto; }
    RunForm .label { width: 7; color: $text-muted; }
    RunForm Field { width: 1fr; background: $boost; }
    RunForm Field:ansi { background: ansi_black; }
    RunForm #budget, RunForm #seed { width: 14; margin-right: 2; }
    RunForm #plan { height: auto; min-height: 4; margin-top: 1; padding: 0 1; background: $panel; }
    RunForm #buttons { height: 1; margin-top: 1; align-horizontal: right; }
    RunForm Button { margin-left: 2; }
    """

    class Box(VerticalScroll):
        """The form itself; it scrolls where the window is too low."""

    def __init__(self, earlier: Sequence[Now]) -> None:
        """`earlier` are runs whose speed tells how long a new one will take."""
        super().__init__()
        self.earlier = earlier
        self.plan: Plan | None = None
        self._busy = False
        """A plan is being worked out."""
        self._eager = False
        """Start it when it is there."""

    def compose(self) -> ComposeResult:
        sizes = [f"{name}: {preset.about}" for name, preset in PRESETS.items()]
        with self.Box(can_focus=False) as box:
            box.border_title = "New run"
            yield Row("Model", Options([NAMES[family] for family in FAMILIES], 1, id="family"))
            yield Row("", Options(STARTS, id="causal"))
            yield Row("Text", Field("", "paths of files or folders; empty: the passages that ship", "texts"))
            yield Row("Size", Options(sizes, below=True, id="size"))
            yield Row("Budget", Field("5", "the size's", "budget"), Options(UNITS, id="unit"))
            yield Row("Seed", Field("1", "1", "seed"))
            yield Row("Name", Field("", "empty: date, time and model", "name"))
            yield Static(id="plan", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button("Start (ctrl+s)", id="start", compact=True, variant="primary")

    def on_mount(self) -> None:
        """Describe the run that would start now."""
        self.query_one("#family").focus()
        self._reckon()

    def _chosen(self, name: str) -> int:
        return self.query_one(f"#{name}", Options).chosen

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _choice(self) -> Choice:
        """What the fields say. Raises UserError for a field that says nothing usable."""
        budget = amount(self._value("budget"))
        minutes = UNITS[self._chosen("unit")] == "minutes"
        try:
            texts, seed = shlex.split(self._value("texts")), int(self._value("seed") or "1")
        except ValueError as error:
            raise UserError("The text or the seed cannot be read.", why=str(error)) from error
        return Choice(
            family=FAMILIES[self._chosen("family")],
            preset=list(PRESETS)[self._chosen("size")],
            texts=texts,
            minutes=budget if minutes else 0.0,
            tokens=0 if minutes else round(budget),
            seed=seed,
            causal_start=self._chosen("causal") == 0,
        )

    @on(Input.Changed, "#texts, #budget, #seed")
    @on(Options.Changed)
    def _reckon(self) -> None:
        """Work the plan out again, off the event loop: folders may be large."""
        starts, bert = self.query_one("#causal", Options), FAMILIES[self._chosen("family")] == "bert"
        starts.visible = bert
        starts.disabled = not bert
        self.plan = None
        self._eager, self._busy = False, True
        self.workers.cancel_group(self, "plan")
        try:
            self._work_out(self._choice())
        except UserError as error:
            self._tell(None, str(error))

    @work(exclusive=True, group="plan")
    async def _work_out(self, choice: Choice) -> None:
        try:
            self._tell(await asyncio.to_thread(plan, choice, self.earlier), "")
        except (UserError, OSError) as error:
            self._tell(None, str(error))

    def _tell(self, found: Plan | None, problem: str) -> None:
        """Describe a plan, or say why there is none; start it if that was asked for already."""
        self.plan, self._busy = found, False
        self._say(*(found.lines() if found else [problem]))
        if found and self._eager:
            self.action_start()

    def _say(self, *lines: str) -> None:
        self.query_one("#plan", Static).update(Content("\n").join(plain(line) for line in lines))

    @on(Input.Changed, "#name")
    def _named(self) -> None:
        if self.plan:
            self._say(*self.plan.lines())

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Start what is described, as soon as it is."""
        name = self._value("name")
        if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}", name):
            self._say(f"{name} cannot name a run: use letters, digits, dots, dashes and underscores.")
        elif self.plan:
            self.dismiss((self.plan, name))
        else:
            self._eager = self._busy

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Start nothing."""
        self.dismiss(None)


def amount(text: str) -> float:
    """A budget as a person types it: 5, 2.5, 300k, 2M; nothing is 0. Raises UserError for anything else."""
    if not text:
        return 0.0
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([kKmM]?)", text.replace("_", ""))
    if found is None or not float(found[1].replace(",", ".")):
        raise UserError("The budget is not a number.", hint="Type minutes, or tokens like 300k or 2M.")
    return float(found[1].replace(",", ".")) * {"": 1, "k": 1e3, "m": 1e6}[found[2].lower()]
