"""The form that starts a sweep: which models, what stands around a window, how many windows of which length."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, get_args

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from core import catalogue
from core.errors import UserError
from core.messages import Sweep, SweepProtocol
from core.sweep.conditions import CAUSAL, MASKED
from tui import commands
from tui.help import HelpScreen
from tui.text import plain
from tui.widgets.options import Options
from tui.widgets.ticks import Ticks

ABOUT = (
    "Every model reads the same windows of a text; at every position a word is hidden, or predicted, and the share "
    "of first guesses that are right is counted. Conditions say what stands around a window; the format that a model "
    "was trained in is always read. The protocol salamone2021 repeats the notebook of 2021: each model its own "
    "windows, one random position each, no special tokens."
)
WHAT = {
    "framed": "[CLS] window [SEP], at all positions", "bare": "window, at all positions",
    "masks": "two [MASK] more before [SEP], at the end", "full-stop": "a full stop before [SEP], at the end",
    "sentence-end": "as framed, where a sentence really ends", "cls": "[CLS] window, at the start",
    "left-only": "cut after the hidden word, at all positions",
    "start": "causal: after its start token", "no-start": "causal: without",
}  # fmt: skip
PROTOCOLS: tuple[SweepProtocol, ...] = get_args(SweepProtocol)
NUMBERS = {"length": (12, 4096), "windows": (1, 100_000), "seed": (0, 2**31)}
"""The least and the greatest of what may be typed."""
PLACE = "a file or folder; empty: a held-out text of this machine, else the Python documentation"


class SweepForm(ModalScreen[Sweep | None]):
    """Answers with what is to be asked, without a number of its own, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="sweep_form.cancel", tooltip="Start nothing."),
        Binding("ctrl+s", "start", "Start", id="sweep_form.start", tooltip="Start."),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="sweep_form.help",
                tooltip="Explain this form."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    SweepForm { align: center middle; }
    SweepForm Static { height: auto; }
    SweepForm Ticks { height: 1fr; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    SweepForm Input { background: $boost; }
    SweepForm .row { height: 1; }
    SweepForm .row .label { width: 10; }
    SweepForm .row Input.number { width: 10; }
    SweepForm #text { width: 1fr; }
    SweepForm #buttons { height: 1; align-horizontal: right; }
    SweepForm Button { margin-left: 2; }
    """

    def __init__(self, before: Sweep) -> None:
        """`before` is what was asked the last time."""
        super().__init__()
        self.before = before

    def compose(self) -> ComposeResult:
        before = self.before
        with Vertical(classes="dialog large") as box:
            box.border_title = "Accuracy by position"
            box.border_subtitle = "space in/out · tab next · ctrl+s starts · esc closes"
            yield Static(Content("Models"), classes="section")
            yield Ticks(id="models")
            yield Static(Content("Conditions"), classes="section")
            yield Ticks(id="conditions")
            with Horizontal(classes="row"):
                for name, value in (("Windows", before.windows), ("Length", before.length), ("Seed", before.seed)):
                    yield Static(Content(name), classes="label")
                    yield Input(str(value), compact=True, id=name.lower(), type="integer", classes="number")
            with Horizontal(classes="row"):
                yield Static(Content("Protocol"), classes="label")
                yield Options(PROTOCOLS, PROTOCOLS.index(before.protocol), id="protocol")
            with Horizontal(classes="row"):
                yield Static(Content("Text"), classes="label")
                yield Input(before.path, placeholder=PLACE, compact=True, id="text")
            yield Static(id="note", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button("Start (ctrl+s)", id="start", compact=True, variant="primary")

    def on_mount(self) -> None:
        """Look which models there are, off the event loop."""
        names = [*MASKED, *CAUSAL]
        entries = [(name, WHAT.get(name, "so many words that really follow, at the end")) for name in names]
        self._ticks("conditions").fill(entries, self.before.conditions or names)
        self._ticks("models").focus()
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        try:
            entries = await asyncio.to_thread(catalogue.every)
        except UserError as error:
            self._note(str(error))
            return
        if self.is_mounted:
            about = [(one.name, f"{one.kind or 'kind unknown'}, {one.source}") for one in entries]
            self._ticks("models").fill(about, self.before.models)

    def _ticks(self, id: str) -> Ticks:
        return self.query_one(f"#{id}", Ticks)

    def _note(self, text: str) -> None:
        self.query_one("#note", Static).update(plain(text))

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Answer with the choice, if it can be."""
        models, conditions = self._ticks("models").chosen, self._ticks("conditions").chosen
        path = self.query_one("#text", Input).value.strip()
        numbers = {}
        for name, (least, most) in NUMBERS.items():
            typed = self.query_one(f"#{name}", Input).value
            if not (typed.isascii() and typed.isdigit() and least <= int(typed) <= most):
                self._note(f"{name.capitalize()} is a whole number from {least:,} to {most:,}.")
                return
            numbers[name] = int(typed)
        if not models or not conditions:
            self._note("Put at least one model and one condition in, with space.")
            return
        every = len(conditions) == len(MASKED) + len(CAUSAL)
        self.dismiss(replace(
            self.before, models=models, conditions=[] if every else conditions,
            protocol=PROTOCOLS[self.query_one(Options).chosen],
            path=str(Path(path).expanduser().absolute()) if path else "", **numbers,
        ))  # fmt: skip

    def action_help(self) -> None:
        """Explain the form and its keys."""
        actions = [*commands.of(self, "Sweep"), *commands.of(self._ticks("models"), "Sweep")]
        self.app.push_screen(HelpScreen("Accuracy by position", ABOUT, "", actions))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Start nothing."""
        self.dismiss(None)
