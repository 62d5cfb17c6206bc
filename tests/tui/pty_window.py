"""The window on a real terminal, with an engine whose every answer tries to harm. Run by test_pty.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec

from core.messages import AnyRequest, Compare, Compared, Notice, Predicted
from tests.tui.fakes import HARMFUL, FakeEngine, comparison, prediction, top
from tui.app import LookbothApp
from tui.engine import AnyFinal
from tui.preferences import Drafts, save


class Harmful(FakeEngine):
    """Answers with harmful words, candidates, notes and notices."""

    async def start(self) -> None:
        await super().start()
        for harmful in HARMFUL:
            self.tell(Notice(text=f"notice {harmful}"))

    def usual(self, message: AnyRequest) -> AnyFinal:
        if isinstance(message, Compare):
            one = comparison(message.text, message.models, HARMFUL)
            words = [
                msgspec.structs.replace(
                    word,
                    scores={
                        name: msgspec.structs.replace(score, top=top(*HARMFUL), pieces=HARMFUL)
                        for name, score in word.scores.items()
                    },
                )
                for word in one.words
            ]
            return Compared(id=message.id, comparison=msgspec.structs.replace(one, words=words))
        made = prediction(message.text, message.model, *HARMFUL)
        return Predicted(id=message.id, prediction=msgspec.structs.replace(made, notes=[" ".join(HARMFUL)]))


if __name__ == "__main__":
    text = " ".join(HARMFUL)
    save(Drafts(texts={"compare": text, "predict": text}))
    LookbothApp(Harmful()).run()
