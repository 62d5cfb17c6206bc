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
    cause: str = ""
    """How the last one ended, also while another starts and works; empty as long as none did."""

    def told(self, news: Hello | Ready | Death) -> Status:
        """The status after a piece of news from the engine."""
        if isinstance(news, Hello):
            return self.starting("importing torch")
        if isinstance(news, Ready):
            return Status("ready", "", news.device, news.dtype, news.reason, self.tail, self.cause)
        return replace(self, phase="died", note=news.cause, tail=news.tail(), cause=news.cause)

    def starting(self, note: str = "") -> Status:
        """The status while an engine starts; how the one before ended is not forgotten."""
        return Status("starting", note, tail=self.tail, cause=self.cause)

    @property
    def line(self) -> str:
        """A sentence for the status line; empty when the engine is ready and there is nothing to say."""
        if self.phase == "starting":
            if self.cause:
                return self.fate
            return f"engine starting: {self.note}" if self.note else "engine starting"
        if self.phase == "died":
            return f"engine {_short(self.note)} · ctrl+r restarts it · ! shows more"
        if self.phase == "ready":
            return self.note
        return "engine not started" if self.phase == "off" else ""

    @property
    def fate(self) -> str:
        """How the last engine ended and what became of it, short enough for 80 columns; empty where none died."""
        if self.phase == "died":
            return self.line
        if not self.cause:
            return ""
        anew = "started anew" if self.phase == "ready" else "starting anew"
        return f"engine {_short(self.cause)} · {anew} · ! shows more"

    @property
    def obituary(self) -> tuple[str, str, str, str]:
        """What happened, why, what to do and the last lines, for a screen of its own."""
        hint = "ctrl+r restarts it." if self.phase == "died" else "It is started anew: ask again."
        return "The engine died.", self.cause or self.note, f"{hint} Nothing that was typed is lost.", self.tail

    @property
    def where(self) -> str:
        """The device for the header, or the phase while there is none."""
        return self.device if self.phase == "ready" else self.phase


def _short(cause: str) -> str:
    """A cause without its advice, as the predicate of `engine`."""
    clause = cause.partition(": ")[0].removeprefix("The engine ")
    whole = clause.startswith(("killed", "did", "cannot", "is", "speaks"))
    return clause if whole else f"died: {clause.removeprefix('it ')}"


class Told(Message):
    """The engine told something that answers no request."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news
