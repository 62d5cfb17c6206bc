"""What Compare shows of a comparison: which models, which number after them, in which colours."""

from __future__ import annotations

import asyncio
from itertools import combinations
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from core.errors import UserError
from core.messages import PAGE, Comparison, Pages
from tui.panes.compare.pairing import PairingPane
from tui.results import gaps, ranks
from tui.results.gaps import Gap
from tui.results.painting import COLOURS
from tui.results.shown import Shown
from tui.widgets.entry import Entry
from tui.widgets.word_table import fitting
from tui.widgets.word_view import WordView

WIDE, BROAD = 120, 150
"""Columns from which the text stands whole over the table, and from which the candidates stand beside it."""
BESIDE = 0.6
"""The share of the width that a table with the candidates beside it has."""


class ChoosingPane(PairingPane):
    """Makes a `Shown` of the comparison. Nothing here asks the engine but for the left side, once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "difference", "Diff", id="compare.difference", tooltip="The next pair of models, or none."),
        Binding("r", "right", "Right side", id="compare.right",
                tooltip="What a masked model gained from the right side: asks it again from the left alone."),
        Binding("c", "colour", "Colour", id="compare.colour",
                tooltip="Colour the text by bits, by rank, or by the difference."),
        Binding("b", "limits", "Rank steps", show=False, id="compare.limits",
                tooltip="Change the ranks at which the colour changes; remembered."),
        Binding("t", "third", "Third", show=False, id="compare.third",
                tooltip="Two models, or as many as fit."),
        Binding("full_stop", "last(1)", "Last model", key_display=".", show=False, id="compare.last",
                tooltip="Another model in the last column."),
        Binding("right_square_bracket", "page(1)", "Next page", show=False, id="compare.next_page",
                tooltip="The next 500 words of a long text."),
        Binding("left_square_bracket", "page(-1)", "Page before", show=False, id="compare.page_before",
                tooltip="The 500 words before."),
        Binding("number_sign", "to_page", "To a page", key_display="#", show=False, id="compare.to_page",
                tooltip="Go to a page of a long text by its number."),
        Binding("comma", "last(0)", "First model", key_display=",", show=False, id="compare.other",
                tooltip="Another model in the first column."),
    ]  # fmt: skip

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.order: list[str] = []
        """All models of the comparison; the first ones are on screen."""
        self.pairs = 0
        """Which pair of models the difference is of; the last one is none."""
        self.third: bool | None = None
        """Whether models after the second are shown; None leaves it to the width."""
        self.right = 0
        """Of which masked model on screen the gain from the right side is shown, from 1; 0: the difference."""
        self.colour = 0
        """Which of `COLOURS` the text has."""
        self.pins: list[int] = []
        """Words that stay in the inspector."""
        self._gap: tuple[object, Gap | None] = (None, None)
        self._gains: tuple[object, dict[str, list[float | None]]] = (None, {})

    @property
    def wide(self) -> bool:
        """Whether the text has room over the table."""
        return self.app.size.width >= WIDE

    @property
    def beside(self) -> bool:
        """Whether the candidates have room beside the table."""
        return self.app.size.width >= BROAD

    @property
    def names(self) -> tuple[str, ...]:
        """The models on screen."""
        every = list(self.comparison.models) if self.comparison else []
        if sorted(every) != sorted(self.order):
            self.order = every
        return tuple(self.order[: self._room()])

    def _room(self) -> int:
        """How many models are shown."""
        width = self.app.size.width
        if self.wide:
            return 2 if self.third is False else fitting(int(width * BESIDE) if self.beside else width)
        return 3 if self.third else 2

    @property
    def pair(self) -> tuple[str, str] | None:
        """The models whose difference is on screen."""
        pairs = [*combinations(self.names, 2), None]
        return pairs[self.pairs % len(pairs)]

    @property
    def readers(self) -> list[str]:
        """The masked models on screen, from which the right side may be taken."""
        return [name for name in self.names if name in gaps.masked(self.comparison)] if self.comparison else []

    def page(self) -> range:
        """The words of the page with the cursor."""
        words = len(self.comparison.words) if self.comparison else 0
        start = self.cursor // PAGE * PAGE
        return range(start, min(start + PAGE, words))

    def now(self) -> Shown | None:
        """What is on screen."""
        if self.comparison is None:
            return None
        return Shown(
            self.comparison, self.names, self.page(), self._shown_gap(), self.pair, self._known_gains(),
            tuple(self.pins), COLOURS[self.colour], self.lab.memory.limits(),
        )  # fmt: skip

    def _known_gains(self) -> dict[str, list[float | None]]:
        """What each masked model gained, once the left side was read; counted once."""
        key = (id(self.comparison), id(self.left))
        if self._gains[0] != key:
            if self.comparison is not None and isinstance(self.comparison.words, Pages):
                return {}  # counted in a thread, where it was read at all
            fits = self.comparison is not None and self.left is not None and gaps.belongs(self.left, self.comparison)
            found = gaps.gains(self.comparison, self.left) if fits and self.comparison and self.left else {}
            self._gains = key, found
        return self._gains[1]

    def take_left(self, left: Comparison) -> None:
        self.left = left
        if self.comparison is not None and isinstance(self.comparison.words, Pages):
            self.run_worker(self._count_gains(self.comparison, left), group="gains", exclusive=True)
        else:
            self.refill()

    async def _count_gains(self, full: Comparison, left: Comparison) -> None:
        if gaps.belongs(left, full):
            found = await asyncio.to_thread(gaps.gains, full, left)
            self._gains = (id(full), id(left)), found
            self.refill()

    def _shown_gap(self) -> Gap | None:
        readers = self.readers
        if self.comparison is None:
            return None
        if self.right and readers:
            name = readers[(self.right - 1) % len(readers)]
            return gaps.gained(name, self._known_gains().get(name) or [None] * len(self.comparison.words))
        key = (id(self.comparison), self.pair)
        if self._gap[0] != key:
            self._gap = key, gaps.between(self.comparison, self.pair) if self.pair else None
        return self._gap[1]

    # --- actions ---------------------------------------------------------------------------------------------

    def action_difference(self) -> None:
        self.pairs += not self.right
        self.right = 0
        self.refill()

    def action_right(self) -> None:
        if self.comparison is None:
            return
        if not self.readers:
            self.lab.say("No model on screen read both sides: there is no right side to take away.")
            return
        self.right = (self.right + 1) % (len(self.readers) + 1)
        if self.right and not self._known_gains() and "left" not in self.open:
            self.ask_left()
        self.refill()

    def action_colour(self) -> None:
        self.colour = (self.colour + 1) % len(COLOURS)
        self.refill()
        if self.seen == "table":
            self.lab.say(f"The text is coloured by {COLOURS[self.colour]}: v shows it.")

    def action_page(self, count: int) -> None:
        self._to_page(self.cursor // PAGE + count)

    def action_to_page(self) -> None:
        words = len(self.comparison.words) if self.comparison else 0
        pages = -(-words // PAGE)

        def parse(typed: str) -> int:
            if not typed.strip().isdecimal() or not 1 <= int(typed) <= pages:
                raise UserError("There is no such page.", hint=f"Give a number from 1 to {pages}.")
            return int(typed)

        def go(typed: str | None) -> None:
            if typed is not None:
                self._to_page(parse(typed) - 1)

        about = f"{words:,} words, {PAGE} a page."
        self.app.push_screen(Entry(Content("Go to page"), about, str(self.cursor // PAGE + 1), parse), go)

    def _to_page(self, page: int) -> None:
        """Go to the first word of a page, counted from 0, if there is such a page."""
        if self.comparison and 0 <= page * PAGE < len(self.comparison.words):
            self.query_one("#text" if self.seen == "text" else "#table", WordView).go(page * PAGE)

    @property
    def seen(self) -> str:
        """What is on screen: text, table or both."""
        raise NotImplementedError

    def action_limits(self) -> None:
        def take(typed: str | None) -> None:
            if typed is not None:
                self.lab.memory.chose_limits(ranks.parse(typed))
                self.refill()

        about = "Three rising ranks: the last of each bucket. Rank 1 is the likeliest word."
        now = " ".join(map(str, self.lab.memory.limits()))
        self.app.push_screen(Entry(Content("Steps of the ranks"), about, now, ranks.parse), take)

    def action_third(self) -> None:
        self.third = len(self.names) <= 2
        self.pairs = 0 if self.wide else -1
        self.refill()

    def action_last(self, last: int) -> None:
        """Put the next hidden model into the last or the first column; where none is hidden, turn them round."""
        count = len(self.names)
        if len(self.order) < 2:
            return
        if count < len(self.order):
            hidden = self.order.pop(count)
            at = count - 1 if last else 0
            self.order.append(self.order[at])
            self.order[at] = hidden
        elif last:
            self.order.append(self.order.pop(0))
        else:
            self.order.insert(0, self.order.pop())
        self.refill()
