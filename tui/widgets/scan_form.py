"""The form that starts a scan: which text, which two models, what makes a difference, how much of the text."""

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
from core.messages import By, Scan
from tui.widgets.options import Options
from tui.widgets.question_form import TextForm, kinds
from tui.widgets.ticks import Ticks

ABOUT = (
    "A text is read in passages of whole sentences, and every word of them is scored by two models, as Compare would. "
    "Bits: the second model's surprisal minus the first's. Rank: log₂ of the second's rank over the first's. Overlap: "
    "what their ten likeliest words have in common, the least first. Limit: passages that are drawn at random; 0 reads "
    "the whole text."
)
BY: tuple[By, ...] = get_args(By)


class ScanForm(TextForm[Scan]):
    """Answers with what is to be asked, without a number of its own, or with None."""

    HEADING = "Where two models differ most"
    ABOUT = ABOUT
    GROUP = "Scan"
    NUMBERS: ClassVar = {"limit": (0, 100_000), "top": (1, 5_000), "seed": (0, 2**31)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="scan_form.cancel", tooltip="Start nothing."),
        Binding("ctrl+s", "start", "Start", id="scan_form.start", tooltip="Start."),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="scan_form.help", tooltip="Explain this form."),
    ]
    DEFAULT_CSS = """
    ScanForm Ticks { height: auto; max-height: 8; }
    ScanForm .row .label { width: 8; }
    ScanForm .row Input.number { margin-right: 2; }
    """

    def __init__(self, before: Scan) -> None:
        """`before` is what was asked the last time."""
        super().__init__()
        self.before = before

    def compose(self) -> ComposeResult:
        before = self.before
        with Vertical(classes="dialog") as box:
            box.border_title = "Where do two models differ most?"
            box.border_subtitle = self.KEYS
            yield from self.text_row(before.path)
            yield Static(Content("Two models"), classes="section")
            yield Ticks(id="models")
            with Horizontal(classes="row"):
                yield Static(Content("By"), classes="label")
                yield Options(BY, BY.index(before.by), id="by")
            yield from self.number_row((("Limit", before.limit), ("Top", before.top), ("Seed", before.seed)))
            yield from self.ending()

    def on_mount(self) -> None:
        self.query_one("#text").focus()
        self.note("Limit: passages drawn at random, 0 reads all. Top: words in the list.")
        self.look()

    def fill(self, entries: list[Entry]) -> None:
        named = kinds(entries)
        others = {name: "as asked before" for name in self.before.models if name not in named}
        self.ticks("models").fill([*(named | others).items()], self.before.models)

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Answer with the choice, if it can be."""
        models = self.ticks("models").chosen
        if (numbers := self.numbers()) is None:
            return
        if len(models) != 2:
            self.note(f"Put exactly two models in, with space: {len(models)} are.")
            return
        # A pair that is as before stays in its order: the second is compared with the first.
        models = self.before.models if set(models) == set(self.before.models) else models
        by = BY[self.query_one(Options).chosen]
        self.dismiss(replace(self.before, models=models, path=self.path, by=by, **numbers))
