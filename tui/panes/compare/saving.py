"""What Compare keeps: a comparison is saved by name, opens again, and is laid beside another."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea

from core.errors import UserError
from core.messages import Comparison
from tui.panes.compare.asking import METHODS, AskingPane
from tui.results import comparisons
from tui.results.differences import as_table, differences
from tui.widgets.entry import Entry
from tui.widgets.problem import Problem
from tui.widgets.saved_picker import SavedPicker
from tui.widgets.sheet import Sheet

ABOUT = "Saved with the text, the models' identities, the method and every number; ctrl+o opens it again."


class SavingPane(AskingPane):
    """Every file is read and written in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "save", "Save", show=False, id="compare.save", tooltip="Save this comparison under a name."),
        Binding("ctrl+o", "saved", "Saved", show=False, id="compare.saved", tooltip="Open a saved comparison."),
        Binding("D", "against", "Against", show=False, id="compare.against",
                tooltip="What changed since a saved comparison: words, numbers, models."),
    ]  # fmt: skip

    def action_save(self) -> None:
        if (comparison := self.comparison) is None:
            self.lab.say("There is nothing to save here yet.")
            return

        def keep(name: str | None) -> None:
            if name is not None:
                self.run_worker(self._save(comparison, name), group="save")

        entry = Entry(Content("Save this comparison"), ABOUT, comparisons.name_of(comparison.text), comparisons.check)
        self.app.push_screen(entry, keep)

    async def _save(self, comparison: Comparison, name: str) -> None:
        try:
            path = await asyncio.to_thread(comparisons.save, comparison, name)
        except UserError as error:
            self.lab.fail(Problem.of(error))
        else:
            self.lab.say(f"Saved: {path}")

    def action_saved(self) -> None:
        self.app.push_screen(SavedPicker("Saved comparisons", comparisons.STORE), self._opened)

    def _opened(self, found: tuple[str, Comparison] | None) -> None:
        if found is None:
            return
        origin, comparison = found
        with self.prevent(TextArea.Changed):
            self.take(comparison.text)
        if self.asked == self.field.value:
            self.lab.memory.typed(self.key, self.field.value)
        used = {one.method for one in comparison.models.values()}
        self.method = next((one for one in METHODS if one in used), self.method)
        self.live = True  # so that a new engine does not replace it unasked
        self.refused = ""
        self.take_up(comparison, origin)

    def action_against(self) -> None:
        if (comparison := self.comparison) is None:
            self.lab.say("There is nothing to compare with here yet.")
            return

        def lay(found: tuple[str, Comparison] | None) -> None:
            if found is not None:
                self.run_worker(self._lay(*found, comparison), group="against")

        self.app.push_screen(SavedPicker("What changed since…", comparisons.STORE), lay)

    async def _lay(self, origin: str, old: Comparison, new: Comparison) -> None:
        table = await asyncio.to_thread(lambda: as_table(differences(old, new)))
        self.app.push_screen(Sheet(Content(f"Against what was {origin}"), table))
