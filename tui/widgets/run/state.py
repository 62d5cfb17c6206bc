"""How a person looks at a run: which view, which steps, which evaluation. Pure; the widgets draw what it says."""

from __future__ import annotations

from collections.abc import Sequence

from tui.charts.readout import readout
from tui.charts.series import SMOOTH, Frame, Panel, stepped, zoomed
from tui.runs import scrub
from tui.runs.panels import apart, panels, present
from tui.runs.watch import Seen
from tui.widgets.run.samples import Scrub, nearest

PAGES = ("samples", "events")
"""The views that are no charts."""
LOSSES = ("masked", "causal")
"""The panels whose comparison must be fair."""


class State:
    """One run, the runs laid over it, and where a person stands among their charts."""

    def __init__(self) -> None:
        self.seen: Seen | None = None
        self.others: tuple[Seen, ...] = ()
        self.panels: list[Panel] = []
        self.apart: list[str] = []
        """Why the runs are no fair comparison."""
        self.chosen = ""
        """The view that a person chose; empty for the loss that the run has now."""
        self.frame = Frame()
        self.scrub = Scrub()

    def take(self, seen: Seen | None, others: Sequence[Seen]) -> None:
        """Look at `seen` from now on. Another run keeps the way of looking, not the place."""
        if (seen and seen.now.id) != (self.seen and self.seen.now.id):
            self.chosen = self.chosen if self.chosen in PAGES else ""
            self.reset()
        self.seen, self.others = seen, tuple(others)
        self.panels = panels(seen, others) if seen else []
        self.apart = apart(seen, others) if seen else []
        if self.apart:
            note = " · ".join([self.apart[0], *(one.removeprefix("not comparable: ") for one in self.apart[1:])])
            self.panels = [one._replace(note=note) if one.name in LOSSES else one for one in self.panels]

    @property
    def names(self) -> list[str]:
        """All views, the charts first."""
        return [*(panel.name for panel in self.panels), *PAGES] if self.seen else []

    @property
    def view(self) -> str:
        """The view that is shown: the chosen one where the run has it."""
        if self.seen is None or self.chosen in self.names:
            return self.chosen
        now = present(self.seen)
        return now if now in self.names else self.names[0]

    @property
    def paged(self) -> bool:
        """Whether the view is no chart."""
        return self.view in PAGES

    def shown(self, count: int) -> list[Panel]:
        """The panels on the screen: `count` from the chosen one on, at most; beside a page, the loss alone."""
        if self.seen is None:
            return []
        view, count = (present(self.seen), 1) if self.paged else (self.view, count)
        at = next((number for number, panel in enumerate(self.panels) if panel.name == view), 0)
        return [self.panels[(at + more) % len(self.panels)] for more in range(min(count, len(self.panels)))]

    @property
    def looks(self) -> list[int]:
        """The steps at which the sentences were asked."""
        return scrub.steps(self.seen.sentences) if self.seen else []

    @property
    def cursor(self) -> float | None:
        """The step that the charts mark: the one that is read, or the evaluation that is looked at beside them."""
        return self.scrub.step if self.view == "samples" else self.frame.cursor

    def told(self, shown: Sequence[Panel]) -> str:
        """What every series says at the cursor, those on the screen first; empty without one."""
        if self.seen is None or self.paged or self.frame.cursor is None:
            return ""
        rest = [panel for panel in self.panels if panel.name not in {one.name for one in shown}]
        return readout(shown, rest, self.frame.cursor, self.seen.merged)

    @property
    def checkpoint(self) -> int | None:
        """The checkpoint nearest to the evaluation that is looked at."""
        if self.seen is None or not self.looks:
            return None
        return nearest(self.seen.checkpoints, self.scrub.at(self.looks))

    # --- moving ----------------------------------------------------------------------------------------------

    def turn(self, by: int) -> None:
        """The view `by` further on."""
        if names := self.names:
            self.chosen = names[(names.index(self.view) + by) % len(names)]

    def move(self, share: float) -> None:
        """The cursor, or the evaluation, by `share` of all: at least one."""
        if self.view == "samples":
            self.scrub.move(self.looks, share)
        elif shown := self.shown(1):
            self.point(stepped(shown[0].series, self.frame, share))

    def point(self, step: float | None) -> None:
        """Read the charts at `step`."""
        self.frame = self.frame._replace(cursor=step)

    def zoom(self, factor: float) -> None:
        """`factor` times as many steps, around the cursor."""
        if shown := self.shown(1):
            self.frame = self.frame._replace(window=zoomed(shown[0].series, self.frame, factor))

    def smooth(self) -> None:
        """The next strength of smoothing."""
        self.frame = self.frame._replace(weight=SMOOTH[(SMOOTH.index(self.frame.weight) + 1) % len(SMOOTH)])

    def log(self, axis: str) -> None:
        """An even or a logarithmic axis, x or y."""
        frame = self.frame
        self.frame = frame._replace(log_x=not frame.log_x) if axis == "x" else frame._replace(log_y=not frame.log_y)

    def reset(self) -> None:
        """All steps, no cursor, and the newest samples."""
        self.frame, self.scrub = self.frame._replace(window=None, cursor=None), Scrub()
