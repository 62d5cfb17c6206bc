"""The choice of models for a pane: those on this machine, or any Hugging Face folder by its path."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core import catalogue
from core.catalogue import Entry
from core.errors import UserError
from tui.text import one_line, passage, plain, shorten


class ModelPicker(ModalScreen[list[str] | None]):
    """space puts a model in or out, enter takes the choice; the order of choosing is the order on screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="models.close", tooltip="Leave the models as they are."),
        Binding("space", "flip", "In/out", id="models.toggle", tooltip="Put the model in or out."),
        Binding("slash", "path", "Path", id="models.path", tooltip="Name a folder or a cached model."),
    ]

    def __init__(self, chosen: list[str], most: int) -> None:
        """`chosen` are in use now; `most` can be at once."""
        super().__init__()
        self.chosen = list(chosen)
        self.most = most
        self.touched = False
        self.entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large") as box:
            box.border_title = f"Models of this pane (up to {self.most})"
            box.border_subtitle = "space in/out · / path · enter takes them · esc closes"
            yield OptionList(id="entries", compact=True, markup=False)
            yield Input(placeholder="/ then the path of a model folder, a run (ID@STEP) or a cached name", compact=True)
            yield Static(id="note")

    def on_mount(self) -> None:
        self.query_one("#note", Static).update(Content("looking for models…"))
        self.query_one(OptionList).focus()
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        try:
            found = await asyncio.to_thread(catalogue.every)
        except UserError as error:
            self._note(str(error))
            return
        known = {entry.name for entry in found}
        others = [name for name in self.chosen if name not in known]
        self.entries = [*found, *[entry for name in others if (entry := await self._resolve(name))]]
        self._note("" if self.entries else "There are no models on this machine yet.")
        self._fill(0)

    async def _resolve(self, reference: str) -> Entry | None:
        try:
            return await asyncio.to_thread(catalogue.resolve, reference)
        except UserError as error:
            self._note(str(error))
            return None

    def _note(self, text: str) -> None:
        self.query_one("#note", Static).update(passage(text))

    def _fill(self, highlighted: int) -> None:
        entries = self.query_one(OptionList)
        entries.set_options(Option(self._line(entry)) for entry in self.entries)
        entries.highlighted = highlighted if self.entries else None

    def _line(self, entry: Entry) -> Content:
        number = self.chosen.index(entry.name) + 1 if entry.name in self.chosen else 0
        about = f"{entry.kind or 'kind unknown'} · {entry.source} · {entry.architecture or '?'}"
        name = plain(shorten(one_line(entry.name), 26))
        name = name.pad_right(28 - name.cell_length)
        return Content.assemble(f"[{number or ' '}] ", name, plain(shorten(one_line(about), 36)))

    def action_flip(self) -> None:
        entries = self.query_one(OptionList)
        if entries.highlighted is None:
            return
        name = self.entries[entries.highlighted].name
        self.touched = True
        if name in self.chosen:
            self.chosen.remove(name)
        elif len(self.chosen) == self.most:
            self._note(f"No more than {self.most} at once: put one out first.")
            return
        else:
            self.chosen.append(name)
        self._note("")
        self._fill(entries.highlighted)

    def action_path(self) -> None:
        self.query_one(Input).focus()

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        if not self.touched and self.entries[event.option_index].name not in self.chosen:
            self.action_flip()  # a person who pressed nothing but enter means the model under the cursor
        if self.chosen:
            self.dismiss(self.chosen)
        else:
            self._note("Put at least one model in with space.")

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._open(event.value.strip())

    @work(exclusive=True, group="open")
    async def _open(self, reference: str) -> None:
        entry = await self._resolve(reference)
        if entry is None:
            return
        self.entries = [one for one in self.entries if one.name != entry.name] + [entry]
        if entry.name not in self.chosen:
            self.chosen = [*self.chosen[: self.most - 1], entry.name]
        self._note("")
        self._fill(len(self.entries) - 1)
        self.query_one(Input).value = ""
        self.query_one(OptionList).focus()
