"""Minimal pairs in Compare: two sentences are typed, asked about, and what decides between them is read."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from core.messages import Pair, Paired
from tui.engine import AnyFinal
from tui.panes.compare.saving import SavingPane
from tui.results import pairings
from tui.widgets.pair_form import PairForm
from tui.widgets.sheet import Sheet

LONGEST = 300
"""Characters of a text that is proposed as the first sentence."""


class PairingPane(SavingPane):
    """Remembers the last pair, so that one word of it can be changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("M", "pair", "Minimal pair", show=False, id="compare.pair",
                tooltip="Two sentences: which one each model prefers, and at which word that is decided."),
    ]  # fmt: skip
    sentences: tuple[str, str] | None = None

    def action_pair(self) -> None:
        def put(typed: tuple[str, str] | None) -> None:
            if typed is not None:
                self.sentences = typed
                self.ask("pair", Pair(id=self.engine.fresh(), models=self.models, good=typed[0], bad=typed[1]))

        text = " ".join(self.field.value.split())
        proposed = self.sentences or ((text, text) if len(text) <= LONGEST else ("", ""))
        self.app.push_screen(PairForm(*proposed), put)

    def answered(self, slot: str, answer: AnyFinal) -> None:
        if isinstance(answer, Paired):
            self.app.push_screen(Sheet(Content("Minimal pair"), pairings.as_table(answer.pairing)))
        else:
            super().answered(slot, answer)
