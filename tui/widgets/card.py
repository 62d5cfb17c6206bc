"""The card of a claim: the verdict of the literature, the one that was measured, when, and on what."""

from __future__ import annotations

from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui.notes.known import STYLES, Known, called, source
from tui.notes.pages import Note
from tui.text import cells, plain, shorten


class Card(Static):
    """Two lines, cut where there is no room; empty for a note that is no claim."""

    DEFAULT_CSS = """
    Card { height: 2; background: $boost; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._shown: tuple[Note, Known, bool] | None = None

    def show(self, note: Note, known: Known, checkable: bool) -> None:
        """Show a claim; `checkable` if there is an experiment for it."""
        self._shown = (note, known, checkable)
        self._paint()

    def on_resize(self, event: Resize) -> None:
        """Cut it for the width."""
        self._paint()

    def _paint(self) -> None:
        if self._shown is not None:
            self.update(Content("\n").join(lines(*self._shown, max(20, self.size.width - 2))))


def lines(note: Note, known: Known, checkable: bool, width: int) -> tuple[Content, Content]:
    """The card in two lines of `width` columns."""
    said = called(note.verdict)
    room = width - len(f"{note.key}  literature  {said}  ")
    first = Content.assemble(
        (f"{note.key}", "bold"), ("  literature  ", "$text-muted"), (said, f"bold {STYLES[note.verdict]}"), "  ",
        (shorten(note.title, room), "$text-muted"),
    )  # fmt: skip
    lead = " " * len(note.key) + "  measured    "
    if (best := known.best) is None:
        wish = "not yet: r measures it" if checkable else "no experiment yet"
        return first, Content.assemble((lead + wish, "$text-muted"))
    verdict = called(best.verdict)
    room = width - cells(lead) - cells(verdict) - 2
    about = shorten(plain(source(best, known.made if known.here else None)).plain, room)
    return first, Content.assemble(
        (lead, "$text-muted"), (verdict, f"bold {STYLES[best.verdict]}"), (f"  {about}", "$text-muted")
    )
