"""Several options of which any number may be chosen, one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.text import cells, one_line, plain, shorten

NAME = 24
"""Cells of an option's name."""


class Ticks(OptionList):
    """What is chosen is marked `[x]`, so that no colour is needed to find it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "In/out", id="ticks.flip", tooltip="Choose what is under the cursor, or do not."),
    ]

    class Changed(Message):
        """Something was put in or out."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True, markup=False)
        self.entries: dict[str, str] = {}
        self._in: set[str] = set()

    @property
    def chosen(self) -> list[str]:
        """The names that are in, in the order in which they stand."""
        return [name for name in self.entries if name in self._in]

    def fill(self, entries: Sequence[tuple[str, str]], chosen: Iterable[str]) -> None:
        """Show these names, each with what it is; those of `chosen` are in."""
        self.entries, self._in = dict(entries), set(chosen)
        self._paint(0)

    def add(self, name: str, what: str) -> None:
        """Put one more name in."""
        self.entries[name] = what
        self._in.add(name)
        self._paint(len(self.entries) - 1)
        self.post_message(self.Changed())

    @on(OptionList.OptionSelected)
    def _flip(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._in ^= {list(self.entries)[event.option_index]}
        self._paint(event.option_index)
        self.post_message(self.Changed())

    def _paint(self, highlighted: int) -> None:
        self.set_options(Option(self._line(name, what)) for name, what in self.entries.items())
        self.highlighted = highlighted if self.entries else None

    def _line(self, name: str, what: str) -> Content:
        called = shorten(one_line(name), NAME)
        mark = "x" if name in self._in else " "
        return Content(f"[{mark}] {called}{' ' * (NAME - cells(called))}  ") + plain(what)
