"""What the screen of the sweep asks its engine, and what it keeps: it starts, refines, stops, saves and opens."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from msgspec.structs import replace
from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from core.errors import UserError
from core.messages import Cancelled, Curves, Failed, Partial, Sweep, Sweeping, Swept
from tui.engine import AnyFinal
from tui.panes.apart import ApartPane
from tui.sweeps import kept
from tui.widgets.entry import Entry
from tui.widgets.problem import Problem
from tui.widgets.saved_picker import SavedPicker
from tui.widgets.sweep_form import SweepForm

SLOT = "sweep"
FIRST = Sweep(id=0, models=["bert", "gpt2", "lstm"], conditions=["framed", "bare", "start"])
"""What is asked until somebody chooses: of all positions, the ends and some between come first."""
ABOUT = "Saved with the models' identities, the protocol, the seed and every number; ctrl+o opens it again."


class AskingPane(ApartPane):
    """Has at most one sweep, which may still grow."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="sweep.new", tooltip="Choose models, conditions, windows, and start."),
        Binding("x", "stop", "Stop", id="sweep.stop", tooltip="Stop; what is found by then stays."),
        Binding("w", "save", "Save", id="sweep.save", tooltip="Save this sweep under a name."),
        Binding("ctrl+o", "saved", "Saved", show=False, id="sweep.saved", tooltip="Open a saved sweep."),
    ]
    found: Curves | None = None

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.asked = FIRST
        self.source = ""
        """Where the sweep comes from."""
        self.said = ""
        """The last thing to say about it: why there is no more of it."""
        self.begun = 0.0

    def take(self, found: Curves, source: str) -> None:
        """Show another sweep, or the same one with more in it."""
        raise NotImplementedError

    def status(self) -> str:
        return self.far("the sweep") if SLOT in self.open else self.said

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what makes sense now."""
        if action == "stop":
            return SLOT in self.open
        if action == "new":
            return SLOT not in self.open
        return super().check_action(action, parameters)

    # --- asking ----------------------------------------------------------------------------------------------

    @work(group="first")
    async def begin(self) -> None:
        """The first time: what ships, else a sweep of the bundled models."""
        ships = await asyncio.to_thread(kept.ships)
        if ships is not None:
            self.take(ships, "ships with the lab · n starts one here")
        else:
            self.start(FIRST)

    def start(self, asked: Sweep) -> None:
        """Ask for a sweep; the one before is shown until this one has found something."""
        self.asked, self.said, self.progress, self.begun = asked, "", None, time.monotonic()
        self.ask(SLOT, replace(asked, id=self.engine.fresh()))
        self.refresh_bindings()

    def grew(self, news: Partial) -> None:
        assert isinstance(news, Sweeping)
        self.take(news.sweep, "so far")

    def answered(self, slot: str, answer: AnyFinal) -> None:
        if isinstance(answer, Swept):
            self.take(answer.sweep, "complete")
            self.said = ""
        elif isinstance(answer, Failed):
            self.said = f"{answer.what} ! shows more"
            self.lab.fail(Problem.of(answer))
        elif isinstance(answer, Cancelled):
            self.said = "stopped · n starts again"
        self.rest_engine()
        self.refresh_bindings()

    @work(group="new")
    async def action_new(self) -> None:
        """Ask what to sweep, and start it."""
        if (asked := await self.app.push_screen_wait(SweepForm(self.asked))) is not None:
            self.start(asked)

    def action_stop(self) -> None:
        """Stop: what was found stays on the screen, and can be saved."""
        self.drop(SLOT)
        self.progress, self.said = None, "stopped · n starts again"
        if self.found and self.source == "so far":
            self.take(self.found, "stopped")
        self.rest_engine()
        self.refresh_bindings()
        self.say()

    # --- keeping ---------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        if (found := self.found) is None:
            self.lab.say("There is nothing to save here yet.")
            return

        def keep(name: str | None) -> None:
            if name is not None:
                self.run_worker(self._save(found, name), group="save")

        proposed = kept.name_of(found)
        self.app.push_screen(Entry(Content("Save this sweep"), ABOUT, proposed, kept.STORE.check), keep)

    async def _save(self, found: Curves, name: str) -> None:
        try:
            path = await asyncio.to_thread(kept.STORE.save, found, name)
        except UserError as error:
            self.lab.fail(Problem.of(error))
        else:
            self.lab.say(f"Saved: {path}")

    def action_saved(self) -> None:
        def show(chosen: tuple[str, Curves] | None) -> None:
            if chosen is not None:
                if SLOT in self.open:
                    self.action_stop()
                self.said = ""
                self.take(chosen[1], chosen[0])

        self.app.push_screen(SavedPicker("Saved sweeps", kept.STORE), show)
