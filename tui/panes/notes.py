"""Notes: the three questions, their ten claims, and where each figure comes from."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import UserError
from tui.notes import pages as notes
from tui.notes.pages import Hit, Note
from tui.panes.pane import Pane
from tui.text import plain, shorten
from tui.widgets.outline import Outline
from tui.widgets.reader import Reader, Request

WIDE = 120
"""Columns from which the outline and the page stand side by side."""


class SearchField(Input):
    """Where a search is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave search", id="search.leave", tooltip="Close the search."),
        Binding("down", "step(1)", "Next", show=False, id="search.next", tooltip="To the next match."),
        Binding("up", "step(-1)", "Previous", show=False, id="search.previous", tooltip="To the match before."),
    ]


class NotesPane(Pane):
    """The outline on the left and a page on the right; in a narrow window one of the two."""

    TITLE = "Notes"
    ABOUT = (
        "Ten claims about BERT, GPT-2 and LSTMs, each with a verdict, the reasons, figures with their sources, and "
        "something you can run here. enter opens a page, tab goes between outline and page, / searches all notes, "
        "s shows the sources of a claim."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", id="notes.search", tooltip="Find words in all notes."),
        Binding("n", "step(1)", "Next", id="notes.next", tooltip="To the next match of the search."),
        Binding("N", "step(-1)", "Previous", show=False, id="notes.previous", tooltip="To the match before."),
        Binding("s", "sources", "Sources", id="notes.sources", tooltip="The sources of this claim, and back to it."),
        Binding("tab", "switch", "Outline/text", id="notes.switch", tooltip="From the outline to the page and back."),
        Binding("escape", "leave", "Outline", show=False, id="notes.leave", tooltip="Close the search; the outline."),
    ]
    DEFAULT_CSS = """
    NotesPane #body { height: 1fr; }
    NotesPane #search { height: 2; display: none; }
    NotesPane.-searching #search { display: block; }
    NotesPane #search Horizontal { height: 1; background: $boost; }
    NotesPane #search Static { width: auto; }
    NotesPane SearchField { width: 1fr; background: transparent; }
    NotesPane #search #found { width: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    NotesPane Outline { width: 1fr; height: 1fr; }
    NotesPane Reader { width: 1fr; display: none; }
    NotesPane.-reading Outline { display: none; }
    NotesPane.-reading Reader { display: block; }
    NotesPane.-wide Outline { display: block; width: 52; border-right: vkey $panel-lighten-2; }
    NotesPane.-wide Reader { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.notes: list[Note] = []
        self.problem = ""
        self.shown_note = 0
        self._came_from: int | None = None
        """The claim whose sources are marked."""
        self._searched_from = 0
        """What was shown when the search began: shown again while nothing matches."""
        self._hits: list[Hit] = []
        self._hit = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="search"):
            with Horizontal():
                yield Static(" / ", markup=False)
                yield SearchField(placeholder="words to find in all notes", compact=True, select_on_focus=False)
            yield Static(id="found", markup=False)
        with Horizontal(id="body"):
            yield Outline(id="outline")
            yield Reader(id="page")

    def on_mount(self) -> None:
        """Read the notes: some 50 kB, so the window does not wait for it."""
        try:
            self.notes = notes.load()
        except UserError as error:
            self.problem = str(error)
            self.say()
            return
        self.query_one(Outline).fill(self.notes)
        self._show(0)

    def on_resize(self, event: Resize) -> None:
        """Side by side where there is room."""
        self.set_class(event.size.width >= WIDE, "-wide")

    # --- what the app asks ---------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        return self.query_one(Reader if self.has_class("-reading") else Outline)

    def status(self) -> str:
        if self.problem:
            return self.problem
        if self._came_from is not None:
            claim = self.notes[self._came_from].key
            return f"{len(notes.sources(self.notes, claim))} works cited in {claim} are marked. s goes back to it"
        return ""

    def as_text(self) -> str:
        return notes.page(self.notes[self.shown_note], self.notes) if self.notes else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the next match only during a search, sources only where there are some."""
        if action == "step":
            return bool(self._hits)
        if action == "sources":
            return self._came_from is not None or bool(self.notes and self.notes[self.shown_note].claim)
        return True

    # --- pages ---------------------------------------------------------------------------------------------

    def _show(self, number: int, request: Request | None = None) -> None:
        """Show note `number`, without touching where the focus is."""
        if not self.notes:
            return
        self.shown_note = number
        self.query_one(Outline).highlighted = number
        page = notes.page(self.notes[number], self.notes)
        self.query_one(Reader).read((request or Request(""))._replace(page=page))
        self.refresh_bindings()
        self.say()

    def _open(self) -> None:
        self.add_class("-reading")
        self.query_one(Reader).focus()

    @on(Outline.OptionHighlighted)
    def _preview(self, event: Outline.OptionHighlighted) -> None:
        if self.query_one(Outline).has_focus and event.option_index != self.shown_note:
            self._came_from = None
            self._show(event.option_index)

    @on(Outline.OptionSelected)
    def _chosen(self, event: Outline.OptionSelected) -> None:
        if event.option_index != self.shown_note:
            self._came_from = None
            self._show(event.option_index)
        self._open()

    def action_switch(self) -> None:
        """From the outline to the page, or back."""
        if self.query_one(Reader).has_focus:
            self._to_outline()
        else:
            self._open()

    def action_leave(self) -> None:
        """Close the search if it is open, else go to the outline."""
        if self.has_class("-searching"):
            self.remove_class("-searching")
            self._hits = []
            self._show(self.shown_note)
            self._open()
        else:
            self._to_outline()

    def _to_outline(self) -> None:
        self.remove_class("-reading")
        self.query_one(Outline).focus()

    def action_sources(self) -> None:
        """The references with this claim's sources marked; from there, back to the claim."""
        if self._came_from is not None:
            number, self._came_from = self._came_from, None
            self._show(number)
        elif self.notes and self.notes[self.shown_note].claim:
            self._came_from = self.shown_note
            lines = notes.sources(self.notes, self.notes[self.shown_note].key)
            self._show(
                next(at for at, note in enumerate(self.notes) if note.key == notes.REFERENCES), Request("", lines)
            )
        self._open()

    # --- search --------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Open the search field, with the words of the last search."""
        if not self.has_class("-searching"):
            self.add_class("-searching")
            self._searched_from = self.shown_note
        field = self.query_one(SearchField)
        field.focus()
        field.action_end()
        self._find(field.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self.has_class("-searching"):
            self._find(event.value)

    @on(Input.Submitted)
    def _entered(self) -> None:
        if self._hits:
            self._open()

    def _find(self, words: str) -> None:
        self._hits, self._hit = notes.search(self.notes, words), 0
        self._go()

    def action_step(self, by: int) -> None:
        """To the match `by` places further, round the ends."""
        if self._hits:
            self._hit = (self._hit + by) % len(self._hits)
            self._go()

    def _go(self) -> None:
        words = self.query_one(SearchField).value
        line = self.query_one("#found", Static)
        if not self._hits:
            line.update(plain("0 matches" if words.strip() else "matches are shown as you type"))
            self._show(self._searched_from)
            return
        hit = self._hits[self._hit]
        count = f"{self._hit + 1} of {len(self._hits)} matches · {self.notes[hit.note].key} · "
        before = hit.before if len(hit.before) < 30 else "…" + hit.before[-29:]
        line.update(Content.assemble(count, before, (shorten(hit.found, 40), "reverse"), hit.after))
        self.add_class("-reading")
        self._came_from = None
        self._show(hit.note, Request("", [hit.line], notes.pattern(words)))
