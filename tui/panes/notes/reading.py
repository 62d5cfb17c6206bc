"""Reading the notes: a page at a time, links, the way back, bookmarks, and sources."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from core.errors import UserError
from tui.notes import pages as notes
from tui.notes.history import History
from tui.notes.known import Known
from tui.notes.links import REFERENCES
from tui.notes.pages import Note
from tui.panes.apart import ApartPane
from tui.text import shorten
from tui.widgets.note_picker import NotePicker
from tui.widgets.outline import Outline
from tui.widgets.reader import Reader, Request

PAGE, LAB = "-reading", "-trying"
"""What is in front, as a class of the pane; neither while it is the outline."""


class ReadingPane(ApartPane):
    """Knows which note is shown and which were."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sources", "Sources", id="notes.sources", tooltip="The sources of this claim, and back to it."),
        Binding("alt+left,backspace", "travel(-1)", "Back", key_display="alt+←", id="notes.back",
                tooltip="To the note read before; so does backspace."),
        Binding("alt+right", "travel(1)", "Forward", show=False, id="notes.forward",
                tooltip="To the note from which you went back."),
        Binding("b", "bookmark", "Bookmark", show=False, id="notes.bookmark",
                tooltip="Put a bookmark here, or take it away; remembered."),
        Binding("B", "bookmarks", "Bookmarks", show=False, id="notes.bookmarks", tooltip="Open a bookmark."),
    ]  # fmt: skip

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.notes: list[Note] = []
        self.problem = ""
        self.shown_note = 0
        self.history = History()
        self.known: dict[str, Known] = {}
        """What was measured, by claim."""
        self._came_from: int | None = None
        """The claim whose sources are marked."""

    @property
    def note(self) -> Note | None:
        """The one that is shown."""
        return self.notes[self.shown_note] if self.notes else None

    def turned(self) -> None:
        """Called when another note is shown."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer sources only where there are some, and the way back once there is one."""
        if action == "sources":
            return self._came_from is not None or bool(self.note and self.note.claim)
        if action == "travel":
            by = parameters[0]
            return isinstance(by, int) and self.history.ahead(by) is not None
        return super().check_action(action, parameters)

    # --- pages ---------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the notes: some 100 kB, so the window does not wait for it."""
        try:
            self.notes = notes.load()
        except UserError as error:
            self.problem = str(error)
            self.say()
            return
        self.query_one(Outline).fill(self.notes)
        self.tell()
        self.show_note(0)

    def show_note(self, number: int, request: Request | None = None) -> None:
        """Show note `number`, without touching where the focus is."""
        if not self.notes:
            return
        self.shown_note = number
        self.query_one(Outline).highlighted = number
        note = self.notes[number]
        page = notes.page(note, self.notes)
        self.query_one(Reader).read((request or Request(""))._replace(page=page, key=note.key))
        self.turned()
        self.refresh_bindings()
        self.say()

    def open_note(self, key: str, start: str = "") -> None:
        """Go to the note `key` and read it, at the piece that begins with `start` where there is one."""
        if not self.notes and not self.problem:  # asked before there was a first paint
            self.read()
        if (number := notes.number_of(self.notes, key)) is None:
            return
        self.leave_search()
        self._came_from = None
        line = notes.entry(self.notes[number], start) if start else None
        self.show_note(number, Request("", [] if line is None else [line]))
        self.in_front()

    def leave_search(self) -> None:
        """Called before another page is opened from elsewhere."""

    def in_front(self) -> None:
        """The page that is shown is read now: it has the focus."""
        if self.note is not None:
            self.history.visit(self.note.key)
        self.face(PAGE)

    def face(self, face: str) -> None:
        """Bring the outline (""), the page or the experiment to the front, and focus it."""
        raise NotImplementedError

    @on(Outline.OptionHighlighted)
    def _preview(self, event: Outline.OptionHighlighted) -> None:
        if self.query_one(Outline).has_focus and event.option_index != self.shown_note:
            self._came_from = None
            self.show_note(event.option_index)

    @on(Outline.OptionSelected)
    def _chosen(self, event: Outline.OptionSelected) -> None:
        if event.option_index != self.shown_note:
            self._came_from = None
            self.show_note(event.option_index)
        self.in_front()

    # --- links, the way back, bookmarks --------------------------------------------------------------------

    @on(Reader.Followed)
    def _followed(self, event: Reader.Followed) -> None:
        event.stop()
        self.open_note(event.link.key, f"{event.link.entry}." if event.link.entry else "")

    def action_travel(self, by: int) -> None:
        """Back to the note read before, or forward again."""
        if (key := self.history.go(by)) is not None:
            self.open_note(key)

    def action_bookmark(self) -> None:
        """Put a bookmark on this note, or take it away."""
        if self.note is not None:
            now = self.lab.memory.flip_bookmark(self.note.key)
            self.tell()
            self.lab.say(f"A bookmark is on {self.note.key}: B lists them." if now else "The bookmark is gone.")

    def action_bookmarks(self) -> None:
        """Choose one of the bookmarks."""
        titles = {note.key: note.title for note in self.notes}
        marked = [(key, shorten(titles[key], 60)) for key in self.lab.memory.bookmarks if key in titles]
        if not marked:
            self.lab.say("There is no bookmark yet: b puts one on the note that is shown.")
            return
        self.app.push_screen(NotePicker("Bookmarks", marked), self._go)

    def _go(self, key: str | None) -> None:
        if key is not None:
            self.open_note(key)

    def tell(self) -> None:
        """Bring the marks of the outline up to date."""
        measured = {claim: known.best.verdict for claim, known in self.known.items() if known.best}
        self.query_one(Outline).tell(measured, self.lab.memory.bookmarks)

    def action_sources(self) -> None:
        """The references with this claim's sources marked; from there, back to the claim."""
        if self._came_from is not None:
            number, self._came_from = self._came_from, None
            self.show_note(number)
        elif self.note and self.note.claim:
            self._came_from = self.shown_note
            lines = notes.sources(self.notes, self.note.key)
            number = next(at for at, note in enumerate(self.notes) if note.key == REFERENCES)
            self.show_note(number, Request("", lines))
        self.in_front()
