"""The fields of the form that starts a run, and what they say taken together."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import UserError
from core.plan import Choice
from core.presets import PRESETS
from core.settings import FAMILIES
from tui.runs.amounts import amount
from tui.runs.plan import NAMES
from tui.widgets.options import Options

MODELS = (*(NAMES[family] for family in FAMILIES), "all three")
UNITS = ("minutes", "tokens", "steps")
CUTS = ("bundled", "new from this text", "that of:")
WEIGHTS = ("from scratch", "further from:")
MASKS = ("all [MASK]", "80 % [MASK], 10 % another, 10 % as it is")
STARTS = ("left to right first", "with masks at once")

ABOUT = {
    "family": "Which model; or all three, matched, on the same windows, with a report.",
    "texts": "Paths of files or folders; empty: the Python documentation on this machine.",
    "size": "",  # what the chosen one is for
    "budget": "How long: a number like 5, 300k or 2M. Empty: the budget of the size.",
    "unit": "What the number counts. Minutes become tokens by a measurement at the start.",
    "name": "The name of the run's folder; empty: date, time and model.",
    "match": "About as many parameters as this, like 2.6M; empty: as the size says.",
    "cut": "What cuts the text: the lab's own 4,096 pieces, new ones, or a model's.",
    "tokenizer": "For a new tokenizer how many pieces, like 2000; else a model's name or folder.",
    "weights": "Random weights, or those of a model that is trained further.",
    "base": "The name or folder of the model that is trained further.",
    "seed": "Runs with equal seeds and settings on one machine are equal, bit for bit.",
    "seeds": "Seeds of each model: with one, no difference can be told from chance.",
    "masks": "What stands at a hidden place: always [MASK], or as BERT's paper did.",
    "causal": "Reading left to right first shortens BERT's long plateau.",
}
"""What each field is, in one line."""
EXPLAINED = ABOUT | {"size": f"{', '.join(PRESETS)}: the shape of the model, and how long it is trained."}
LABELS = {
    "family": "Model", "texts": "Text", "size": "Size", "budget": "Budget", "unit": "its unit", "name": "Name",
    "match": "Match", "cut": "Tokens", "tokenizer": "their name", "weights": "Weights", "base": "their name",
    "seed": "Seed", "seeds": "Seeds", "masks": "Masks", "causal": "Start",
}  # fmt: skip
"""What each field is called."""


class Row(Horizontal):
    """A label and what belongs to it."""

    def __init__(self, label: str, *inside: Widget, more: bool = False, id: str | None = None) -> None:
        """`more`: one of the rarer fields."""
        super().__init__(Static(Content(label), classes="label"), *inside, id=id, classes="more" if more else "")


class Field(Input):
    """One line to type into."""

    def __init__(self, id: str, value: str = "", placeholder: str = "", classes: str = "") -> None:
        super().__init__(
            value, placeholder=placeholder, id=id, compact=True, select_on_focus=False, classes=classes,
            tooltip=Content(ABOUT[id]),
        )  # fmt: skip


class RunFields(Vertical):
    """Everything that can be chosen. `choice` reads it; `Changed` says that it would read otherwise now."""

    DEFAULT_CSS = """
    RunFields { height: auto; }
    RunFields Row { height: auto; }
    RunFields .label { width: 8; color: $text-muted; }
    RunFields Field { width: 1fr; background: $boost; }
    RunFields Field:ansi { background: ansi_black; }
    RunFields Options.-with { width: auto; margin-right: 1; }
    RunFields Field.-short { width: 12; margin-right: 2; }
    RunFields .more { display: none; }
    RunFields.-more .more { display: block; }
    RunFields.-more .more.-unmasked { display: none; }
    RunFields #about { height: 1; color: $text-accent; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    class Changed(Message):
        """Another choice was made."""

    class Named(Message):
        """The name changed, on which nothing depends."""

    def compose(self) -> ComposeResult:
        yield Row("Model", Options(MODELS, 1, id="family"))
        yield Row("Text", Field("texts", placeholder="empty: the Python documentation on this machine"))
        yield Row("Size", Options(list(PRESETS), id="size"))
        yield Row("Budget", Field("budget", "5", "the size's", "-short"), Options(UNITS, id="unit"))
        yield Row("Name", Field("name", placeholder="empty: date, time and model"))
        yield from self._more()
        yield Static(id="about", markup=False)

    def _more(self) -> Iterator[Row]:
        """The rarer fields."""
        yield Row("Match", Field("match", placeholder="parameters; empty: the size's"), more=True)
        cut = Options(CUTS, id="cut", classes="-with")
        yield Row("Tokens", cut, Field("tokenizer", placeholder="model or pieces"), more=True)
        weights = Options(WEIGHTS, id="weights", classes="-with")
        yield Row("Weights", weights, Field("base", placeholder="name or folder of a model"), more=True)
        seeds = Row("Seeds", Field("seeds", "1", "1", "-short"), id="how-many")
        yield Row("Seed", Field("seed", "1", "1", "-short"), seeds, more=True)
        yield Row("Masks", Options(MASKS, id="masks"), more=True, id="hiding")
        yield Row("Start", Options(STARTS, id="causal"), more=True, id="starting")

    def on_mount(self) -> None:
        """Begin with the fields that the chosen model has."""
        self._fit()

    @property
    def family(self) -> int:
        """The number of the chosen model; the last are all three."""
        return self._chosen("family")

    @property
    def trio(self) -> bool:
        """Whether all three are chosen."""
        return self.family == len(FAMILIES)

    @property
    def masked(self) -> bool:
        """Whether a model with masks is among those that are chosen."""
        return self.trio or FAMILIES[self.family] == "bert"

    @property
    def seeds(self) -> int:
        """Seeds of each model. Raises UserError for what is no such number."""
        return self._whole("seeds") if self.trio else 1

    def name_typed(self) -> str:
        """The name for the run; empty for none."""
        return self._value("name")

    def choice(self) -> Choice:
        """What the fields say. Raises UserError for a field that says nothing usable."""
        masked = self.masked
        unit, budget = UNITS[self._chosen("unit")], amount(self._value("budget"))
        try:
            texts = tuple(shlex.split(self._value("texts")))
        except ValueError as error:
            raise UserError("The text cannot be read.", why=f"{error}.", hint="Quote paths with blanks.") from error
        return Choice(
            family="gpt2" if self.trio else FAMILIES[self.family],
            texts=texts,
            preset=list(PRESETS)[self._chosen("size")],
            match=round(amount(self._value("match"))),
            minutes=budget if unit == "minutes" else 0.0,
            tokens=round(budget) if unit == "tokens" else 0,
            steps=round(budget) if unit == "steps" else 0,
            seed=self._whole("seed"),
            tokenizer=self._tokenizer(),
            start=self._needed("base", "the model to train further") if self._chosen("weights") else "",
            causal_start=not masked or self._chosen("causal") == 0,
            replace="80/10/10" if masked and self._chosen("masks") else "mask",
        )

    def _tokenizer(self) -> str:
        cut = self._chosen("cut")
        if cut == 1:
            size = self._value("tokenizer")
            return f"new:{round(amount(size))}" if size else "new"
        return self._needed("tokenizer", "the model whose tokenizer is used") if cut else ""

    def _chosen(self, name: str) -> int:
        return self.query_one(f"#{name}", Options).chosen

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _needed(self, name: str, what: str) -> str:
        if not (value := self._value(name)):
            raise UserError(f"Name {what}.", hint="A name as `lookboth models` lists it, or the path of a folder.")
        return value

    def _whole(self, name: str) -> int:
        value = self._value(name) or "1"
        if not value.isdecimal() or not 0 < int(value) < 2**31:
            raise UserError(f"{value} is no whole number above 0.", hint="Type a number like 1.")
        return int(value)

    @on(Options.Changed)
    @on(Input.Changed)
    def _changed(self, event: Options.Changed | Input.Changed) -> None:
        event.stop()
        if not self.query("#about"):  # the form is being closed
            return
        self._fit()
        self._explain()
        named = isinstance(event, Input.Changed) and event.input.id == "name"
        self.post_message(self.Named() if named else self.Changed())

    def _fit(self) -> None:
        """Show what the chosen model has, and enable what another field asks for."""
        for row in ("#hiding", "#starting"):
            self.query_one(row).set_class(not self.masked, "-unmasked")
        self.query_one("#weights").disabled = self.trio
        self.query_one("#how-many").visible = self.trio
        self.query_one("#tokenizer").disabled = not self._chosen("cut")
        self.query_one("#base").disabled = self.trio or not self._chosen("weights")

    @on(DescendantFocus)
    def _explain(self) -> None:
        """Say in one line what the field with the focus is."""
        if not self.query("#about"):
            return
        field = (self.screen.focused and self.screen.focused.id) or ""
        size = list(PRESETS)[self._chosen("size")]
        about = f"{size}: {PRESETS[size].about}." if field == "size" else ABOUT.get(field, "")
        self.query_one("#about", Static).update(Content(about))
