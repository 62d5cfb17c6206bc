"""Draw the screens that need room, a scan and a sweep, for the README: at one size, with the bundled models.

.venv/bin/python -m docs.wide [FOLDER]
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from core.messages import Scan
from docs.draw import OUT, until

SIZE = (160, 48)
PASSAGES = 64
"""Passages that are scanned: some minutes on two cores."""
LOOKED_AT = 2
"""The hit that is in front, from 0: its passage stands below the list."""


async def scan(pilot: Pilot[None]) -> None:
    """The words of a held-out text at which BERT and GPT-2 differ most."""
    from tui.app import LookbothApp
    from tui.panes.scan import ScanPane

    assert isinstance(pilot.app, LookbothApp)
    await pilot.app.action_show("scan")
    pane = pilot.app.query_one(ScanPane)
    pane.start(Scan(id=0, models=["bert", "gpt2"], limit=PASSAGES))
    await until(pilot, lambda: pane.found and pane.found.complete, 1200)
    await pilot.press(*["down"] * LOOKED_AT)
    await pilot.pause(0.5)


async def sweep(pilot: Pilot[None]) -> None:
    """Accuracy by position, as it ships, and what it means; of BERT the curve of its training format alone."""
    from tui.app import LookbothApp
    from tui.panes.sweep import SweepPane

    assert isinstance(pilot.app, LookbothApp)
    await pilot.app.action_show("sweep")
    pane = pilot.app.query_one(SweepPane)
    await until(pilot, lambda: pane.found is not None, 300)
    await pilot.press(*["down"] * 3, "enter", *["up"] * 3)  # bert/bare lies over bert almost everywhere
    await pilot.pause(1.0)


async def draw(folder: Path) -> None:
    """Both, into `folder`."""
    from tui.app import LookbothApp

    app = LookbothApp()
    folder.mkdir(parents=True, exist_ok=True)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.status.phase == "ready")
        for name, screen in (("sweep", sweep), ("scan", scan)):
            await screen(pilot)
            svg = app.export_screenshot(title="Lookboth")
            (folder / f"{name}-{SIZE[0]}x{SIZE[1]}.svg").write_text(svg, "utf-8")
        await app.engine.stop()


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["LOOKBOTH_HOME"] = home
        asyncio.run(draw(folder))


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]) if sys.argv[1:] else OUT)
