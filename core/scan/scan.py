"""One scan from request to hits: passages through two models in batches, into a list that keeps its size."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

from core.compare import method_of, score
from core.errors import UserError
from core.evaluation.clock import words as about
from core.messages import Hit, Hits, Method, Scan
from core.models.model import Model
from core.rescore import PLL_USED, first_token
from core.scan.apart import TOP, apart, strength, surprisals
from core.scan.passages import Passage, drawn, fitting
from core.scan.source import Piece, Source, find
from core.text.words import cut

FIRST, TOGETHER = 8, 64
"""Passages that are scored at once: few at first, so that there soon is something to see, and ever more."""
MOST_TOP, MOST_DRAWN = 5_000, 100_000
OFTEN = 1.0
"""Seconds between two partial results."""
LOOK = 512
"""Passages between two reports while passages are drawn."""

Report = Callable[[int, int, str], None]
Show = Callable[[Hits], None]
Key = tuple[float, float, int]
"""How strong a hit is: by the measure, then by bits, then the earlier one. No two are equal."""


def scan(models: dict[str, Model], request: Scan, report: Report, show: Show) -> Hits:
    """The `request.top` words of a text at which its two models differ most, as `Compare` would score each passage.

    Masked models: within_word_l2r; causal ones from their start token, where they have one. In memory are one
    document, one batch, the hits, and the passages where some are drawn. `report(done, total, note)` is called after
    every batch of rows and may raise to cancel; `show` gets a partial result about once a second.
    Raises UserError for other than two models, amounts out of range, and a text that cannot be read or has no word.
    """
    if len(models) != 2:
        raise UserError(f"{len(models)} model(s) cannot be laid over each other.", hint="Name two.")
    for what, amount, least, most in (
        ("words", request.top, 1, MOST_TOP), ("passages", request.limit, 0, MOST_DRAWN),
    ):  # fmt: skip
        if not least <= amount <= most:
            raise UserError(f"{amount:,} {what} cannot be asked for.", hint=f"Give {least} to {most:,}.")
    source = find(request.text, request.path)
    return _Scan(models, request, source, report).run(show)


class _Work(NamedTuple):
    """Passages to be scored, each with how much is done before it, and how much there is in all."""

    pieces: Iterator[tuple[int, Piece]]
    total: int


class _Scan:
    """What was found so far."""

    def __init__(self, models: dict[str, Model], request: Scan, source: Source, report: Report) -> None:
        self._models, self._request, self._source, self._report = models, request, source, report
        self._best: list[tuple[Key, Hit]] = []
        self._order = count()
        self._passages = self._words = self._left_out = self._too_long = 0
        self._begun = self._shown = time.monotonic()

    def run(self, show: Show) -> Hits:
        """Read everything that was asked for."""
        work = self._drawn() if self._request.limit else _Work(
            ((piece.done, piece) for piece in self._source.pieces()), max(1, self._source.size)
        )  # fmt: skip
        scored = time.monotonic()
        batch: list[tuple[Piece, Passage]] = []
        before, room = 0, FIRST
        for done, piece in work.pieces:
            if len(batch) >= room:
                self._score(batch, before, done, work.total, scored)
                batch, before, room = [], done, min(2 * room, TOGETHER)
                if time.monotonic() - self._shown >= OFTEN:
                    show(self._hits(complete=False))
                    self._shown = time.monotonic()
            passages = list(fitting(piece.text, self._models))
            if [one.text for one in passages] != [piece.text]:  # it was cut; a word that fits no window is in no part
                self._too_long += len(cut(piece.text)) - sum(len(cut(one.text)) for one in passages)
            batch += [(piece, passage) for passage in passages]
        if batch:
            self._score(batch, before, work.total, work.total, scored)
        if not self._words:
            raise UserError(f"There is no word in {self._source.name} that both models can read.")
        return self._hits(complete=True)

    def _drawn(self) -> _Work:
        """Some of the passages: the whole text is read for that, which takes no model."""

        def told() -> Iterator[Piece]:
            for number, piece in enumerate(self._source.pieces()):
                if number % LOOK == 0:
                    self._report(piece.done, max(1, self._source.size), "looking for passages")
                yield piece

        found = drawn(told(), self._request.limit, self._request.seed)
        return _Work(iter(enumerate(found)), max(1, len(found)))

    def _score(self, batch: list[tuple[Piece, Passage]], before: int, after: int, total: int, since: float) -> None:
        """Put a batch through both models, and keep what stands out."""
        names = list(self._models)
        top = TOP if self._request.by == "overlap" else 1
        tokens = sum(len(encoding.ids) for _, passage in batch for encoding in passage.encodings.values())
        base = 0
        columns = []
        for name, model in self._models.items():

            def report(done: int, of: int, base: int = base) -> None:
                reached = before + (after - before) * (base + done) / max(1, tokens)
                taken = time.monotonic() - since
                left = f", {about(taken * (total - reached) / reached)} left" if reached else ""
                self._report(int(reached), total, f"scanning, {self._words:,} words{left}")

            texts = [(passage.text, passage.encodings[name], passage.groups) for _, passage in batch]
            columns.append(score(model, name, texts, top, PLL_USED, first_token(model), report))
            base += sum(len(passage.encodings[name].ids) for _, passage in batch)
        for (piece, passage), *both in zip(batch, *columns, strict=True):
            self._passages += 1
            for group, first, second in zip(passage.groups, *both, strict=True):
                value = apart(self._request.by, first, second)
                if value is None:
                    self._left_out += 1
                    continue
                self._words += 1
                key = strength(self._request.by, value), abs(surprisals(first, second)), -next(self._order)
                if len(self._best) == self._request.top and key < self._best[0][0]:
                    continue
                hit = Hit(
                    text=passage.text, start=group.start, end=group.end, source=piece.file, passage=piece.number,
                    value=value, scores=dict(zip(names, (first, second), strict=True)),
                )  # fmt: skip
                (heapq.heappush if len(self._best) < self._request.top else heapq.heapreplace)(self._best, (key, hit))

    def _hits(self, complete: bool) -> Hits:
        methods: dict[str, Method] = {
            name: method_of(model, PLL_USED, first_token(model)) for name, model in self._models.items()
        }
        return Hits(
            text=self._source.name, by=self._request.by, models=methods,
            hits=[hit for _, hit in sorted(self._best, key=lambda one: one[0], reverse=True)],
            limit=self._request.limit, seed=self._request.seed, passages=self._passages, words=self._words,
            notes=self._notes(), seconds=time.monotonic() - self._begun, complete=complete,
        )  # fmt: skip

    def _notes(self) -> list[str]:
        notes = [*self._source.notes]
        if self._left_out:
            notes.append(
                f"{self._left_out:,} word(s) are left out: a tokenizer drops them, reads them as unknown, or nothing "
                "stands to their left."
            )
        if self._too_long:
            notes.append(f"{self._too_long:,} word(s) are left out: one alone is longer than a model's window.")
        return notes
