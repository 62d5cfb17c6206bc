"""An engine whose work needs no torch, and everything it told."""

from __future__ import annotations

import asyncio
import shlex
import sys

from core import messages as m
from tests import fake_engine
from tui.engine import AnyFinal, Engine, News

COMMAND = shlex.join([sys.executable, "-P", str(fake_engine.ITSELF)])


class Lab:
    """An engine and everything it told."""

    def __init__(self, *options: str, command: str = COMMAND) -> None:
        self.news: list[News] = []
        self.engine = Engine(" ".join([command, *options]), self.news.append)
        self.started = asyncio.Event()

    async def ask(self, text: str, top: int = 1) -> AnyFinal:
        message = m.Predict(id=self.engine.fresh(), model="bert", text=text, top=top)
        return await self.engine.request(message, lambda _: self.started.set())

    async def says(self, text: str) -> str:
        answer = await self.ask(text)
        assert isinstance(answer, m.Predicted), answer
        return answer.prediction.slots[0].top[0].text

    async def fails(self, text: str) -> m.Failed:
        answer = await self.ask(text)
        assert isinstance(answer, m.Failed), answer
        return answer

    async def pid(self) -> int:
        return int(await self.says("pid"))

    async def heard(self, kind: type[News], count: int = 1) -> News:
        """The first news of a kind, once there are `count` of them."""
        async with asyncio.timeout(10):
            while sum(isinstance(news, kind) for news in self.news) < count:
                await asyncio.sleep(0.005)
        return next(news for news in self.news if isinstance(news, kind))
