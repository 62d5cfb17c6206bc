"""The form that starts a sweep: which models, what stands around a window, how many windows of which length."""

from __future__ import annotations

from typing import ClassVar, get_args

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from core.catalogue import Entry
from core.messages import Sweep, SweepProtocol
from core.sweep.conditions import CAUSAL, MASKED
from tui.widgets.options import Options
from tui.widgets.question_form import TextForm, kinds
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


class SweepForm(TextForm[Sweep]):
    """Answers with what is to be asked, without a number of its own, or with None."""

    HEADING = "Accuracy by position"
    ABOUT = ABOUT
    GROUP = "Sweep"
    NUMBERS: ClassVar = {"length": (12, 4096), "windows": (1, 100_000), "seed": (0, 2**31)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="sweep_form.cancel", tooltip="Start nothing."),
        Binding("ctrl+s", "start", "Start", id="sweep_form.start", tooltip="Start."),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="sweep_form.help",
                tooltip="Explain this form."),
    ]  # fmt: skip
    DEFAULT_CSS = """
    SweepForm .row .label { width: 10; }
    """

    def __init__(self, before: Sweep) -> None:
        """`before` is what was asked the last time."""
        super().__init__()
        self.before = before

    def compose(self) -> ComposeResult:
        before = self.before
        with Vertical(classes="dialog large") as box:
            box.border_title = self.HEADING
            box.border_subtitle = self.KEYS
            yield Static(Content("Models"), classes="section")
            yield Ticks(id="models")
            yield Static(Content("Conditions"), classes="section")
            yield Ticks(id="conditions")
            yield from self.number_row((("Windows", before.windows), ("Length", before.length), ("Seed", before.seed)))
            with Horizontal(classes="row"):
                yield Static(Content("Protocol"), classes="label")
                yield Options(PROTOCOLS, PROTOCOLS.index(before.protocol), id="protocol")
            yield from self.text_row(before.path)
            yield from self.ending()

    def on_mount(self) -> None:
        names = [*MASKED, *CAUSAL]
        entries = [(name, WHAT.get(name, "so many words that really follow, at the end")) for name in names]
        self.ticks("conditions").fill(entries, self.before.conditions or names)
        self.ticks("models").focus()
        self.look()

    def fill(self, entries: list[Entry]) -> None:
        self.ticks("models").fill([*kinds(entries).items()], self.before.models)

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Answer with the choice, if it can be."""
        models, conditions = self.ticks("models").chosen, self.ticks("conditions").chosen
        if (numbers := self.numbers()) is None:
            return
        if not models or not conditions:
            self.note("Put at least one model and one condition in, with space.")
            return
        every = len(conditions) == len(MASKED) + len(CAUSAL)
        self.dismiss(replace(
            self.before, models=models, conditions=[] if every else conditions,
            protocol=PROTOCOLS[self.query_one(Options).chosen], path=self.path, **numbers,
        ))  # fmt: skip
