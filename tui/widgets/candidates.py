"""One model's predictions for one place of the text: a row a candidate, with a bar and a percentage."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.messages import Candidate, Failed, Kind, Prediction
from tui.results.reading import headline, visible
from tui.text import passage, shorten
from tui.widgets.bars import bar

LEAST = 8
"""Lines of a list that notes leave to its head and its candidates."""


class Candidates(Widget, can_focus=True):
    """A list that a person walks through; enter or tab takes the candidate under the cursor into the text."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "candidates--head",
        "candidates--muted",
        "candidates--cursor",
        "candidates--bar",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,tab", "take", "Take", key_display="⏎", id="candidates.take", tooltip="Put it into the text."),
        Binding("up,k", "move(-1)", "Up", show=False, id="candidates.up", tooltip="The candidate before."),
        Binding("down,j", "move(1)", "Down", show=False, id="candidates.down", tooltip="The next candidate."),
        Binding("left,h", "side(-1)", "Left", show=False, id="candidates.left", tooltip="The model to the left."),
        Binding("right,l", "side(1)", "Right", show=False, id="candidates.right", tooltip="The model to the right."),
        Binding("home,g", "move(-999)", "First", show=False, id="candidates.first", tooltip="The likeliest."),
        Binding("end,G", "move(999)", "Last", show=False, id="candidates.last", tooltip="The last one."),
    ]
    cursor: reactive[int] = reactive(0)
    room: reactive[int] = reactive(1)
    """Lines between the head and the candidates, the same for all lists side by side."""

    class Taken(Message):
        """The person wants `candidate` in the text."""

        def __init__(self, source: Candidates, candidate: Candidate) -> None:
            super().__init__()
            self.source = source
            self.candidate = candidate

    class Aside(Message):
        """The person wants to go to the list beside."""

        def __init__(self, source: Candidates, by: int) -> None:
            super().__init__()
            self.source = source
            self.by = by

    def __init__(self, name: str) -> None:
        super().__init__()
        self.model = name
        self.prediction: Prediction | None = None
        self.failed: Failed | None = None
        self.slot = 0
        self.stale = False
        self.elsewhere: Collection[str] = ()
        """Notes that stand over all lists."""

    @property
    def needed(self) -> int:
        """Lines that this list's own notes take, of those that leave room for some candidates."""
        if self.failed or self.stale or self.prediction is None:
            return 1
        return max(1, min(len(self._wrapped(self.size.width - 2)), self.size.height - LEAST))

    @property
    def above(self) -> int:
        """Candidates that are out of sight over the first visible one."""
        return max(0, self.cursor + 2 + self.room - self.size.height)

    @property
    def top(self) -> list[Candidate]:
        """The candidates of the slot."""
        slots = self.prediction.slots if self.prediction else []
        return slots[min(self.slot, len(slots) - 1)].top if slots else []

    def show(self, answer: Prediction | Failed | None, slot: int, elsewhere: Collection[str] = ()) -> None:
        """Show an answer, or that there is none, without the notes that stand `elsewhere`."""
        self.prediction = answer if isinstance(answer, Prediction) else None
        self.failed = answer if isinstance(answer, Failed) else None
        self.slot, self.stale, self.elsewhere = slot, False, elsewhere
        self.cursor = min(self.cursor, max(0, len(self.top) - 1))
        self.refresh()

    def outdate(self) -> None:
        """The text is no longer the one that was answered."""
        self.stale = True
        self.refresh()

    def action_take(self) -> None:
        if self.top:
            self.post_message(self.Taken(self, self.top[self.cursor]))

    def action_move(self, by: int) -> None:
        self.cursor = max(0, min(self.cursor + by, len(self.top) - 1))

    def action_side(self, by: int) -> None:
        self.post_message(self.Aside(self, by))

    def on_click(self, event: Click) -> None:
        """The first click goes to a candidate, the second takes it."""
        offset = event.get_content_offset(self)
        row = offset.y - 1 - self.room if offset else -1
        row += self.above if row >= 0 else 0
        if 0 <= row < len(self.top):
            if row == self.cursor and event.chain > 1:
                self.action_take()
            self.cursor = row

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        width, row = self.size.width, y - 1 - self.room
        if y == 0:
            kind: Kind | None = self.prediction.model.kind if self.prediction else None
            text = headline(self.model, kind, width - 1)
            return self._line(" " + text, "head")
        if row < 0 or self.failed:
            notes = self._notes(width - 2)
            return self._line(" " + notes[y - 1] if y - 1 < len(notes) else "", "muted")
        row += self.above
        if row < len(self.top):
            return self._candidate(row, self.top[row], width)
        return Strip.blank(width, self.rich_style)

    def _line(self, text: str, part: str) -> Strip:
        strip = Strip([Segment(text, self.get_component_rich_style(f"candidates--{part}"))])
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _notes(self, width: int) -> list[str]:
        """At most `room` lines; a failure has the whole list for itself."""
        lines = self._wrapped(width)
        room = self.size.height - 1 if self.failed else self.room
        return lines if len(lines) <= room else [*lines[: room - 1], shorten(f"{lines[room - 1]} …", width)]

    def _wrapped(self, width: int) -> list[str]:
        if self.failed:
            text = " ".join(part for part in (self.failed.what, self.failed.why, self.failed.hint) if part)
        elif self.stale:
            text = "…"
        else:
            notes = self.prediction.notes if self.prediction else ["…"]
            text = " ".join(note for note in notes if note not in self.elsewhere)
        return [line.plain.rstrip() for line in passage(text).wrap(max(8, width))]

    def _candidate(self, row: int, one: Candidate, width: int) -> Strip:
        here = row == self.cursor and self.has_focus
        base = self.get_component_rich_style("candidates--cursor") if here else self.rich_style
        if self.stale and not here:
            base = self.get_component_rich_style("candidates--muted")
        tone = base if here else self.get_component_rich_style("candidates--bar")
        room = max(4, width // 2 - 4, min(16, width - 14))
        text = set_cell_size(shorten(visible(one.text), room), room)
        drawn = bar(one.prob, max(0, width - room - 10))
        lead = "▸" if row == self.cursor and self.has_focus else " "
        percent = f"{100 * one.prob:5.1f}% " if one.prob >= 0.0005 else " <0.1% "
        return Strip([Segment(f"{lead}{text} {percent}", base), Segment(drawn, tone)]).adjust_cell_length(width, base)
