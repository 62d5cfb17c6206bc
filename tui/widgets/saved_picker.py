"""The choice of something saved: from the list, or any file by its path."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar, Generic

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.errors import UserError
from tui.results.store import Saved, Store, T
from tui.text import one_line, passage, plain, shorten


class SavedPicker(ModalScreen[tuple[str, T] | None], Generic[T]):
    """Answers with what was saved, and where it comes from in words; the file is read in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="saved.close", tooltip="Leave everything as it is."),
        Binding("slash", "path", "Path", id="saved.path", tooltip="Name a file."),
    ]

    def __init__(self, title: str, store: Store[T]) -> None:
        super().__init__()
        self.heading, self.store = title, store
        self.saved: list[Saved] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large") as box:
            box.border_title = self.heading
            box.border_subtitle = "enter opens · / path · esc closes"
            yield OptionList(id="entries", compact=True, markup=False)
            yield Input(placeholder="/ then the path of a file that --json or e wrote", compact=True)
            yield Static(id="note")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        self.saved = await asyncio.to_thread(self.store.every)
        entries = self.query_one(OptionList)
        entries.set_options(Option(self._line(one)) for one in self.saved)
        entries.highlighted = 0 if self.saved else None
        self._note("" if self.saved else "Nothing was saved yet: w saves what is shown.")

    def _line(self, one: Saved) -> Content:
        made = "with the lab    " if one.ships else time.strftime("%Y-%m-%d %H:%M", time.localtime(one.time))
        return Content.assemble(f"{made}  ", plain(shorten(one_line(one.name), 60)))

    def _note(self, text: str) -> None:
        self.query_one("#note", Static).update(passage(text))

    def action_path(self) -> None:
        self.query_one(Input).focus()

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        self._open(str(self.saved[event.option_index].path))

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._open(event.value.strip())

    @work(exclusive=True, group="open")
    async def _open(self, reference: str) -> None:
        try:
            path = await asyncio.to_thread(self.store.find, reference)
            self._note(f"Opening {one_line(path.name)}…")
            found = await asyncio.to_thread(self.store.read, path)
        except UserError as error:
            self._note(str(error))
        else:
            self.dismiss((self.store.origin(path), found))
