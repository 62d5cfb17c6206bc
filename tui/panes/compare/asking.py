"""What Compare asks the engine: a comparison, the left side alone, a re-scoring; and what it says before long work."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from core.messages import (
    PAGE,
    PLL,
    Cancelled,
    Compare,
    Compared,
    Comparison,
    Failed,
    FirstToken,
    Identity,
    Rescore,
    Rescored,
    Rescoring,
)
from tui.engine import AnyFinal
from tui.panes.compare.holding import HoldingPane
from tui.results import captions, gaps, rescorings, shipped
from tui.results.estimates import Pace, beginning, words_in
from tui.results.reading import LEFT
from tui.state import Status
from tui.text import one_line
from tui.widgets.ask import Ask
from tui.widgets.entry import Entry
from tui.widgets.field import TextField
from tui.widgets.problem import Problem
from tui.widgets.sheet import Sheet
from tui.words import duration

LONGEST = 50_000
"""Words in one question."""
LONG, UNMEASURED = 20.0, 600
"""Seconds, and words where no speed is known, from which a person is told before the work starts."""
TOO_LONG = "o opens a shorter text, i and ctrl+l empty the field."
METHODS: tuple[PLL, ...] = ("within_word_l2r", "original", "whole_word", "left_only", "left_masked")
FIRST: tuple[FirstToken, ...] = ("bos", "skip")
CANDIDATES = "Put | between the candidates. Every model reads the whole sentence with each of them put in."


class AskingPane(HoldingPane):
    """Has at most one comparison, and beside it the same text read from the left alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "method", "Method", show=False, id="compare.method",
                tooltip="Next PLL: within_word_l2r, original, whole_word, left_only, left_masked."),
        Binding("f", "first", "First token", show=False, id="compare.first", tooltip="Score the first token or not."),
        Binding("a", "alternatives", "Alternatives", id="compare.alternatives",
                tooltip="Re-score candidates for this word in the whole sentence, by every model."),
    ]  # fmt: skip
    comparison: Comparison | None = None
    left: Comparison | None = None
    """The masked models of the comparison once more, from the left alone."""
    cursor = 0

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
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
        self.pace = Pace()
        self.gauging: tuple[str, Compare, int] | None = None
        """The question that waits until it is known how long it takes, with its slot and its words."""
        self.known: dict[str, Identity] = {}
        """The models that answered in this session."""
        self._begun: dict[str, tuple[float, PLL]] = {}
        """When the open questions were put, by slot, and about which pseudo-log-likelihood."""
        self._expected: float | None = None

    # --- what the pane defines -------------------------------------------------------------------------------

    def take_up(self, comparison: Comparison | None, source: str) -> None:
        """Show another comparison."""
        raise NotImplementedError

    def take_left(self, left: Comparison) -> None:
        """Show what the masked models gained from the right side."""
        raise NotImplementedError

    def caption(self) -> None:
        """Say what the numbers are, or why there are none."""
        raise NotImplementedError

    def refill(self) -> None:
        """Give every widget what it shows."""
        raise NotImplementedError

    # --- asking ----------------------------------------------------------------------------------------------

    def engine_changed(self, status: Status) -> None:
        if status.phase == "ready" and not self.live and not self.open and not self.crashed:
            self.compare(quiet=True)

    def changed(self) -> None:
        if not self.refused or self.asked != self.refused:
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
        text = self.asked
        self.said = self.crashed = self.refused = ""
        self.quiet = quiet
        if not text.strip():
            self.said = "Type a text first: there is nothing to compare."
        elif (words := words_in(text)) > 1.1 * LONGEST:  # the engine counts exactly
            self.said = f"too long to compare: about {words:,} words, {LONGEST:,} fit"
            self.refused = text
        else:
            request = Compare(id=self.engine.fresh(), models=self.models, text=text, pll=self.method,
                              first_token=self.first, paged=words > PAGE)  # fmt: skip
            self._start("compare", request, words)
        self.caption()
        self.say()

    def ask_left(self) -> None:
        """Ask for the text once more under its masked models, which read the left side alone."""
        if self.comparison is not None:
            request = Compare(id=self.engine.fresh(), models=gaps.masked(self.comparison), text=self.comparison.text,
                              top=1, pll="left_only", paged=len(self.comparison.words) > PAGE)  # fmt: skip
            self._start("left", request, len(self.comparison.words))

    def _start(self, slot: str, request: Compare, words: int) -> None:
        """Put the question; where the answer takes long, only to a person who was told how long."""
        seconds = self.pace.expected(self.known, request.models, words, request.pll)
        if (seconds is None and words <= UNMEASURED) or (seconds is not None and seconds <= LONG):
            self._put(slot, request, None)
        elif self.quiet and slot == "compare":
            takes = "how long it takes is not known yet" if seconds is None else f"about {duration(seconds)}"
            self.said = f"{words:,} words, {takes} · i and enter compare"
        elif seconds is None and not self.gauging:
            self._gauge(slot, request, words)
        else:
            self.gauging = None
            question = Content(one_line(captions.long_work(words, request.models, seconds)))
            self.app.push_screen(
                Ask(question, "Start", "Leave it"), lambda yes: self._put(slot, request, seconds) if yes else None
            )

    def _gauge(self, slot: str, request: Compare, words: int) -> None:
        """Find out how long the question takes by its first words; then it is put."""
        self.gauging = slot, request, words
        start = replace(request, id=self.engine.fresh(), text=beginning(request.text), top=1, paged=False)
        self._put("gauge", start, None)

    def _put(self, slot: str, request: Compare, seconds: float | None) -> None:
        self._begun[slot] = monotonic(), request.pll
        self._expected = seconds
        self.ask(slot, request)

    def waiting(self) -> str:
        """What is said while questions are open."""
        if self.lab.status.phase != "ready":
            return f"waiting to compare · {self.lab.status.line}"
        if "gauge" in self.open:
            return "measuring the speed on the first words · esc cancels"
        takes = f" · about {duration(self._expected)} in all" if self._expected else ""
        if self.progress is None:
            return f"comparing{takes} · esc cancels"
        return f"{self.progress.note} {self.progress.done}/{self.progress.total}{takes} · esc cancels"

    # --- answers ---------------------------------------------------------------------------------------------

    def answered(self, slot: str, answer: AnyFinal) -> None:
        if isinstance(answer, Compared):
            self._compared(slot, answer.comparison)
        elif isinstance(answer, Rescored):
            self._rescored(answer.rescoring)
        elif isinstance(answer, Cancelled):
            self.said = "cancelled · enter compares again" if slot == "compare" else "cancelled"
            self.gauging = None
        elif isinstance(answer, Failed):
            self.gauging = None
            self.crashed = self.asked if self.engine.phase != "ready" else ""
            self.said = f"{answer.what} ! shows more"
            if not self.crashed:
                self.lab.fail(Problem.of(answer), quiet=self.quiet and slot == "compare")

    def _compared(self, slot: str, comparison: Comparison) -> None:
        begun, pll = self._begun.pop(slot, (monotonic(), self.method))
        self.pace.learn(comparison, pll, monotonic() - begun)
        self.known |= {name: method.identity for name, method in comparison.models.items()}
        if slot == "gauge":
            if self.gauging is not None:
                self._start(*self.gauging)
                self.gauging = None
            return
        if slot == "left":
            self.take_left(comparison)
            return
        self.live = True
        self.take_up(comparison, "live result")
        self.run_worker(asyncio.to_thread(shipped.keep, comparison), group="keep", exit_on_error=False)

    def _rescored(self, found: Rescoring) -> None:
        word = found.text[found.start : found.end]
        self.app.push_screen(Sheet(Content(f"In place of “{one_line(word)}”"), rescorings.as_table(found)))

    # --- actions ---------------------------------------------------------------------------------------------

    def action_method(self) -> None:
        self.method = METHODS[(METHODS.index(self.method) + 1) % len(METHODS)]
        if self.method in LEFT:
            self.lab.say(f"PLL {self.method}: the words to the left alone, which BERT was not trained to read.")
        self.compare()

    def action_first(self) -> None:
        self.first = FIRST[(FIRST.index(self.first) + 1) % len(FIRST)]
        self.compare()

    def action_alternatives(self) -> None:
        if self.comparison is None or not self.comparison.words:
            return
        comparison, word = self.comparison, self.comparison.words[self.cursor]
        proposed = " | ".join(rescorings.proposed(comparison, word, tuple(comparison.models)))
        title = Content(f"In place of “{one_line(word.text)}”")

        def put(typed: str | None) -> None:
            if typed is not None:
                text, at = rescorings.sentence(comparison, word)
                self.ask("rescore", Rescore(
                    id=self.engine.fresh(), models=list(comparison.models), text=text, start=word.start - at,
                    end=word.end - at, candidates=rescorings.parse(typed),
                ))  # fmt: skip

        self.app.push_screen(Entry(title, CANDIDATES, proposed, rescorings.parse), put)
