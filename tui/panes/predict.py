"""Predict: type, and see what each model expects at a mask or at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from core.messages import Cancelled, Failed, Predict, Predicted, Prediction, Slot
from tui.engine import AnyFinal
from tui.panes.text_pane import TextPane
from tui.results.predictions import as_csv, as_json, as_table, shared
from tui.results.slots import insertion
from tui.state import Status
from tui.text import plain
from tui.widgets.candidates import Candidates
from tui.widgets.field import TextField

PAUSE = 0.15
"""Seconds without a key before the models are asked."""
FEW, MANY, TALL = 10, 20, 36
"""Candidates asked for; `MANY` from `TALL` rows on."""
MASK = "[MASK]"
OPENING = f"He was born in {MASK} and died in Paris."


class PredictPane(TextPane):
    """The text field over one list of candidates a model."""

    TITLE = "Predict"
    BEARS_ON: ClassVar[Mapping[str, str]] = {
        "C6": "a mask is filled from both sides",
        "C5": "a word's vector moves with its context",
        "C9": "marks as the model knows them",
    }
    PLACEHOLDER = "Type: predictions follow. F8 puts a mask, o opens a study passage."
    ABOUT = (
        "Type, and see what comes next according to each model; or put a mask and see what belongs there. BERT reads "
        "both sides of a mask; GPT-2 and the LSTM answer from the words to its left. [MASK], <mask> and ___ all mean a "
        "mask. tab goes to the candidates; enter or tab there takes one into the text, ctrl+z takes it back."
    )
    LEGEND = "␣ a space that belongs to the token · ## a piece that continues a word · ‹F0 9F› bytes of a character"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f8", "mask", "Mask", id="predict.mask", tooltip="Mask the word under the cursor, or put a mask there."
        ),
        Binding(
            "f9", "slot(1)", "Next mask", show=False, id="predict.slot", tooltip="Look at the next mask of the text."
        ),
        Binding("ctrl+z", "undo", "Undo", show=False, id="predict.undo", tooltip="Take the last change back."),
        Binding("right_square_bracket", "slot(1)", "Mask after", show=False, id="predict.after", tooltip="Next mask."),
        Binding(
            "left_square_bracket", "slot(-1)", "Mask before", show=False, id="predict.before", tooltip="Mask before."
        ),
    ]

    def __init__(self, *, id: str = "predict") -> None:
        super().__init__(id=id)
        self.answers: dict[str, Prediction | Failed] = {}
        self.slot = 0
        self.said = ""
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self.field
        yield Static(id="understood")
        yield Static(id="shared")
        yield Horizontal(id="lists")

    async def on_mount(self) -> None:
        """Show the text of the last time; models are asked as soon as there is an engine."""
        draft = self.lab.memory.draft(self.key)
        self.recall(OPENING if draft is None else draft)
        await self._make_lists()
        self.ask_all()

    def on_resize(self, event: Resize) -> None:
        """The notes over the candidates take another number of lines."""
        self.call_after_refresh(self._level)

    async def _make_lists(self) -> None:
        lists = self.query_one("#lists")
        await lists.remove_children()
        await lists.mount(*(Candidates(name) for name in self.models))

    # --- what the app asks -----------------------------------------------------------------------------------

    def rest(self) -> Widget | None:
        lists = self.query(Candidates)
        return next((one for one in lists if one.has_focus), lists.first() if lists else None)

    def status(self) -> str:
        if self.open and self.lab.status.phase != "ready":
            return f"waiting to predict · {self.lab.status.line}"
        if self.open and self.progress is not None:
            return f"{self.progress.note} {self.progress.done}/{self.progress.total}"
        return "predicting" if self.open else self.said or self.lab.status.line

    def as_text(self) -> str:
        return as_table(self._predictions())

    def as_files(self) -> dict[str, str]:
        found = self._predictions()
        return {"json": as_json(found), "csv": as_csv(found)} if found else {}

    def _predictions(self) -> list[Prediction]:
        return [answer for name in self.models if isinstance(answer := self.answers.get(name), Prediction)]

    # --- asking ----------------------------------------------------------------------------------------------

    def engine_changed(self, status: Status) -> None:
        if status.phase == "ready" and not self.open and not self._predictions():
            self.ask_all()

    def changed(self) -> None:
        """The text changed: wait for a pause in the typing."""
        self.said = ""
        for one in self.query(Candidates):
            one.outdate()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.ask_all)

    def opened(self) -> None:
        self.call_later(self._renew)

    async def _renew(self) -> None:
        if [one.model for one in self.query(Candidates)] != self.models:
            await self._make_lists()
            if rest := self.rest():
                rest.focus()
        self.ask_all()

    def ask_all(self) -> None:
        """Ask every model about the text as it is now."""
        text = self.field.value
        self.answers, self.said = {}, ""
        if not text.strip():
            self.said = "Type a text: predictions follow."
            self.refill()
            return
        top = MANY if self.app.size.height >= TALL else FEW
        for name in self.models:
            self.ask(name, Predict(id=self.engine.fresh(), model=name, text=text, top=top))

    def answered(self, slot: str, answer: AnyFinal) -> None:
        if isinstance(answer, Predicted):
            self.answers[slot] = answer.prediction
        elif isinstance(answer, Failed):
            self.answers[slot] = answer
        elif isinstance(answer, Cancelled):
            self.said = "cancelled · type to ask again"
        self.refill()

    # --- showing ---------------------------------------------------------------------------------------------

    @property
    def places(self) -> list[Slot]:
        """The places asked about."""
        return next((one.slots for one in self._predictions()), [])

    def refill(self) -> None:
        """Give every list what it shows, and say which place it is."""
        places, common = self.places, shared(self._predictions())
        self.slot = min(self.slot, max(0, len(places) - 1))
        for one in self.query(Candidates):
            if one.model in self.answers or one.model not in self.open:  # else the old list stays, said to be old
                one.show(self.answers.get(one.model), self.slot, common)
        lines = [plain(f"{names}: {note}" if names else note) for note, names in common.items()]
        self.query_one("#shared", Static).update(Content("\n").join(lines))
        self.query_one("#shared").display = bool(lines)
        self.call_after_refresh(self._level)
        self.query_one("#understood", Static).update(Content(" ") + plain(self._understood(places)))
        self.refresh_bindings()
        self.say()

    def _level(self) -> None:
        """Let the candidates of every list begin in the same row."""
        lists = self.query(Candidates)
        for one in lists:
            one.room = max(other.needed for other in lists)

    def _understood(self, places: list[Slot]) -> str:
        if not places:
            return ""
        place, text = places[self.slot], self.field.value
        before = text[max(0, place.start - 24) : place.start]
        before = "…" + before if place.start > 24 else before
        if place.kind == "next":
            return f"what comes next: {before}▁▁▁"
        number = f"mask {self.slot + 1} of {len(places)} (F9: the next)" if len(places) > 1 else "the mask"
        return f"{number}: {before}▁▁▁{text[place.end : place.end + 40]}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another mask only where there is one."""
        return len(self.places) > 1 if action == "slot" else True

    # --- acting ----------------------------------------------------------------------------------------------

    @on(Candidates.Taken)
    def _taken(self, event: Candidates.Taken) -> None:
        event.stop()
        prediction = event.source.prediction
        if prediction is None or prediction.text != self.field.value:
            self.said = "one moment: these answer an earlier text"
            self.say()
            return
        slot = prediction.slots[min(self.slot, len(prediction.slots) - 1)]
        change = insertion(prediction.text, slot, event.candidate.text)
        if change is None:
            self.lab.say("That is a part of a character: it cannot stand in a text alone.", "warning")
            return
        self.field.put(*change)

    @on(Candidates.Aside)
    def _aside(self, event: Candidates.Aside) -> None:
        event.stop()
        lists = list(self.query(Candidates))
        there = lists.index(event.source) + event.by
        if 0 <= there < len(lists):
            lists[there].cursor = min(event.source.cursor, max(0, len(lists[there].top) - 1))
            lists[there].focus()

    @on(TextField.Sent)
    def _sent(self) -> None:
        """Enter in the field goes to the candidates."""
        if rest := self.rest():
            rest.focus()

    def action_mask(self) -> None:
        self.field.put_mask(MASK)

    def action_slot(self, by: int) -> None:
        if self.places:
            self.slot = (self.slot + by) % len(self.places)
            self.refill()

    def action_undo(self) -> None:
        self.field.undo()
