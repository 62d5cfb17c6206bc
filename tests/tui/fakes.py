"""An engine that answers at once with made-up results, and texts that try to harm."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from core import messages
from core.messages import (
    AnyRequest,
    Candidate,
    Compare,
    Compared,
    Comparison,
    Hello,
    Identity,
    Kind,
    Method,
    Predict,
    Predicted,
    Prediction,
    Probe,
    Probed,
    Progress,
    Slot,
    Word,
    WordScore,
)
from tui.engine import AnyFinal, Engine, News
from tui.engine.death import Death

SENTENCE = "The keys to the cabinet were on the table near the old door."
SIZES = [(80, 24), (160, 48)]
HARMFUL = [
    "[MASK]",
    "[/]",
    "[@click=app.quit]x[/]",
    "[red]y[/red]",
    "\x1b]52;c;cHduZWQ=\x07",
    "\x1b[31mred",
    "\x9b31mC1",
    "a\u202eb",
    "💩",
    "中文",
    "e\u0301",
    "<|endoftext|>",
    "t\tt",
]
SHOWN = {
    "\x1b]52;c;cHduZWQ=\x07": "␛]52;c;cHduZWQ=␇",
    "\x1b[31mred": "␛[31mred",
    "\x9b31mC1": "\ufffd31mC1",
    "a\u202eb": "a\ufffdb",
    "t\tt": "t␉t",
}
"""What stands on the screen for a harmful text, where it is not the text itself."""
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def identity(name: str, kind: Kind) -> Identity:
    return Identity(
        name=name, source="bundled", kind=kind, architecture="Fake", revision="0123456789ab", parameters=1000,
        context=128, vocabulary=500, device="cpu", dtype="float32",
    )  # fmt: skip


def kind_of(name: str) -> Kind:
    return "masked" if name.startswith("bert") else "causal"


def top(*texts: str) -> list[Candidate]:
    return [Candidate(text=text, token_id=at, prob=0.5 / 2**at, logprob=-1.0 - at) for at, text in enumerate(texts)]


def score(name: str, word: str, bits: float | None, **more: object) -> WordScore:
    values: dict[str, object] = {
        "surprisal_bits": bits,
        "rank": None if bits is None else round(2**bits),
        "pieces": [word],
        "saw": "both" if kind_of(name) == "masked" else "left",
        "top": top(" was", f" {name}", " is", " are", " lay", " sat", " stood", " hung", "\n", " of"),
        "entropy_bits": 4.0,
    }
    return WordScore(**{**values, **more})


def comparison(text: str = SENTENCE, models: list[str] | None = None, words: list[str] | None = None) -> Comparison:
    """The n-th word of every model has n bits, one more for each further model."""
    names = models or ["bert", "gpt2", "lstm"]
    found, at = [], 0
    for number, word in enumerate(words or re.findall(r"\w+|[^\w\s]", text)):
        start = text.index(word, at)
        at = start + len(word)
        scores = {name: score(name, word, float(number % 15 + place)) for place, name in enumerate(names)}
        found.append(Word(text=word, start=start, end=at, joined=False, scores=scores))
    methods = {
        name: Method(
            identity=identity(name, kind_of(name)), kind=kind_of(name),
            method="within_word_l2r" if kind_of(name) == "masked" else "surprisal",
            first_token="none" if kind_of(name) == "masked" else "bos",
        )
        for name in names
    }  # fmt: skip
    return Comparison(text=text, models=methods, words=found)


def prediction(text: str, model: str, *texts: str) -> Prediction:
    marks = [(found.start(), found.end()) for found in re.finditer(r"\[MASK\]|<mask>|_{3,}", text)]
    candidates = top(*(texts or (" were", " was", "s", " hung", "‹F0 9F›")))
    places: list[Slot] = [Slot(start=start, end=end, kind="mask", top=candidates) for start, end in marks]
    places = places or [Slot(start=len(text), end=len(text), kind="next", top=candidates)]
    kind = kind_of(model)
    notes = [] if kind == "masked" else ["Answered from the words to the left."]
    saw = "both" if kind == "masked" else "left"
    return Prediction(text=text, model=identity(model, kind), slots=places, saw=saw, notes=notes)


class FakeEngine(Engine):
    """Starts without a process. `answer` may be replaced; `hold` keeps answers back until `release`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[AnyRequest] = []
        self.cancelled: list[int] = []
        self.starts = 0
        self.answer: Callable[[AnyRequest], AnyFinal] = self.usual
        self.held: list[tuple[AnyRequest, asyncio.Future[AnyFinal]]] = []
        self.hold = False
        self.twin: FakeEngine | None = None
        self.partial: Callable[[messages.Partial], None] | None = None

    def usual(self, message: AnyRequest) -> AnyFinal:
        if isinstance(message, Compare):
            from tests.tui.compared import alone

            found = comparison(message.text, message.models)
            return Compared(id=message.id, comparison=alone(found) if message.pll == "left_only" else found)
        if isinstance(message, messages.Rescore):
            from tests.tui.compared import rescoring

            return messages.Rescored(id=message.id, rescoring=rescoring(message))
        if isinstance(message, Probe):
            return Probed(id=message.id, tokens_per_second=4100.0, memory=310_000_000, device="cpu")
        if isinstance(message, messages.Evaluate):
            from tests.tui.evaluations import evaluation

            return messages.Evaluated(id=message.id, evaluation=evaluation(seed=message.seed))
        if isinstance(message, messages.Sweep):
            from tests.sweeps import curves

            return messages.Swept(id=message.id, sweep=curves(message))
        if isinstance(message, messages.Scan):
            from tests.scans import hits

            return messages.Scanned(id=message.id, found=hits(message))
        if isinstance(message, messages.Pair):
            from tests.scans import pairing

            return messages.Paired(id=message.id, pairing=pairing(message))
        assert isinstance(message, Predict)
        return Predicted(id=message.id, prediction=prediction(message.text, message.model))

    def another(self) -> FakeEngine:
        """Always the same second one, so that a test can hold it back and see what it was asked."""
        self.twin = self.twin or FakeEngine()
        return self.twin

    def launch(self) -> None:
        self.phase = "starting"

    async def start(self) -> None:
        self.starts += 1
        self.tell(Hello(protocol=(1, 0), build="test", python="3", pid=1))
        self.ready_now()

    def ready_now(self) -> None:
        self.phase = "ready"
        self.tell(messages.Ready(device="cpu", dtype="float32", reason="no accelerator", torch="2", seconds=0.1))

    def tell(self, news: News) -> None:
        if isinstance(news, Death):
            self.phase = "died"
        if self.on_news is not None:
            self.on_news(news)

    async def restart(self) -> None:
        await self.start()

    async def stop(self) -> None:
        self.phase = "off"

    async def cancel(self, number: int) -> None:
        self.cancelled.append(number)
        for request, future in self.held:
            if request.id == number:
                future.set_result(messages.Cancelled(id=number))

    async def request(
        self,
        message: AnyRequest,
        on_progress: Callable[[Progress], None] | None = None,
        on_partial: Callable[[messages.Partial], None] | None = None,
    ) -> AnyFinal:
        self.asked.append(message)
        self.partial = on_partial
        if not self.hold:
            return self.answer(message)
        future: asyncio.Future[AnyFinal] = asyncio.get_running_loop().create_future()
        self.held.append((message, future))
        if on_progress is not None:
            on_progress(Progress(id=message.id, done=12, total=40, note="bert: scoring"))
        try:
            return await future
        except asyncio.CancelledError:
            self.cancelled.append(message.id)
            raise

    def release(self) -> None:
        """Answer everything that was kept back."""
        self.hold = False
        for message, future in self.held:
            if not future.done():
                future.set_result(self.answer(message))
        self.held = []
