"""Scan: the words of a whole text at which two models differ most, as a ranked list that leads back to Compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.messages import Cancelled, Failed, Hit, Hits, Partial, Scan, Scanned, Scanning
from tui.engine import AnyFinal
from tui.panes.apart import ApartPane
from tui.panes.pane import Files
from tui.results import hits
from tui.results.files import as_json
from tui.results.reading import identity
from tui.text import passage, plain
from tui.widgets.problem import Problem
from tui.widgets.scan_form import ScanForm

SLOT = "scan"
FIRST = Scan(id=0, models=["bert", "gpt2"], limit=100)
"""What the form proposes until somebody chooses."""
NOTHING = "Nothing was scanned yet: n chooses a text and two models."
WAITING = "Scanning: the first words stand here as soon as some passages went through both models. x stops."


class HitList(OptionList):
    """One line a hit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Compare", id="scan.look", tooltip="Open this passage in Compare, at this word."),
    ]


class ScanPane(ApartPane):
    """One line a hit; below, the passage of the one under the cursor."""

    TITLE = "Scan"
    BEARS_ON: ClassVar[Mapping[str, str]] = {"C6": "what the context adds to a word, from which side"}
    ABOUT = (
        "Where two models differ most over a file or a folder. The text is read in passages of whole sentences, up to "
        "48 words each; every word is scored as Compare would score it there, and the words that are furthest apart "
        "are kept. enter opens a hit in Compare, with the cursor on its word. Words that a tokenizer drops or reads as "
        "unknown are left out."
    )
    LEGEND = (
        "Δ bits: surprisal of the second model minus that of the first. Δ log₂ rank: doublings from the first model's "
        "rank to the second's. ◂ the first model knew better, ▸ the second. overlap: what their lists of ten have in "
        "common (Jaccard), from 0 to 1.\n"
        "After the word, for each model: bits, rank, and its own first choice. A masked model's bits are a "
        "pseudo-log-likelihood from both sides: they are no probability of the text."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="scan.new", tooltip="Choose a text, two models, a measure, and start."),
        Binding("x", "stop", "Stop", id="scan.stop", tooltip="Stop; what is found by then stays."),
        Binding("escape", "leave", "Back", id="scan.leave", tooltip="To the pane before; the scan goes on."),
    ]
    DEFAULT_CSS = """
    ScanPane #caption { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    ScanPane #head { height: 1; color: $primary; text-wrap: nowrap; }
    ScanPane OptionList { height: 1fr; background: transparent; border: none; padding: 0; }
    ScanPane OptionList { text-wrap: nowrap; text-overflow: ellipsis; scrollbar-gutter: stable; }
    ScanPane #below { height: 8; padding: 0 1; border-top: solid $panel-lighten-2; }
    ScanPane #passage { height: auto; }
    """
    found: Hits | None = None

    def __init__(self, *, id: str = "scan") -> None:
        super().__init__(id=id)
        self.asked = FIRST
        self.said = ""
        """The last thing to say about it: why there is no more of it."""
        self._lines: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static(id="caption", markup=False)
        yield Static(id="head", markup=False)
        yield HitList(id="hits", compact=True, markup=False)
        with VerticalScroll(id="below", can_focus=False):
            yield Static(id="passage", markup=False)

    def on_mount(self) -> None:
        """There is nothing yet."""
        self._refill()

    def on_resize(self, event: Resize) -> None:
        """Lines show as much as there is room for."""
        self.call_after_refresh(self._refill)

    # --- what the app asks -----------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        return self.query_one(HitList)

    def shown(self) -> None:
        self._refill()

    def status(self) -> str:
        return self.far("the scan") if SLOT in self.open else self.said

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense now."""
        if action in ("stop", "new"):
            return (SLOT in self.open) == (action == "stop")
        return super().check_action(action, parameters)

    def as_text(self) -> str:
        from tui.headless.scan import lines

        return "\n".join(line.rstrip() for line in lines(self.found)) + "\n" if self.found else ""

    def as_files(self) -> Files:
        return {"json": as_json(self.found), "csv": hits.as_csv(self.found)} if self.found else {}

    # --- asking ----------------------------------------------------------------------------------------------

    def propose(self, models: list[str]) -> None:
        """Somebody came from Compare with two models; where nothing is here yet, ask at once what to scan."""
        if self.found is None and SLOT not in self.open and len(models) == 2:
            self.asked = replace(self.asked, models=models)
            self.action_new()

    @work(group="new", exclusive=True)
    async def action_new(self) -> None:
        """Ask what to scan, and start it."""
        if (asked := await self.app.push_screen_wait(ScanForm(self.asked))) is not None:
            self.start(asked)

    def start(self, asked: Scan) -> None:
        """Ask for a scan; the one before is shown until this one has found something."""
        self.asked, self.said, self.progress = asked, "", None
        self.ask(SLOT, replace(asked, id=self.engine.fresh()))
        self._refill()
        self.refresh_bindings()

    def grew(self, news: Partial) -> None:
        assert isinstance(news, Scanning)
        self.take(news.found)

    def answered(self, slot: str, answer: AnyFinal) -> None:
        if isinstance(answer, Scanned):
            self.take(answer.found)
            self.said = " ".join(answer.found.notes)
        elif isinstance(answer, Failed):
            self.said = f"{answer.what} ! shows more"
            self.lab.fail(Problem.of(answer))
        elif isinstance(answer, Cancelled):
            self.said = "stopped · n starts again"
        self.rest_engine()
        self.refresh_bindings()

    def action_stop(self) -> None:
        """Stop: what was found stays on the screen."""
        self.drop(SLOT)
        self.progress, self.said = None, "stopped · n starts again"
        self.rest_engine()
        self._refill()
        self.refresh_bindings()
        self.say()

    # --- showing ---------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> Hit | None:
        """The hit under the cursor."""
        if not self.is_mounted or self.found is None:
            return None
        at = self.query_one(HitList).highlighted
        return None if at is None or at >= len(self.found.hits) else self.found.hits[at]

    def take(self, found: Hits) -> None:
        """Show another scan, or the same one with more in it."""
        self.found, self.models = found, list(found.models)
        self._refill()
        self.refresh_bindings()
        self.say()

    def _refill(self) -> None:
        """Give every widget what it shows, unless nobody sees it; the cursor stays on its hit."""
        if not self.display or not self.is_mounted:
            return
        caption, entries = self.query_one("#caption", Static), self.query_one(HitList)
        if (found := self.found) is None:
            caption.update(Content(f" {WAITING if SLOT in self.open else NOTHING}"))
            return
        state = "complete" if found.complete else "so far" if SLOT in self.open else "stopped"
        caption.update(Content(f" {state} · ") + plain(hits.summary(found)))
        room = max(40, self.size.width - 2)
        self.query_one("#head", Static).update(plain(hits.head(found, room)))
        place = entries.highlighted or 0
        lines = [hits.row(found, hit, room) for hit in found.hits]
        if lines != self._lines:
            self._lines = lines
            entries.set_options(Option(plain(line)) for line in lines)
            entries.highlighted = min(place, len(lines) - 1) if lines else None
        self._passage()

    @on(OptionList.OptionHighlighted)
    def _passage(self) -> None:
        shown, hit = self.query_one("#passage", Static), self.chosen
        if hit is None or self.found is None:
            shown.update(Content(""))
            return
        where = f"passage {hit.passage + 1:,}" + (f" of {hit.source}" if hit.source else "")
        said = "   ".join(identity(method) for method in self.found.models.values())
        shown.update(Content.assemble(
            passage(hit.text[: hit.start]), ("▸", "bold"), passage(hits.word(hit)).stylize("bold reverse"),
            ("◂", "bold"), passage(hit.text[hit.end :]), "\n\n", plain(f"{where} · {said}").stylize("$text-muted"),
        ))  # fmt: skip

    @on(OptionList.OptionSelected)
    async def _look(self) -> None:
        """Open the hit in Compare."""
        from tui.panes.compare import ComparePane

        hit, found = self.chosen, self.found
        if hit is not None and found is not None:
            await self.lab.action_show("compare")
            self.lab.window.query_one(ComparePane).look_at(hit, found.models)

    async def action_leave(self) -> None:
        await self.lab.action_back()
