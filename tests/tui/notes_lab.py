"""A window that opens with the Notes, and an experiment that nobody has to wait for."""

from __future__ import annotations

from pathlib import Path

from textual.events import Mount
from textual.pilot import Pilot

from core.claims.plan import Decision, Knob, Measured, Plan
from core.messages import AnyRequest, Chart, Experiment, Experimented, Finding
from tests.tui.fakes import FakeEngine
from tests.tui.findings import finding
from tests.tui.hosts import until
from tui import app as window
from tui.app import LookbothApp
from tui.engine import AnyFinal
from tui.notes import pages
from tui.panes.notes import NotesPane
from tui.widgets.outline import Outline
from tui.widgets.reader import Reader


def decide(measured: Measured) -> Decision:
    return Decision("supported", "As the rule says.")


PLAN = Plan(
    claim="C7", name="ends", title="Accuracy at the ends", about="Hides every word once.", rule="More than 10 points.",
    decide=decide, literature="mixed", differs="Tiny models.",
    knobs=(
        Knob("windows", "windows that are read", 20, 200, low=5, high=500, step=5),
        Knob("control", "what must turn the verdict", "none", "none", choices=("none", "shuffled")),
    ),
    seconds=40, thorough_seconds=480,
)  # fmt: skip


class NotesLab(LookbothApp):
    """Starts with the Notes in front. Its engine measures what it is asked, and finds what `finding` makes up."""

    CSS_PATH = Path(window.__file__).with_name("app.tcss")

    def __init__(self) -> None:
        self.main = FakeEngine()
        self.own = self.main.another()
        self.own.answer = self.measured
        super().__init__(self.main)

    async def on_mount(self, event: Mount) -> None:  # type: ignore[override]
        event.prevent_default()
        self.main.ready_now()
        await self.action_show("notes")

    @staticmethod
    def measured(request: AnyRequest) -> AnyFinal:
        assert isinstance(request, Experiment)
        return Experimented(id=request.id, finding=found(request))

    @property
    def notes(self) -> NotesPane:
        return self.window.query_one(NotesPane)


def found(request: Experiment, **more: object) -> Finding:
    """As if it had been measured."""
    return finding(request.claim, seed=request.seed, thorough=request.thorough, knobs=request.knobs, **more)


def heat(name: str = "x") -> Chart:
    """A table of four cells: nothing, not measured, a little, and much."""
    return Chart(title="Map", kind="heat", ticks=["a", "b"], row_ticks=[name, "y"], cells=[[0.0, None], [0.1, 1.0]])


def reader(pilot: Pilot[None]) -> Reader:
    return pilot.app.screen_stack[0].query_one(Reader)


async def settle(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: reader(pilot).request.page, "a page is shown")
    await pilot.pause()


async def go_to(pilot: Pilot[None], key: str) -> None:
    """Open one note from the outline."""
    outline = pilot.app.query_one(Outline)
    outline.focus()
    outline.highlighted = pages.number_of(pages.load(), key)
    await pilot.press("enter")
    await settle(pilot)
