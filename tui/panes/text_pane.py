"""What Predict and Compare share: a text field with a draft, study passages, and models of one's choice."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from core import catalogue
from core.passages import Passage
from tui.panes.pane import Pane
from tui.widgets.field import TextField
from tui.widgets.model_picker import ModelPicker
from tui.widgets.passage_picker import PassagePicker


class TextPane(Pane):
    """A pane that asks models about a text."""

    MODELS = True
    MOST: ClassVar[int] = 3
    """Models that can be asked at once."""
    PLACEHOLDER: ClassVar[str] = ""
    PASTED: ClassVar[int | None] = None
    """Characters that may be pasted into the field at once; None: any number."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "edit", "Edit", id="text.edit", tooltip="Go to the text field; esc comes back."),
        Binding("o", "passages", "Open", id="text.passages", tooltip="Open a study passage."),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.key = id
        self.field = TextField(id=f"{id}-field", placeholder=self.PLACEHOLDER, most=self.PASTED)

    def recall(self, text: str) -> None:
        """Take up the models of the last time, and `text` without calling it a change."""
        with self.prevent(TextArea.Changed):
            self.field.load_text(text)
        bundled = tuple(entry.name for entry in catalogue.bundled())
        self.models = self.lab.memory.models(self.key, bundled or catalogue.BUNDLED)[: self.MOST]

    def changed(self) -> None:
        """Called when the text or the models are no longer those of the last question."""

    def take(self, text: str) -> None:
        """Put another text into the field, in one step that ctrl+z takes back."""
        self.field.put(text, 0, len(self.field.text))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.lab.memory.typed(self.key, self.field.value)
        self.changed()

    def action_edit(self) -> None:
        self.field.focus()
        self.field.action_edge(True)

    def action_passages(self) -> None:
        self.app.push_screen(PassagePicker(), self._passage)

    def _passage(self, chosen: Passage | None) -> None:
        if chosen:
            self.take(chosen.text)
            self.opened()

    def opened(self) -> None:
        """Called after a passage was opened or models were chosen, which is a question in itself."""

    def choose_models(self) -> None:
        self.app.push_screen(ModelPicker(self.models, self.MOST), self.use_models)

    def use_models(self, names: list[str] | None) -> None:
        """Ask these models from now on; None or none leaves everything as it is."""
        if names and names != self.models:
            self.models = names
            self.lab.memory.chose_models(self.key, names)
            self.opened()
            self.say()

    def open_model(self, reference: str) -> None:
        """Put one more model in front of the others."""
        self.use_models([reference, *(name for name in self.models if name != reference)][: self.MOST])
