"""The form that starts an evaluation: which sets, which models, and how much of them."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from core import catalogue, sets
from core.catalogue import Entry
from core.errors import UserError
from tui.evaluations.archive import Asked, here
from tui.widgets.options import Options
from tui.widgets.question_form import QuestionForm
from tui.widgets.ticks import Ticks

ABOUT = (
    "Every chosen model is asked about every chosen set. A text gives bits per character and perplexity for causal "
    "models, cross-entropy and top-1 at masks for BERT. Minimal pairs give the share of pairs of which the good "
    "sentence scores higher. Facts give the rank of the answer. Of pairs with paradigms 50 of each are asked, unless "
    "all are. The same choice goes on where it was left."
)
PLACE = "/ then the path of a .txt or .jsonl file, each also as .xz"


class EvaluationForm(QuestionForm[Asked]):
    """Answers with what is to be evaluated, or with None."""

    HEADING = "New evaluation"
    ABOUT = ABOUT
    GROUP = HEADING
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="evaluation.cancel", tooltip="Start nothing."),
        Binding("slash", "path", "Path", id="evaluation.path", tooltip="Name the file of a set."),
        Binding("ctrl+s", "start", "Start", id="evaluation.start", tooltip="Start, or go on with the same."),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="evaluation.help",
                tooltip="Explain this form."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    EvaluationForm #sets { height: auto; min-height: 1; max-height: 50%; }
    EvaluationForm .row .label { width: 8; }
    EvaluationForm #seed { width: 10; }
    """

    def __init__(self, models: list[str]) -> None:
        """`models` are chosen at first."""
        super().__init__()
        self.models = models

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large") as box:
            box.border_title = self.HEADING
            box.border_subtitle = self.KEYS
            yield Static(Content("Sets"), classes="section")
            yield Ticks(id="sets")
            yield Input(placeholder=PLACE, compact=True, id="path")
            yield Static(Content("Models"), classes="section")
            yield Ticks(id="models")
            with Horizontal(classes="row"):
                yield Static(Content("Pairs"), classes="label")
                yield Options(("50 a paradigm", "all: of BLiMP 20 times as many"), id="everything")
            with Horizontal(classes="row"):
                yield Static(Content("Seed"), classes="label")
                yield Input("1", compact=True, id="seed", type="integer")
            yield from self.ending()

    def on_mount(self) -> None:
        """Look what there is, off the event loop."""
        self.query_one("#sets").focus()
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        try:
            names, entries = await asyncio.to_thread(_found)
        except UserError as error:
            self.note(str(error))
            return
        if not self.is_mounted:
            return
        self.ticks("sets").fill([(name, sets.KNOWN[name][1]) for name in names], names[:1])
        about = [(one.name, f"{one.kind or 'kind unknown'}, {one.source}, {one.architecture or '?'}")
                 for one in entries]  # fmt: skip
        self.ticks("models").fill(about, self.models)
        self.note("" if names else "No set is known by name on this machine: / names a file.")

    def action_path(self) -> None:
        """Go and type a path."""
        self.query_one("#path").focus()

    @on(Input.Submitted, "#path")
    def _named(self, event: Input.Submitted) -> None:
        self._add(event.value.strip())

    @work(exclusive=True, group="add")
    async def _add(self, path: str) -> None:
        """Put a file among the sets, if it is there."""
        try:
            name, found = await asyncio.to_thread(sets.locate, path)
        except (UserError, ValueError, OSError) as error:  # ValueError: a NUL in the path
            self.note(str(error))
            return
        if found.is_dir():
            self.note("That is a folder: name a file.")
            return
        known = name == path and name in sets.KNOWN
        self.ticks("sets").add(name if known else str(found), sets.KNOWN[name][1] if known else "a file")
        self.query_one("#path", Input).value = ""
        self.ticks("sets").focus()
        self.note("")

    @on(Ticks.Changed)
    def _changed(self) -> None:
        self.note("")

    @on(Input.Submitted, "#seed")
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Answer with the choice, if there is one."""
        chosen, models = self.ticks("sets").chosen, self.ticks("models").chosen
        seed = self.query_one("#seed", Input).value
        if not chosen or not models:
            self.note("Put at least one set and one model in, with space.")
        elif not seed.isascii() or not seed.isdigit():
            self.note("The seed is a whole number, like 1.")
        else:
            every = self.query_one(Options).chosen == 1
            self.dismiss(Asked(models=models, sets=chosen, everything=every, seed=int(seed)))


def _found() -> tuple[list[str], list[Entry]]:
    """The known sets and the models of this machine."""
    return here(), catalogue.every()
