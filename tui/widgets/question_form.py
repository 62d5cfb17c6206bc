"""What the forms for long questions share: rows, numbers within bounds, a note, and the two buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from core import catalogue
from core.catalogue import Entry
from core.errors import UserError
from tui import commands
from tui.help import HelpScreen
from tui.text import plain
from tui.widgets.ticks import Ticks

Asked = TypeVar("Asked")
PLACE = "a file or folder; empty: a held-out text of this machine, else the Python documentation"


class QuestionForm(ModalScreen[Asked | None]):
    """Answers with what is to be asked, or with None. `Ticks` called `models` are among its fields."""

    HEADING: ClassVar = ""
    ABOUT: ClassVar = ""
    GROUP: ClassVar = ""
    """What its keys are filed under in the help."""
    KEYS = "space in/out · tab next · ctrl+s starts · esc closes"
    DEFAULT_CSS = """
    QuestionForm { align: center middle; }
    QuestionForm Static { height: auto; }
    QuestionForm Ticks { height: 1fr; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    QuestionForm Input { background: $boost; }
    QuestionForm .row { height: 1; }
    QuestionForm #buttons { height: 1; align-horizontal: right; }
    QuestionForm Button { margin-left: 2; }
    """

    def ending(self) -> ComposeResult:
        """The last rows: what is wrong with the choice, and the buttons."""
        yield Static(id="note", markup=False)
        with Horizontal(id="buttons"):
            yield Button("Cancel (esc)", id="cancel", compact=True)
            yield Button("Start (ctrl+s)", id="start", compact=True, variant="primary")

    def note(self, text: str) -> None:
        """Say it above the buttons."""
        self.query_one("#note", Static).update(plain(text))

    def ticks(self, id: str) -> Ticks:
        return self.query_one(f"#{id}", Ticks)

    def action_help(self) -> None:
        """Explain the form and its keys."""
        actions = [*commands.of(self, self.GROUP), *commands.of(self.query(Ticks).first(), self.GROUP)]
        self.app.push_screen(HelpScreen(self.HEADING, self.ABOUT, "", actions))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Start nothing."""
        self.dismiss(None)


class TextForm(QuestionForm[Asked]):
    """Of a text, which may be a file, by some models and with some numbers."""

    NUMBERS: ClassVar[Mapping[str, tuple[int, int]]] = {}
    """The least and the greatest of what may be typed, by the name of the field."""
    DEFAULT_CSS = """
    TextForm .row Input.number { width: 10; }
    TextForm #text { width: 1fr; }
    """

    def text_row(self, path: str) -> ComposeResult:
        """Where the path of a text is typed."""
        with Horizontal(classes="row"):
            yield Static(Content("Text"), classes="label")
            yield Input(path, placeholder=PLACE, compact=True, id="text")

    def number_row(self, values: Iterable[tuple[str, int]]) -> ComposeResult:
        """Numbers beside each other, by the name above each field."""
        with Horizontal(classes="row"):
            for name, value in values:
                yield Static(Content(name), classes="label")
                yield Input(str(value), compact=True, id=name.lower(), type="integer", classes="number")

    def numbers(self) -> dict[str, int] | None:
        """What was typed; None, and a note, where something is out of its bounds."""
        found = {}
        for name, (least, most) in self.NUMBERS.items():
            typed = self.query_one(f"#{name}", Input).value
            if not (typed.isascii() and typed.isdigit() and least <= int(typed) <= most):
                self.note(f"{name.capitalize()} is a whole number from {least:,} to {most:,}.")
                return None
            found[name] = int(typed)
        return found

    @property
    def path(self) -> str:
        """The path that was typed, absolute; empty for none."""
        typed = self.query_one("#text", Input).value.strip()
        return str(Path(typed).expanduser().absolute()) if typed else ""

    @work(exclusive=True, group="look")
    async def look(self) -> None:
        """Look which models there are, off the event loop."""
        try:
            entries = await asyncio.to_thread(catalogue.every)
        except UserError as error:
            self.note(str(error))
            return
        if self.is_mounted:
            self.fill(entries)

    def fill(self, entries: list[Entry]) -> None:
        """Show the models of this machine."""
        raise NotImplementedError


def kinds(entries: Iterable[Entry]) -> dict[str, str]:
    """What is said of each model in a list of them."""
    return {one.name: f"{one.kind or 'kind unknown'}, {one.source}" for one in entries}
