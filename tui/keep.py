"""Copies and writes what a person wants to keep, and looks which training runs go on without the window."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from core import paths, runs
from core.errors import UserError
from tui.clean import clean
from tui.panes.pane import Files, Pane
from tui.widgets.problem import Problem

if TYPE_CHECKING:
    from tui.app import LookbothApp

LEAVING = 0.7
"""Seconds that the engine and the look for running trainers may take when the window closes."""

SAVING = 1.0
"""Seconds between two looks whether a draft or a choice changed."""


async def copy(app: LookbothApp) -> None:
    """Send what the pane shows to the clipboard of the person's own terminal (OSC 52)."""
    text = await asyncio.to_thread(app.pane.as_text)
    if not text:
        app.say("There is nothing to copy here yet.")
        return
    app.copy_to_clipboard(text)
    app.say(f"Copied {len(text.splitlines())} lines through your terminal. If none arrive, e writes files.")


async def export(app: LookbothApp) -> None:
    """Write what the pane shows to files, and say where they are."""
    pane = app.pane
    files = await asyncio.to_thread(pane.as_files)
    if not files:
        app.say("There is nothing to export here yet.")
        return
    try:
        written = await asyncio.to_thread(write, pane.TITLE.lower(), files)
    except UserError as error:
        app.fail(Problem.of(error))
        return
    app.say("Written: " + " and ".join(written))


def recall(app: LookbothApp) -> None:
    """Take up what was kept the last time, and remember the theme from now on."""
    for complaint in app.memory.recall():
        app.say(complaint, "warning")
    if theme := app.memory.theme(app.available_themes, app.console.color_system, not app.no_color):
        app.theme = theme
    app.theme_changed_signal.subscribe(app, lambda theme: app.memory.chose_theme(theme.name))


async def save(app: LookbothApp) -> None:
    """Write down what a person typed or chose since the last time."""
    for complaint in await asyncio.to_thread(app.memory.write):
        app.say(complaint, "warning")


async def farewell(app: LookbothApp) -> Text | None:
    """Write what is not written yet, end the engine, and name the trainings that go on; in under a second."""
    look = asyncio.ensure_future(asyncio.to_thread(running))
    write_down = asyncio.ensure_future(asyncio.to_thread(app.memory.write))
    ends = [app.engine.stop(), *(pane.end() for pane in app.window.query(Pane))]
    await asyncio.wait([look, write_down, *map(asyncio.ensure_future, ends)], timeout=LEAVING)
    going_on = look.result() if look.done() and not look.exception() else []
    return Text("\n".join(f"Training goes on: {clean(run)}" for run in going_on)) if going_on else None


def write(pane: str, files: Files) -> list[str]:
    """Write `files` (contents by suffix) under `paths.exports()`, never over an older one; their paths.

    Raises UserError when that fails; what is not whole is removed.
    """
    written: list[str] = []
    try:
        folder = paths.private(paths.exports())
        stem = free_stem(pane, files)
        for suffix, content in files.items():
            _fill(path := folder / f"{stem}.{suffix}", [content] if isinstance(content, str) else content)
            written.append(str(path))
    except OSError as error:
        raise UserError(
            "The file cannot be written.", why=str(error), hint="Set LOOKBOTH_HOME to a folder with room."
        ) from error
    return written


def _fill(path: Path, pieces: Iterable[str]) -> None:
    with open(path, "x", encoding="utf-8", errors="surrogatepass", newline="") as file:
        try:
            file.writelines(pieces)
            file.flush()
        except BaseException:
            path.unlink()
            raise


def free_stem(pane: str, files: Files) -> str:
    """A file name by date and time that no file of `files` has yet."""
    stem = f"{pane}-{time.strftime('%Y-%m-%d-%H%M%S')}"
    taken = {path.stem for path in paths.exports().glob(f"{stem}*")}
    number = 1
    name = stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def running() -> list[str]:
    """Ids of the training runs that go on on this machine."""
    found = []
    for run in runs.every():
        try:
            if run.state() == "running":
                found.append(run.id)
        except UserError:  # a run that cannot be read is not one to name here; the Train pane shows it
            continue
    return found
