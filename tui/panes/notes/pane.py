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
from tui.panes.notes.own_run import OwnRunPane
from tui.panes.notes.reading import LAB, PAGE
from tui.panes.notes.searching import SearchField
from tui.panes.pane import Files
from tui.widgets.card import Card
from tui.widgets.experiment import TALL, ExperimentView
from tui.widgets.outline import Outline
from tui.widgets.reader import Reader
from tui.words import duration

WIDE, BROAD = 120, 152
"""Columns from which two things stand side by side, and from which three do."""


class NotesPane(OwnRunPane):
    """Outline, page and experiment: two or all three side by side in a wide window. In a narrow one the outline or the
    page has all the room, until the experiment comes up beneath the page.
    """

    TITLE = "Notes"
    ABOUT = (
        "Ten claims about BERT, GPT-2 and LSTMs, each with a verdict, the reasons, figures with their sources, and "
        "an experiment. r measures the claim in front, in about a minute; watch the chart grow and read the verdict, "
        "then turn a knob with ←→, or type it after enter, and measure again; what follows from the knobs alone is "
        "shown at once; f takes the knobs of C10 from a run of yours. enter opens a page, tab goes from outline to "
        "page to experiment and its heat maps, where arrows go from cell to cell, shift+tab goes the other way, and v "
        "gives the page or the experiment all the room. / searches all notes, ←→ choose a link in a page and enter "
        "follows it, s shows the sources of a claim."
    )
    LEGEND = (
        "✓ supported · ✗ refuted · ± mixed, or under conditions · ? the intervals do not decide · ◆ bookmark · "
        "* a knob that you turned. Letters on a curve: the result that ships. Where references stand, y copies the "
        "BibTeX of the chosen one, else the whole page."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab",
            "switch(1)",
            "Next part",
            id="notes.switch",
            tooltip="From outline to page to experiment, to its heat maps.",
        ),
        Binding("v", "view", "View", id="notes.view", tooltip="Page and experiment together, or one of them alone."),
        Binding(
            "shift+tab", "switch(-1)", "Part before", show=False, id="notes.switch-back", tooltip="The other way round."
        ),
        Binding("escape", "leave", "Outline", show=False, id="notes.leave", tooltip="Close the search; the outline."),
    ]
    DEFAULT_CSS = """
    NotesPane #body { height: 1fr; layout: vertical; }
    NotesPane.-wide #body { layout: horizontal; }
    NotesPane #search { height: 2; display: none; }
    NotesPane.-searching #search { display: block; }
    NotesPane #search Horizontal { height: 1; background: $boost; }
    NotesPane #search Static { width: auto; }
    NotesPane SearchField { width: 1fr; background: transparent; }
    NotesPane #search #found { width: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    NotesPane Outline { width: 1fr; height: 1fr; }
    NotesPane Reader { width: 1fr; height: 1fr; display: none; }
    NotesPane ExperimentView { width: 1fr; height: 2fr; display: none; border-top: hkey $panel-lighten-2; }
    NotesPane.-alone ExperimentView { border-top: none; }
    NotesPane.-reading Outline, NotesPane.-trying Outline { display: none; }
    NotesPane.-reading Reader { display: block; }
    NotesPane.-trying Reader, NotesPane.-trying ExperimentView { display: block; }
    NotesPane.-wide Outline { width: 52; border-right: vkey $panel-lighten-2; }
    NotesPane.-wide Reader { display: block; }
    NotesPane.-wide.-tried.-reading ExperimentView { display: block; }
    NotesPane.-broad Outline { display: block; width: 46; }
    NotesPane.-broad.-tried ExperimentView { display: block; }
    NotesPane.-wide Reader { height: 1fr; }
    NotesPane.-wide ExperimentView { height: 1fr; border-top: none; border-left: vkey $panel-lighten-2; }
    NotesPane.-alone.-reading.-tried ExperimentView, NotesPane.-alone.-trying.-tried Reader { display: none; }
    """

    def __init__(self, *, id: str = "notes") -> None:
        super().__init__(id=id)
        self.alone: bool | None = None
        """Whether page and experiment are shown one at a time; None until a person says so, by `v`."""

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
        self.lay_out()

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
        if self.plan is not None:
            new = self.known.get(self.plan.claim, Known()).last is None
            run = f"r measures {self.plan.claim} here, in about {duration(self.plan.seconds)}" if new else ""
            return " · ".join(filter(None, (run, self._layout())))
        if not self.has_class(PAGE):
            return "⏎ opens · claims have the literature's verdict, then ours: r measures it"
        return ""

    def _layout(self) -> str:
        """What `v` does now, where one thing may hide the other."""
        if self.has_class("-wide") or not self.has_class(LAB):
            return ""
        return "v shows the page above it" if self.has_class("-alone") else "v gives one of the two all the room"

    def as_text(self) -> str:
        if self.note is None:
            return ""
        state = self.state()
        reader = self.query_one(Reader)
        if self.has_class(LAB) and not reader.has_focus and state is not None and state.finding is not None:
            return "\n".join(text.lines(state.finding, 100)) + "\n"
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
        self.lay_out()
        self.refill()
        if self.plan is None and self.has_class(LAB):
            self.face(PAGE)

    def face(self, face: str) -> None:
        """Bring the outline (""), the page or the experiment to the front, and focus it."""
        self.set_class(face == PAGE, PAGE)
        self.set_class(face == LAB, LAB)
        if (rest := self.rest()) is not None:
            rest.focus()
        self.say()

    def uncover(self) -> None:
        """Have the page in sight; the focus stays."""
        self.set_class(True, PAGE)
        self.set_class(False, LAB)

    def action_switch(self, by: int) -> None:
        """From the outline to the page, to the experiment, to each of its heat maps, and round; or the other way."""
        lab, page = self.query_one(ExperimentView), self.query_one(Reader)
        stops: list[Widget] = [self.query_one(Outline), page, *([lab, *lab.maps()] if self.plan else [])]
        here = next((at for at, stop in enumerate(stops) if stop.has_focus), 0)
        to = stops[(here + by) % len(stops)]
        if to is page and self.together:
            page.focus()
        elif to is page:
            self.in_front()
        else:
            self.face("" if to is stops[0] else LAB)
            to.focus()

    @property
    def together(self) -> bool:
        """Whether page and experiment are both in sight."""
        return self.query_one(Reader).display and self.query_one(ExperimentView).display

    def action_view(self) -> None:
        """Page and experiment together, the page alone, the experiment alone, and round."""
        together = self.together
        self.alone = together or self.has_class(PAGE)
        self.lay_out()
        self.face(PAGE if together else LAB)

    def lay_out(self) -> None:
        """Have page and experiment together, but where knobs and what follows from them would not fit in beneath."""
        small = not self.has_class("-wide") and self.app.size.height < TALL
        crowded = small and self.plan is not None and self.plan.calculate is not None
        self.set_class(crowded if self.alone is None else self.alone, "-alone")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a view only where there is something beside the page."""
        if action == "view":
            return self.plan is not None
        return super().check_action(action, parameters)

    def action_leave(self) -> None:
        """Close the search if it is open; else a step back, to the outline in the end."""
        if self.has_class("-searching"):
            self.leave_search()
            self.show_note(self.shown_note)
            self.in_front()
        else:
            self.face(PAGE if self.has_class(LAB) else "")
