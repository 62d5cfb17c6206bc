"""Notes: the three questions, their ten claims, where each figure comes from, and what one measures oneself."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from tui.findings import text
from tui.findings.files import as_files
from tui.notes import bibtex
from tui.notes import pages as notes
from tui.notes.known import Known
from tui.notes.links import REFERENCES
from tui.notes.markdown import pieces
from tui.panes.notes.experimenting import ExperimentingPane
from tui.panes.notes.reading import LAB, PAGE
from tui.panes.notes.searching import SearchField
from tui.panes.pane import Files
from tui.widgets.card import Card
from tui.widgets.experiment import ExperimentView
from tui.widgets.outline import Outline
from tui.widgets.reader import Reader
from tui.words import duration

WIDE, BROAD = 120, 152
"""Columns from which two things stand side by side, and from which three do."""


class NotesPane(ExperimentingPane):
    """Outline, page and experiment: one of them in a narrow window, two or all three side by side in a wider one."""

    TITLE = "Notes"
    ABOUT = (
        "Ten claims about BERT, GPT-2 and LSTMs, each with a verdict, the reasons, figures with their sources, and "
        "an experiment. r measures the claim in front, in about a minute; watch the chart grow and read the verdict, "
        "then turn a knob with ←→, or type it after enter, and measure again; what follows from the knobs alone is "
        "shown at once. enter opens a page, tab goes from outline to page to experiment and its heat maps, where "
        "arrows go from cell to cell, / searches all notes, ←→ choose a link in a page and enter follows it, s shows "
        "the sources of a claim."
    )
    LEGEND = (
        "✓ supported · ✗ refuted · ± mixed, or under conditions · ? the intervals do not decide · ◆ bookmark · "
        "* a knob that you turned. Letters on a curve: the result that ships. Where references stand, y copies the "
        "BibTeX of the chosen one, else the whole page."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab",
            "switch",
            "Next part",
            id="notes.switch",
            tooltip="From outline to page to experiment, to its heat maps.",
        ),
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
    NotesPane ExperimentView { width: 1fr; display: none; }
    NotesPane.-reading Outline, NotesPane.-trying Outline { display: none; }
    NotesPane.-reading Reader { display: block; }
    NotesPane.-trying ExperimentView { display: block; }
    NotesPane.-wide Outline { width: 52; border-right: vkey $panel-lighten-2; }
    NotesPane.-wide Reader { display: block; }
    NotesPane.-wide.-tried.-reading ExperimentView { display: block; }
    NotesPane.-broad Outline { display: block; width: 46; }
    NotesPane.-broad.-tried ExperimentView { display: block; }
    NotesPane.-wide ExperimentView { border-left: vkey $panel-lighten-2; }
    """

    def __init__(self, *, id: str = "notes") -> None:
        super().__init__(id=id)

    def compose(self) -> ComposeResult:
        with Vertical(id="search"):
            with Horizontal():
                yield Static(" / ", markup=False)
                yield SearchField(placeholder="words to find in all notes", compact=True, select_on_focus=False)
            yield Static(id="found", markup=False)
        yield Card(id="card")
        with Horizontal(id="body"):
            yield Outline(id="outline")
            yield Reader(id="page")
            yield ExperimentView(id="lab")

    def on_mount(self) -> None:
        """Read the notes, unless somebody opened a claim already; then what was measured."""
        if not self.notes:
            self.read()

    def shown(self) -> None:
        """Something may have been measured elsewhere."""
        if self.notes:
            self.look()

    def on_resize(self, event: Resize) -> None:
        """Side by side where there is room."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.set_class(event.size.width >= BROAD, "-broad")

    # --- what the app asks ---------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        if self.has_class(LAB):
            return self.query_one(ExperimentView)
        return self.query_one(Reader if self.has_class(PAGE) else Outline)

    def status(self) -> str:
        if self.problem:
            return self.problem
        if doing := self.doing():
            return doing
        if self._came_from is not None:
            claim = self.notes[self._came_from].key
            return f"{len(notes.sources(self.notes, claim))} works cited in {claim} are marked. s goes back to it"
        if self.plan is not None and self.known.get(self.plan.claim, Known()).last is None:
            return f"r measures {self.plan.claim} here, in about {duration(self.plan.seconds)}"
        if self.plan is None and not self.has_class(PAGE):
            return "⏎ opens · claims have the literature's verdict, then ours: r measures it"
        return ""

    def as_text(self) -> str:
        if self.note is None:
            return ""
        state = self.state()
        if self.has_class(LAB) and state is not None and state.finding is not None:
            return "\n".join(text.lines(state.finding, 100)) + "\n"
        reader = self.query_one(Reader)
        if self.note.key == REFERENCES and reader.chosen is not None and (bib := self._bibtex(reader)):
            return bib
        return notes.page(self.note, self.notes)

    def _bibtex(self, reader: Reader) -> str:
        """The record of the entry under the cursor, where there is one."""
        assert self.note is not None and reader.chosen is not None
        line = reader.stops[reader.chosen].line
        entry = next((piece.bare for piece in pieces(self.note.text) if piece.line == line), "")
        return bibtex.read(entry)

    def as_files(self) -> Files:
        if self.note is None:
            return {}
        state, page = self.state(), {"md": notes.page(self.note, self.notes)}
        return as_files(state.finding) | page if state is not None and state.finding is not None else page

    # --- what is in front ----------------------------------------------------------------------------------

    def turned(self) -> None:
        """Another note, or more is known of it: the card and the experiment follow."""
        note = self.note
        card = self.query_one(Card)
        card.display = bool(note and note.claim)
        if note and note.claim:
            card.show(note, self.known.get(note.key, Known()), self.plan is not None)
        self.set_class(self.plan is not None, "-tried")
        self.refill()
        if self.plan is None and self.has_class(LAB):
            self.face(PAGE)

    def face(self, face: str) -> None:
        """Bring the outline (""), the page or the experiment to the front, and focus it."""
        self.set_class(face == PAGE, PAGE)
        self.set_class(face == LAB, LAB)
        if (rest := self.rest()) is not None:
            rest.focus()

    def uncover(self) -> None:
        """Have the page in sight; the focus stays."""
        self.set_class(True, PAGE)
        self.set_class(False, LAB)

    def action_switch(self) -> None:
        """From the outline to the page, to the experiment, to each of its heat maps, and round."""
        lab = self.query_one(ExperimentView)
        if self.query_one(Reader).has_focus:
            self.face(LAB if self.plan else "")
        elif lab.has_focus_within:
            stops = [lab, *lab.maps()]
            here = stops.index(self.screen.focused) if self.screen.focused in stops else len(stops)
            if here + 1 < len(stops):
                stops[here + 1].focus()
            else:
                self.face("")
        else:
            self.in_front()

    def action_leave(self) -> None:
        """Close the search if it is open; else a step back, to the outline in the end."""
        if self.has_class("-searching"):
            self.leave_search()
            self.show_note(self.shown_note)
            self.in_front()
        else:
            self.face(PAGE if self.has_class(LAB) else "")
