"""Compare: one text through several models, word by word."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from core.messages import PAGE, Comparison, Pages
from tui.panes.compare.asking import TOO_LONG
from tui.panes.compare.scanning import ScanningPane
from tui.panes.pane import Files
from tui.results import captions, shipped
from tui.results.files import as_csv, as_json, as_table
from tui.results.painted import legend
from tui.results.painting import arrows
from tui.results.picture import svg
from tui.results.reading import Total, totals
from tui.text import plain
from tui.widgets import bars
from tui.widgets.histograms import Histograms
from tui.widgets.inspector import Inspector
from tui.widgets.text_view import TextView
from tui.widgets.word_table import WordTable
from tui.widgets.word_view import WordView


class ComparePane(ScanningPane):
    """The text field, the text whole where there is room, the table of words, and the word under the cursor."""

    TITLE = "Compare"
    BEARS_ON: ClassVar[Mapping[str, str]] = {
        "C6": "what the context adds to a word, from which side",
        "C8": "who may look at whom",
        "C7": "what happens at the end of a text",
    }
    MOST = 20
    PLACEHOLDER = "Type a text; enter compares. o opens a study passage."
    ABOUT = (
        "One text, word by word, through BERT, GPT-2 and an LSTM. Bits are surprisal: 1 bit is a coin toss, 10 bits "
        "one chance in 1024. BERT saw both sides of each word, so its bits are a pseudo-log-likelihood; GPT-2 and the "
        "LSTM saw only what stands to the left. Rank 1 is the most likely. The lists show what each model expected in "
        "place of the word under the cursor. r asks what a masked model gained from the right side; a re-scores "
        "candidates in the whole sentence, so that every model can use both sides. S finds the words of a whole file "
        "at which two models differ most; M asks which of two sentences each model prefers."
    )
    LEGEND = (
        f"{bars.legend()}\nColours follow the same steps: one each in the text, and in the bars three, from 0, 2 and 7 "
        f"bits. A bar is full at {bars.FULL:.0f} bits; ▸ or ▴ at its end: there are more.\n"
        "Coloured by rank (c): ▁ ▃ ▅ ▇ for up to 10, 100, 1000 and more; b changes the steps.\n"
        f"Coloured by difference (c): {arrows('the first model found the word easier', 'the second')}\n"
        "Δ: bits of the second model minus bits of the first; ◂ the first found it easier, ▸ the second\n"
        "gain: bits from the left alone (cut after the word, two masks) minus bits from both sides; ▸ the right side "
        "helped, ◂ it did harm. It includes BERT's poor left-only reading.\n"
        "∪ joined: a token straddles words, so they count as one · ∅ dropped: no token · ? unknown: [UNK]\n"
        "… outside the window · – no score: nothing stands to its left · • pinned"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "inspect", "Inspect", id="compare.inspect", tooltip="The ten candidates with bars, or lines."),
        Binding("v", "view", "View", id="compare.view", tooltip="The text, the table, or both where there is room."),
        Binding("space", "pin", "Pin", show=False, id="compare.pin", tooltip="Pin this word, or unpin it."),
        Binding("x", "unpin", "Unpin", show=False, id="compare.unpin", tooltip="Unpin every word."),
        Binding("s", "histograms", "Histograms", show=False, id="compare.histograms",
                tooltip="How many words by rank, by p over the best p, by entropy."),
        Binding("P", "by_position", "Accuracy by position", show=False, id="compare.by_position",
                tooltip="How often each model knows a word, by where in a window it stands."),
    ]  # fmt: skip

    def __init__(self, *, id: str = "compare") -> None:
        super().__init__(id=id)
        self.sums: dict[str, Total] = {}
        self.source = ""
        """Where the comparison comes from: `shipped result`, `live`..."""
        self.view = 0
        """Which of `views` is chosen."""

    def compose(self) -> ComposeResult:
        yield self.field
        yield Static(id="caption")
        yield TextView()
        with Container(id="below"):
            yield WordTable()
            yield Inspector()
            yield Histograms()
        yield Static(id="totals")

    def on_mount(self) -> None:
        """Show a text with its result at once: the last draft, or the one that ships."""
        draft = self.lab.memory.draft(self.key)
        comparison, source = shipped.recall(draft)
        self.recall(draft or (comparison.text if comparison else ""))
        self.take_up(comparison, source)

    def on_resize(self, event: Resize) -> None:
        """Fit the form to the width."""
        self.call_after_refresh(self.refill)

    # --- what the app asks -----------------------------------------------------------------------------------

    @property
    def views(self) -> tuple[str, ...]:
        """What can be on screen here."""
        return ("both", "text", "table") if self.wide else ("table", "text")

    @property
    def seen(self) -> str:
        """What is."""
        return self.views[self.view % len(self.views)]

    def rest(self) -> Widget | None:
        if self.has_class("-counting") and not self.beside and self.seen == "table":
            return self.query_one(Histograms)
        return self.query_one(WordTable if self.seen == "table" else TextView)

    def status(self) -> str:
        if self.open:
            return self.waiting()
        if self.crashed and self.crashed == self.asked and self.lab.status.fate:
            return self.lab.status.fate
        if self.said or self.comparison is None:
            return self.said
        waiting = "" if self.live else self.lab.status.line
        words = len(self.comparison.words)
        return " · ".join(
            part for part in (f"word {self.cursor + 1} of {words}" if words else "no words", waiting) if part
        )

    def as_text(self) -> str:
        return as_table(self.comparison) if self.comparison else ""

    def as_files(self) -> Files:
        if (shown := self.now()) is None:
            return {}
        files = {"json": as_json(shown.comparison), "csv": as_csv(shown.comparison, shown.gains), "svg": svg(shown)}
        return files | ({"left.json": as_json(self.left)} if shown.gains and self.left else {})

    # --- showing ---------------------------------------------------------------------------------------------

    def take_up(self, comparison: Comparison | None, source: str) -> None:
        """Show another comparison; the words of a long one are added up in a thread first."""
        self.workers.cancel_group(self, "count")
        if comparison and isinstance(comparison.words, Pages):
            self.run_worker(self._count(comparison, source), group="count", exclusive=True)
        else:
            self._take_up(comparison, source, totals(comparison) if comparison else {})

    async def _count(self, comparison: Comparison, source: str) -> None:
        self._take_up(comparison, source, await asyncio.to_thread(totals, comparison))

    def _take_up(self, comparison: Comparison | None, source: str, sums: dict[str, Total]) -> None:
        """The cursor and the pins stay when the text is the same."""
        if not (comparison and self.comparison and comparison.text == self.comparison.text):
            self.cursor, self.pins = 0, []
        if comparison and (aimed := self.aimed(comparison)) is not None:
            self.cursor = aimed
        self.comparison, self.source, self.said = comparison, source, ""
        self.sums = sums
        if self.right and comparison and not self.readers:
            self.right = 0
        self.refill()
        self.say()

    def shown(self) -> None:
        self.refill()

    def refill(self) -> None:
        """Give every widget what it shows."""
        now, seen = self.now(), self.seen
        counting = self.has_class("-counting")
        self.update_classes(  # at once: each change of a class styles everything in the pane anew
            {"-wide": self.wide, "-beside": self.beside, "-three": len(self.names) > 2,
             "-text": seen != "table", "-alone": seen == "text", "-refused": bool(self.refused)}
        )  # fmt: skip
        text, table = self.query_one(TextView), self.query_one(WordTable)
        text.alone = seen == "text"
        for view, on_ in ((text, seen != "table"), (table, seen != "text")):
            view.cursor = self.cursor
            view.show(now if on_ else None)
        inspector = self.query_one(Inspector)
        roomy = self.beside or self.has_class("-inspecting")
        inspector.spread(roomy and not (self.pins and not self.beside))
        inspector.show(now, self.cursor)
        if counting:
            self.query_one(Histograms).show(now)
        self.caption()

    def caption(self) -> None:
        """Say what the numbers are, and the totals; first of all why there are none."""
        self.set_class(bool(self.refused), "-refused")
        caption, totals = self.query_one("#caption", Static), self.query_one("#totals", Static)
        if self.refused:
            caption.update(plain(f"{self.said}. {TOO_LONG}"))
            return
        if (now := self.now()) is None:
            caption.update(Content(" No result yet."))
            totals.update(Content(""))
            return
        origin = self.source
        if self.asked != now.comparison.text:
            origin = "still the text before" if "compare" in self.open else "the text changed: enter compares"
        caption.update(Content(" ") + plain(captions.source(now.comparison, self.names, origin, self.cursor)))
        if self.right and now.gains:
            line = captions.gained(now.gains, self.names, self.app.size.width - 2)
        else:
            line = captions.totals(self.sums, self.names)
        signs = legend(now) if self.seen != "table" else ""
        if signs and not self.wide:  # both do not fit; the table has the totals
            line = ""
        totals.update(
            Content.assemble(" ", plain(line).stylize("bold"), (f"  {signs}" if line else signs, "$text-muted"))
        )

    @on(WordView.Moved)
    def _moved_to(self, event: WordView.Moved) -> None:
        event.stop()
        page = self.page()
        self.cursor = event.index
        if self.cursor not in page:
            self.run_worker(self._turn(), group="turn", exclusive=True)
        else:
            for view in self.query(WordView):
                view.cursor = self.cursor
            self.query_one(Inspector).show(self.query_one(Inspector).shown, self.cursor)
        self.say()

    async def _turn(self) -> None:
        """Show another page: its words are decoded in a thread."""
        if self.comparison and isinstance(self.comparison.words, Pages):
            await asyncio.to_thread(self.comparison.words.page, self.cursor // PAGE)
        self.refill()

    # --- actions ---------------------------------------------------------------------------------------------

    def action_inspect(self) -> None:
        self.toggle_class("-inspecting")
        self.call_after_refresh(self.refill)

    def action_view(self) -> None:
        self.view = (self.view + 1) % len(self.views)
        self._rearrange()

    def action_histograms(self) -> None:
        self.toggle_class("-counting")
        self._rearrange()

    def _rearrange(self) -> None:
        """Other widgets are on screen: the focus goes where one of them can have it."""
        self.refill()
        if (rest := self.rest()) is not None:
            self.call_after_refresh(rest.focus)

    def action_pin(self) -> None:
        if self.comparison and self.comparison.words:
            self.pins = [pin for pin in self.pins if pin != self.cursor] + [self.cursor] * (
                self.cursor not in self.pins
            )
            self.refill()

    async def action_by_position(self) -> None:
        await self.lab.action_show("sweep")

    def action_unpin(self) -> None:
        self.pins = []
        self.refill()
