"""A window around one pane, and how to wait for it and read it."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Footer

from tui.panes.pane import Pane


class Host(App[None]):
    """One pane and nothing else: no engine is started."""

    def __init__(self, pane: Pane) -> None:
        super().__init__()
        self.pane = pane
        self.heard: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.pane
        yield Footer()

    def on_mount(self) -> None:
        if rest := self.pane.rest():
            rest.focus()


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str = "", seconds: float = 20) -> None:
    """Return as soon as `condition` holds; fail when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what or condition}"
        await pilot.pause(0.02)


def shown(app: App[None]) -> str:
    """What stands on the screen, line by line."""
    rows: dict[float, list[tuple[float, str]]] = {}
    pattern = r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>'
    for x, y, text in re.findall(pattern, app.export_screenshot(), re.DOTALL):
        rows.setdefault(float(y), []).append((float(x), html.unescape(text).replace("\xa0", " ")))
    return "\n".join("".join(text for _, text in sorted(row)) for _, row in sorted(rows.items()))


async def see(pilot: Pilot[None], *words: str) -> None:
    """Wait until all `words` are on the screen."""
    for word in words:
        await until(pilot, lambda word=word: word in shown(pilot.app), word)  # type: ignore[misc]
