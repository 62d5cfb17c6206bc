"""Draw the four panes for the README, with the real engine and a real run, at two sizes.

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

OUT = Path(__file__).parent / "screenshots"
SIZES = [(80, 24), (160, 48)]
BUDGET = 150_000
"""Tokens that the run in the picture of Train reads."""


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
        await pilot.press("f2", "down", "down", "enter")
        await pilot.pause(0.5)
        save("notes")
        await pilot.press("f3")
        run = next(runs.every())
        await until(pilot, lambda: run.outcome() is not None)
        await pilot.pause(1.0)
        await pilot.press("enter")
        await pilot.pause(1.0)
        save("train")
        await app.engine.stop()


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        from core import paths
        from core.plan import Choice, settle
        from tui.runs import trainer

        passages = (str(paths.assets() / "passages"),)
        trainer.start(settle(Choice(family="gpt2", texts=passages, tokens=BUDGET)), "passages-gpt2")
        for columns, lines in SIZES:
            asyncio.run(draw(columns, lines))


if __name__ == "__main__":
    main()
