"""Draw the four panes for the README, with the real engine and real runs, at two sizes. It takes some minutes.

.venv/bin/python -m docs.draw
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from core.runs import Run
from tui.panes.notes import NotesPane

OUT = Path(__file__).parent / "screenshots"
CLAIMS = ("C8", "C2", "C10")
SIZES = [(80, 24), (160, 48)]
ENDED, GOING = 800_000, 3_000_000
"""Tokens that the runs in the pictures of Train read: those that have ended, and the one in progress."""


async def until(pilot: Pilot[None], condition: Callable[[], object], seconds: float = 120) -> None:
    """Return when `condition` holds. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        await pilot.pause(0.1)


async def draw(columns: int, lines: int) -> None:
    """The four panes at one size."""
    from core import runs
    from tui.app import LookbothApp
    from tui.panes.compare import ComparePane
    from tui.panes.predict import PredictPane

    app = LookbothApp()

    def save(name: str) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        svg = app.export_screenshot(title="Lookboth")
        (OUT / f"{name}-{columns}x{lines}.svg").write_text(svg, "utf-8")

    async with app.run_test(size=(columns, lines)) as pilot:
        compare = app.query_one(ComparePane)
        await until(pilot, lambda: compare.live)
        await pilot.press(*["right"] * 5)
        await pilot.pause(0.5)
        save("compare")
        await pilot.press("f4")
        predict = app.query_one(PredictPane)
        await until(pilot, lambda: len(predict.answers) == len(predict.models))
        await pilot.pause(0.5)
        save("predict")
        await pilot.press("f2")
        for claim in CLAIMS:
            await measured(pilot, app.query_one(NotesPane), claim)
            save(f"notes-{claim.lower()}")
        await pilot.press("f3")
        going = runs.find("docs-bert")
        await until(pilot, lambda: past_the_switch(going))
        await pilot.pause(1.0)
        await pilot.press("enter")
        await pilot.pause(1.0)
        save("train")
        await pilot.press("escape", "down", "space", "down", "space", "enter")
        await pilot.pause(2.0)
        save("overlay")
        await app.engine.stop()


async def measured(pilot: Pilot[None], notes: NotesPane, claim: str) -> None:
    """Open a claim, and run its experiment unless that was done at another size."""
    notes.open_note(claim)
    await pilot.pause(0.5)

    def finished() -> bool:
        state = notes.state()
        return bool(state and state.finding and state.finding.complete)

    if not finished():
        await pilot.press("r")
    await until(pilot, finished, 600)
    if not notes.has_class("-trying"):
        await pilot.press("tab")
    await pilot.pause(1.0)


def past_the_switch(run: Run) -> bool:
    """Whether a BERT has been reading with masks for a while."""
    switch, steps = run.file().switch, [row["step"] for row in run.rows()[0] if "loss" in row]
    return bool(switch and steps) and steps[-1] > 1.5 * switch


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        from core.plan import Choice, settle
        from tui.runs import trainer

        for family in ("lstm", "gpt2"):
            started = trainer.start(settle(Choice(family=family, tokens=ENDED)), f"docs-{family}")  # type: ignore[arg-type]
            started.process.wait()
        going = trainer.start(settle(Choice(family="bert", tokens=GOING)), "docs-bert")
        try:
            for columns, lines in SIZES:
                asyncio.run(draw(columns, lines))
        finally:
            going.of.ask("stop")
            going.process.wait()


if __name__ == "__main__":
    from docs import wide

    main()
    wide.main(OUT)
