"""Watch the bundled models learn: the samples of their trainings, on a screen of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.results.learned import Learned
from tui.runs.scrub import steps
from tui.text import one_line, shorten
from tui.widgets.run.samples import Scrub, head, page

KEYS = "←→ checkpoint · m model · y copies · esc closes"


class LearnedSheet(ModalScreen[None]):
    """One model at a time, one checkpoint at a time; the newest to begin with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Close", id="learned.close", tooltip="Close this."),
        Binding("left", "step(-1)", "Back", id="learned.back", tooltip="The checkpoint before."),
        Binding("right", "step(1)", "On", id="learned.on", tooltip="The next checkpoint."),
        Binding("home", "step(-100)", "First", show=False, id="learned.first", tooltip="Before it read anything."),
        Binding("end", "step(100)", "Last", show=False, id="learned.last", tooltip="As it ships."),
        Binding("m,tab", "model", "Model", id="learned.model", tooltip="The next of the bundled models."),
        Binding("y", "copy", "Copy", id="learned.copy", tooltip="Copy what is shown, as text."),
    ]
    DEFAULT_CSS = """
    LearnedSheet { align: center middle; }
    LearnedSheet Static { height: auto; text-wrap: nowrap; }
    """

    def __init__(self, models: Sequence[Learned]) -> None:
        """`models`: at least one."""
        super().__init__()
        self.models, self.chosen, self.scrub = list(models), 0, Scrub()

    @property
    def model(self) -> Learned:
        """The one that is looked at."""
        return self.models[self.chosen]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large") as box:
            box.border_subtitle = KEYS
            yield Static(id="learned-head", markup=False)
            with VerticalScroll():
                yield Static(id="learned-page", markup=False)

    def on_resize(self, _: Resize) -> None:
        """The lines are as wide as there is room for."""
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        above, below = self._shown(max(40, self.query_one("#learned-head").size.width))
        self.query_one("#learned-head", Static).update(above)
        self.query_one("#learned-page", Static).update(below)

    def _shown(self, width: int) -> tuple[Content, Content]:
        known, about = self.model.sentences, f" How {self.model.name} learned · {self.model.about}"
        above = Content.styled(shorten(one_line(about), width), "bold")
        return Content("\n").join([above, head(known, self.scrub, (), width)]), page(known, self.scrub, width, 100)

    def action_step(self, by: int) -> None:
        """Another checkpoint: the next, or so many hundredths of all on."""
        self.scrub.move(steps(self.model.sentences), by / 100 if abs(by) > 1 else by * 1e-9)
        self._paint()

    def action_model(self) -> None:
        """The next model, at the same place of its training."""
        self.chosen = (self.chosen + 1) % len(self.models)
        self._paint()

    def action_copy(self) -> None:
        """Send what is shown to the clipboard of the person's terminal."""
        self.app.copy_to_clipboard("\n".join(part.plain for part in self._shown(100)))
        self.notify("Copied.", markup=False)
