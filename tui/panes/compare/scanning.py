"""From Compare to the scan of a whole text, and back to one of its passages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType

from core.messages import Comparison, Hit, Method
from tui.panes.compare.choosing import ChoosingPane


class ScanningPane(ChoosingPane):
    """Takes its two models to the scan, and a hit from there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "scan", "Scan a text", show=False, id="compare.scan",
                tooltip="Where two models differ most over a whole file or folder."),
    ]  # fmt: skip
    aim: Hit | None = None
    """The word that the cursor goes to when its passage is compared."""

    async def action_scan(self) -> None:
        """To the scan; where it has nothing yet, it asks what to scan with these two models."""
        from tui.panes.scan import ScanPane

        pair = self.pair or self.names[:2]
        await self.lab.action_show("scan")
        self.lab.window.query_one(ScanPane).propose(list(pair if len(pair) == 2 else self.models[:2]))

    def look_at(self, hit: Hit, methods: Mapping[str, Method]) -> None:
        """Compare the passage of a hit as the scan did, its two models in front, with the cursor on its word."""
        self.aim = hit
        self.method, self.pairs, self.right = "within_word_l2r", 0, 0
        self.first = "skip" if any(one.first_token == "skip" for one in methods.values()) else "bos"
        order = [*methods, *(name for name in self.models if name not in methods)]
        if not set(methods) <= set(self.models):
            self.models = order[: self.MOST]
            self.lab.memory.chose_models(self.key, self.models)
        self.order = [name for name in order if name in self.models]
        self.take(hit.text)
        self.compare()

    def aimed(self, comparison: Comparison) -> int | None:
        """Where the cursor goes in the passage that was asked for; None in any other text."""
        if self.aim is None or self.aim.text != comparison.text:
            return None
        start, self.aim = self.aim.start, None
        return next((at for at, word in enumerate(comparison.words) if word.end > start), 0)
