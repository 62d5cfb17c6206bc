"""The form that starts a scan: which text, which two models, what makes a difference, how much of the text."""

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
from core.messages import By, Scan
from tui import commands
from tui.help import HelpScreen
from tui.text import plain
from tui.widgets.options import Options
from tui.widgets.ticks import Ticks

ABOUT = (
    "A text is read in passages of whole sentences, and every word of them is scored by two models, as Compare would. "
    "Bits: the second model's surprisal minus the first's. Rank: log₂ of the second's rank over the first's. Overlap: "
    "what their ten likeliest words have in common, the least first. Limit: passages that are drawn at random; 0 reads "
    "the whole text."
)
BY: tuple[By, ...] = get_args(By)
NUMBERS = {"limit": (0, 100_000), "top": (1, 5_000), "seed": (0, 2**31)}
"""The least and the greatest of what may be typed."""
PLACE = "a file or folder; empty: a held-out text of this machine, else the Python documentation"


class ScanForm(ModalScreen[Scan | None]):
    """Answers with what is to be asked, without a number of its own, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="scan_form.cancel", tooltip="Start nothing."),
        Binding("ctrl+s", "start", "Start", id="scan_form.start", tooltip="Start."),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="scan_form.help", tooltip="Explain this form."),
    ]
    DEFAULT_CSS = """
    ScanForm { align: center middle; }
    ScanForm Static { height: auto; }
    ScanForm Ticks { height: auto; max-height: 8; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    ScanForm Input { background: $boost; }
    ScanForm .row { height: 1; }
    ScanForm .row .label { width: 8; }
    ScanForm .row Input.number { width: 10; margin-right: 2; }
    ScanForm #text { width: 1fr; }
    ScanForm #buttons { height: 1; align-horizontal: right; }
    ScanForm Button { margin-left: 2; }
    """

    def __init__(self, before: Scan) -> None:
        """`before` is what was asked the last time."""
        super().__init__()
        self.before = before

    def compose(self) -> ComposeResult:
        before = self.before
        with Vertical(classes="dialog") as box:
            box.border_title = "Where do two models differ most?"
            box.border_subtitle = "space in/out · tab next · ctrl+s starts · esc closes"
            with Horizontal(classes="row"):
                yield Static(Content("Text"), classes="label")
                yield Input(before.path, placeholder=PLACE, compact=True, id="text")
            yield Static(Content("Two models"), classes="section")
            yield Ticks(id="models")
            with Horizontal(classes="row"):
                yield Static(Content("By"), classes="label")
                yield Options(BY, BY.index(before.by), id="by")
            with Horizontal(classes="row"):
                for name, value in (("Limit", before.limit), ("Top", before.top), ("Seed", before.seed)):
                    yield Static(Content(name), classes="label")
                    yield Input(str(value), compact=True, id=name.lower(), type="integer", classes="number")
            yield Static(id="note", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button("Start (ctrl+s)", id="start", compact=True, variant="primary")

    def on_mount(self) -> None:
        """Look which models there are, off the event loop."""
        self.query_one("#text").focus()
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        try:
            entries = await asyncio.to_thread(catalogue.every)
        except UserError as error:
            self._note(str(error))
            return
        if self.is_mounted:
            named = {one.name: f"{one.kind or 'kind unknown'}, {one.source}" for one in entries}
            others = {name: "as asked before" for name in self.before.models if name not in named}
            self.query_one(Ticks).fill([*(named | others).items()], self.before.models)

    def _note(self, text: str) -> None:
        self.query_one("#note", Static).update(plain(text))

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Answer with the choice, if it can be."""
        models, path = self.query_one(Ticks).chosen, self.query_one("#text", Input).value.strip()
        numbers = {}
        for name, (least, most) in NUMBERS.items():
            typed = self.query_one(f"#{name}", Input).value
            if not (typed.isascii() and typed.isdigit() and least <= int(typed) <= most):
                self._note(f"{name.capitalize()} is a whole number from {least:,} to {most:,}.")
                return
            numbers[name] = int(typed)
        if len(models) != 2:
            self._note(f"Put exactly two models in, with space: {len(models)} are.")
            return
        # A pair that is as before stays in its order: the second is compared with the first.
        models = self.before.models if set(models) == set(self.before.models) else models
        path = str(Path(path).expanduser().absolute()) if path else ""
        by = BY[self.query_one(Options).chosen]
        self.dismiss(replace(self.before, models=models, path=path, by=by, **numbers))

    def action_help(self) -> None:
        """Explain the form and its keys."""
        actions = [*commands.of(self, "Scan"), *commands.of(self.query_one(Ticks), "Scan")]
        self.app.push_screen(HelpScreen("Where two models differ most", ABOUT, "", actions))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Start nothing."""
        self.dismiss(None)
