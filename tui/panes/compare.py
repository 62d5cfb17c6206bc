"""Compare: one text through several models, word by word."""

from __future__ import annotations

import asyncio
import re
from itertools import combinations
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from core.messages import PLL, Cancelled, Compare, Compared, Comparison, Failed, FirstToken
from tui.engine import AnyFinal
from tui.panes.text_pane import TextPane
from tui.results import captions, shipped
from tui.results.reading import PAGE, Shown, Total, as_csv, as_json, as_table, total
from tui.state import Status
from tui.text import plain
from tui.widgets import bars
from tui.widgets.field import TextField
from tui.widgets.inspector import Inspector
from tui.widgets.problem import Problem
from tui.widgets.text_view import TextView
from tui.widgets.word_table import WordTable
from tui.widgets.word_view import WordView

WIDE, BROAD = 120, 150
"""Columns from which the text stands whole over the table, and from which the candidates stand beside it."""
LONGEST = 4000
"""Words in one question: a longer answer would not fit into one line of the wire."""
WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s]")
TOO_LONG = "o opens a shorter text, i and ctrl+l empty the field; `lookboth compare --file` takes up to 20,000 words."
METHODS: tuple[PLL, ...] = ("within_word_l2r", "original", "whole_word")
FIRST: tuple[FirstToken, ...] = ("bos", "skip")


class ComparePane(TextPane):
    """The text field, the text whole where there is room, the table of words, and the word under the cursor."""

    TITLE = "Compare"
    PLACEHOLDER = "Type a text; enter compares. o opens a study passage."
    ABOUT = (
        "One text, word by word, through BERT, GPT-2 and an LSTM. Bits are surprisal: 1 bit is a coin toss, 10 bits "
        "one chance in 1024. BERT saw both sides of each word, so its bits are a pseudo-log-likelihood; GPT-2 and the "
        "LSTM saw only what stands to the left. Rank 1 is the most likely. The lists show what each model expected in "
        "place of the word under the cursor."
    )
    LEGEND = (
        f"{bars.legend()}\nColours follow the same steps: one each in the text, and in the bars three, from 0, 2 and 7 "
        f"bits. A bar is full at {bars.FULL:.0f} bits; ▸ or ▴ at its end: there are more.\n"
        "Δ: bits of the second model minus bits of the first; ◂ the first found it easier, ▸ the second\n"
        "∪ joined: a token straddles words, so they count as one · ∅ dropped: no token · ? unknown: [UNK]\n"
        "… outside the window · – no score: nothing stands to its left"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "inspect", "Inspect", id="compare.inspect", tooltip="The ten candidates with bars, or lines."),
        Binding("d", "difference", "Diff", id="compare.difference", tooltip="The next pair of models, or none."),
        Binding("t", "third", "Third", show=False, id="compare.third", tooltip="Show or hide the models after two."),
        Binding("p", "method", "Method", show=False, id="compare.method", tooltip="Another pseudo-log-likelihood."),
        Binding("f", "first", "First token", show=False, id="compare.first", tooltip="Score the first token or not."),
    ]  # fmt: skip

    def __init__(self, *, id: str = "compare") -> None:
        super().__init__(id=id)
        self.comparison: Comparison | None = None
        self.sums: dict[str, Total] = {}
        self.source = ""
        """Where the comparison comes from: `shipped result`, `live`..."""
        self.cursor = 0
        self.pairs = 0
        """Which pair of models the difference is of; the last one is none."""
        self.third: bool | None = None
        """Whether models after the second are shown; None leaves it to the width."""
        self.method: PLL = "within_word_l2r"
        self.first: FirstToken = "bos"
        self.live = False
        self.said = ""
        """The last thing to say about a question: why there is no answer."""
        self.refused = ""
        """A text that cannot be asked about: why, and what to do, stands over the words while it is in the field."""
        self.quiet = False
        """Whether the last question was nobody's wish: then no dialog says what became of it."""
        self.crashed = ""
        """The text during which the engine died: it is not asked again by itself."""

    def compose(self) -> ComposeResult:
        yield self.field
        yield Static(id="caption")
        yield TextView()
        with Container(id="below"):
            yield WordTable()
            yield Inspector()
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
    def wide(self) -> bool:
        """Whether the text stands whole over the table."""
        return self.app.size.width >= WIDE

    def rest(self) -> Widget | None:
        return self.query_one(TextView if self.wide else WordTable)

    def status(self) -> str:
        if self.open:
            if self.lab.status.phase != "ready":
                return f"waiting to compare · {self.lab.status.line}"
            if self.progress is None:
                return "comparing · esc cancels"
            return f"{self.progress.note} {self.progress.done}/{self.progress.total} · esc cancels"
        if self.crashed and self.crashed == self.field.value and self.lab.status.fate:
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

    def as_files(self) -> dict[str, str]:
        return {"json": as_json(self.comparison), "csv": as_csv(self.comparison)} if self.comparison else {}

    # --- asking ----------------------------------------------------------------------------------------------

    def engine_changed(self, status: Status) -> None:
        if status.phase == "ready" and not self.live and not self.open and not self.crashed:
            self.compare(quiet=True)

    def changed(self) -> None:
        if not self.refused or self.field.value != self.refused:
            self.said = self.refused = ""
        self.caption()
        self.say()

    def opened(self) -> None:
        self.compare()

    @on(TextField.Sent)
    def _sent(self) -> None:
        self.compare()
        if self.refused:
            self.lab.fail(Problem(f"{self.said[:1].upper()}{self.said[1:]}.", hint=TOO_LONG))

    def compare(self, quiet: bool = False) -> None:
        """Ask the engine about the text in the field; quietly when it is not the person who asks."""
        text = self.field.value
        self.said = self.crashed = self.refused = ""
        self.quiet = quiet
        if not text.strip():
            self.said = "Type a text first: there is nothing to compare."
        elif (words := len(WORD.findall(text))) > LONGEST:
            self.said = f"too long to compare: about {words:,} words, {LONGEST:,} fit"
            self.refused = text
        else:
            self.ask("compare", Compare(id=self.engine.fresh(), models=self.models, text=text, pll=self.method,
                                        first_token=self.first))  # fmt: skip
        self.caption()
        self.say()

    def answered(self, slot: str, answer: AnyFinal) -> None:
        if isinstance(answer, Compared):
            self.live = True
            self.take_up(answer.comparison, "live result")
            self.run_worker(asyncio.to_thread(shipped.keep, answer.comparison), group="keep", exit_on_error=False)
        elif isinstance(answer, Cancelled):
            self.said = "cancelled · enter compares again"
        elif isinstance(answer, Failed):
            self.crashed = self.field.value if self.engine.phase != "ready" else ""
            self.said = f"{answer.what} ! shows more"
            if not self.crashed:
                self.lab.fail(Problem.of(answer), quiet=self.quiet)

    # --- showing ---------------------------------------------------------------------------------------------

    def take_up(self, comparison: Comparison | None, source: str) -> None:
        """Show another comparison; the cursor stays when the text is the same."""
        if not (comparison and self.comparison and comparison.text == self.comparison.text):
            self.cursor = 0
        self.comparison, self.source, self.said = comparison, source, ""
        self.sums = {name: total(comparison, name) for name in comparison.models} if comparison else {}
        self.refill()
        self.say()

    def shown(self) -> None:
        self.refill()

    @property
    def names(self) -> tuple[str, ...]:
        """The models on screen."""
        every = tuple(self.comparison.models) if self.comparison else ()
        return every if (self.wide if self.third is None else self.third) else every[:2]

    @property
    def pair(self) -> tuple[str, str] | None:
        """The models whose difference is on screen."""
        pairs = [*combinations(self.names, 2), None]
        return pairs[self.pairs % len(pairs)]

    def page(self) -> range:
        """The words of the page with the cursor."""
        words = len(self.comparison.words) if self.comparison else 0
        start = self.cursor // PAGE * PAGE
        return range(start, min(start + PAGE, words))

    def refill(self) -> None:
        """Give every widget what it shows."""
        now = Shown(self.comparison, self.names, self.page(), self.pair) if self.comparison else None
        for view in self.query(WordView):
            view.cursor = self.cursor
            view.show(now if self.wide or isinstance(view, WordTable) else None)
        beside = self.app.size.width >= BROAD
        self.set_class(self.wide, "-wide")
        self.set_class(beside, "-beside")
        self.set_class(len(self.names) > 2, "-three")
        inspector = self.query_one(Inspector)
        inspector.spread(beside or self.has_class("-inspecting"))
        inspector.show(now, self.cursor)
        self.caption()

    def caption(self) -> None:
        """Say what the numbers are, and the totals; first of all why there are none."""
        self.set_class(bool(self.refused), "-refused")
        if self.refused:
            self.query_one("#caption", Static).update(plain(f"{self.said}. {TOO_LONG}"))
            return
        if self.comparison is None:
            self.query_one("#caption", Static).update(Content(" No result yet."))
            self.query_one("#totals", Static).update(Content(""))
            return
        stale = "the text changed: enter compares" if self.field.value != self.comparison.text else self.source
        line = captions.source(self.comparison, self.names, stale, self.cursor)
        self.query_one("#caption", Static).update(Content(" ") + plain(line))
        legend = f"    {bars.legend()}" if self.wide else ""
        totals = plain(captions.totals(self.sums, self.names))
        self.query_one("#totals", Static).update(Content.assemble(" ", totals.stylize("bold"), (legend, "$text-muted")))

    @on(WordView.Moved)
    def _moved_to(self, event: WordView.Moved) -> None:
        event.stop()
        page = self.page()
        self.cursor = event.index
        if self.cursor not in page:
            self.refill()
        else:
            for view in self.query(WordView):
                view.cursor = self.cursor
            self.query_one(Inspector).show(self.query_one(Inspector).shown, self.cursor)
        self.say()

    # --- actions ---------------------------------------------------------------------------------------------

    def action_inspect(self) -> None:
        self.toggle_class("-inspecting")
        self.call_after_refresh(self.refill)

    def action_difference(self) -> None:
        self.pairs += 1
        self.refill()

    def action_third(self) -> None:
        self.third = len(self.names) <= 2
        self.pairs = 0 if self.wide else -1
        self.refill()

    def action_method(self) -> None:
        self.method = METHODS[(METHODS.index(self.method) + 1) % len(METHODS)]
        self.compare()

    def action_first(self) -> None:
        self.first = FIRST[(FIRST.index(self.first) + 1) % len(FIRST)]
        self.compare()
