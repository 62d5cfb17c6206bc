"""The choice of one of one's own runs, from a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from core.runs import Progress, RunFile
from tui.text import one_line, plain, shorten
from tui.widgets.picker import Picker
from tui.words import short

NAME, ABOUT = 26, 40
"""Columns of a run's name, and of what there is to say about it."""


class OwnRun(NamedTuple):
    """A run as it was read."""

    name: str
    file: RunFile
    progress: Progress | None


class RunPicker(Picker[OwnRun]):
    """Answers with a run, or None."""

    VERB = "takes it"

    def __init__(self, title: str, runs: Sequence[OwnRun]) -> None:
        super().__init__(title, [(one, line(one)) for one in runs])


def line(run: OwnRun) -> Content:
    """A run in one line: its name, what it trains, and how far it is."""
    name = plain(shorten(one_line(run.name), NAME)).stylize("bold")
    planned = run.file.steps or run.file.settings.steps
    done = run.progress.step if run.progress else 0
    steps = f"{done:,} of {planned:,} steps" if planned else f"{done:,} steps"
    size = f"{short(run.file.parameters)} · " if run.file.parameters else ""
    about = plain(shorten(one_line(f"{run.file.settings.family} · {size}{steps}"), ABOUT))
    return Content.assemble(name.pad_right(NAME + 2 - name.cell_length), about)
