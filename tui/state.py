"""What the app knows about the engine, without widgets or processes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from textual.message import Message

from core.messages import Hello, Ready
from tui.engine import News
from tui.engine.death import Death

Phase = Literal["off", "starting", "ready", "died"]


@dataclass(frozen=True)
class Status:
    """How the engine is, for the header and the status line. Changes only by `told`."""

    phase: Phase = "off"
    note: str = ""
    """What it is doing while it starts, or why it died: a clause."""
    device: str = ""
    dtype: str = ""
    reason: str = ""
    """Why this device."""
    tail: str = ""
    """The last lines it wrote when it died."""

    def told(self, news: Hello | Ready | Death) -> Status:
        """The status after a piece of news from the engine."""
        if isinstance(news, Hello):
            return Status("starting", "importing torch")
        if isinstance(news, Ready):
            return Status("ready", "", news.device, news.dtype, news.reason)
        return replace(self, phase="died", note=news.cause, tail=news.tail())

    @property
    def line(self) -> str:
        """A sentence for the status line; empty when the engine is ready and there is nothing to say."""
        if self.phase == "starting":
            return f"engine starting: {self.note}" if self.note else "engine starting"
        if self.phase == "died":
            return f"engine died (ctrl+r restarts it): {self.note}"
        return "engine not started" if self.phase == "off" else ""

    @property
    def obituary(self) -> tuple[str, str, str, str]:
        """What happened, why, what to do and the last lines, for a screen of its own."""
        return "The engine died.", self.note, "ctrl+r restarts it. Nothing that was typed is lost.", self.tail

    @property
    def where(self) -> str:
        """The device for the header, or the phase while there is none."""
        return self.device if self.phase == "ready" else self.phase


class Told(Message):
    """The engine told something that answers no request."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news
