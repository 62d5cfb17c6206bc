"""The choice of one of one's own runs, from a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.runs import Progress, RunFile
from tui.text import one_line, plain, shorten
from tui.words import short

NAME, ABOUT = 26, 40
"""Columns of a run's name, and of what there is to say about it."""


class OwnRun(NamedTuple):
    """A run as it was read."""

    name: str
    file: RunFile
    progress: Progress | None


class RunPicker(ModalScreen[OwnRun | None]):
    """Answers with a run, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="run_picker.close", tooltip="Leave everything as it is."),
        Binding("j", "list('cursor_down')", "Down", show=False, id="run_picker.down", tooltip="The next one."),
        Binding("k", "list('cursor_up')", "Up", show=False, id="run_picker.up", tooltip="The one before."),
    ]
    DEFAULT_CSS = """
    RunPicker { align: center middle; }
    RunPicker OptionList { height: auto; max-height: 16; background: transparent; border: none; }
    """

    def __init__(self, title: str, runs: Sequence[OwnRun]) -> None:
        super().__init__()
        self.heading, self.runs = title, runs

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.heading)
            box.border_subtitle = "enter takes it · esc closes"
            yield OptionList(*(Option(line(one)) for one in self.runs), compact=True, markup=False)

    def action_list(self, name: str) -> None:
        """Go through the list."""
        getattr(self.query_one(OptionList), f"action_{name}")()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.runs[event.option_index])


def line(run: OwnRun) -> Content:
    """A run in one line: its name, what it trains, and how far it is."""
    name = plain(shorten(one_line(run.name), NAME)).stylize("bold")
    planned = run.file.steps or run.file.settings.steps
    done = run.progress.step if run.progress else 0
    steps = f"{done:,} of {planned:,} steps" if planned else f"{done:,} steps"
    size = f"{short(run.file.parameters)} · " if run.file.parameters else ""
    about = plain(shorten(one_line(f"{run.file.settings.family} · {size}{steps}"), ABOUT))
    return Content.assemble(name.pad_right(NAME + 2 - name.cell_length), about)
