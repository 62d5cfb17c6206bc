"""A run opened for training: all that it needs in memory, at the step from which it goes on, and how it is kept."""

from __future__ import annotations

import math
import time
from typing import Literal

import msgspec

from core.errors import UserError
from core.runs import Best, Owner, Progress, Run
from core.training import evaluate, samples, schedule, weights
from core.training.device import usable
from core.training.keep import checkpoint
from core.training.keep.ear import Ear, Stopped
from core.training.keep.ending import ended, forget_ending
from core.training.keep.record import Record
from core.training.keep.recovery import how, recover
from core.training.learner import Learner
from core.training.material import Material, describe, gather
from core.training.team import Team

HELD_OUT_WINDOWS = 96
replace = msgspec.structs.replace


class Opened:
    """Everything one run needs in memory. `team` and `ear` are those of the process; alone and deaf without."""

    def __init__(self, run: Run, team: Team | None = None, ear: Ear | None = None) -> None:
        self.run, self.ear = run, ear or Ear(run.folder)
        self.team = team or Team(usable())
        self.record = Record(run.folder, silent=not self.team.first)
        self.made = made = self._gather()
        self.settings, self.tokenizer = made.settings, made.tokenizer
        self.team.check(self.settings.rows)
        self.unigram = made.text.unigram(self.settings.shape.vocabulary)
        self.unigram_nats = evaluate.unigram_nats(self.unigram, made.held_out, HELD_OUT_WINDOWS, self.settings.length)
        self.net = weights.first(self.settings, self.unigram).to(self.team.device)
        self.learner = Learner(self.net, self.settings, made.text, made.mask, self.team)
        self.progress = schedule.begun(self.settings, made.steps)
        self.sentences = samples.chosen(self.tokenizer, made.held_out, self.settings.seed)
        self.seen: dict[str, float] = {}
        self.seen_at = -1
        """The last held-out numbers, and the step whose weights they are of."""
        self.since = self.saved = time.monotonic()

    def _gather(self) -> Material:
        """The first process reads; the others find what it has read. Raises Stopped in all of them."""
        if not self.team.first:
            if self.team.sum(0)[0]:
                raise Stopped
            return gather(self.run, lambda doing, read: None, first=False)
        self.record.doing("reading")
        try:
            made = gather(self.run, self._tell, world=self.team.world)
        except Stopped:
            self._stopped((self.run.progress() or Progress()).step)
            self.team.sum(1)
            raise
        self.team.sum(0)
        return made

    def _tell(self, doing: Literal["reading", "measuring"], read: int) -> None:
        if not read:
            self.record.doing(doing)
        else:
            self.record.tick(detail=f"{read:,} read" if doing == "reading" else "")
        self.ear.check()

    def _stopped(self, step: int) -> None:
        self.record.event("stopped", step, f"Stopped at step {step:,}.")

    def resume(self, before: Owner | None = None) -> None:
        """Go on from the newest checkpoint that is whole and fits, after the trainer `before`.

        Raises UserError when the text is another than it was, or when no checkpoint fits though some are whole.
        """
        known = self.run.file()
        if self.made.digests != (known.text or self.made.digests[0], known.held_out_text or self.made.digests[1]):
            raise UserError(
                f"The text of the run {self.run.id} is not the one that it began with.",
                hint="Put the files back as they were, or start a new run.",
            )
        if self.team.first:
            optimizer = self.learner.optimizer
            self._take(recover(self.run, self.net, optimizer, lambda text: self.record.event("damaged", 0, text)))
            if text := how(self.run, self.progress.step, before):
                self.record.event("resumed", self.progress.step, text)
        self.team.sum(0)
        if not self.team.first and (there := self.run.checkpoints):
            self._take(checkpoint.restore(there[-1], self.net, self.learner.optimizer))
        self._learn_from_the_end()

    def _take(self, restored: Progress | None) -> None:
        """The progress of a checkpoint; one of an earlier Lookboth does not know the schedule."""
        if restored and restored.last_mask:
            self.progress = restored
        elif restored:
            known = ("step", "tokens", "seconds")
            self.progress = replace(self.progress, **{name: getattr(restored, name) for name in known})

    def _learn_from_the_end(self) -> None:
        """Pass over a batch that the trainer before this one ended at, or go on in smaller parts, from now on."""
        last = ended(self.run)
        if last and last.cause == "nan" and last.bad_step not in self.progress.skips:
            self.progress = replace(self.progress, skips=(*self.progress.skips, last.bad_step))
            self.save()
        if last and last.cause == "memory":  # the processes of a team cannot halve them while they run
            windows = self.progress.micro or math.ceil(self.settings.rows / self.team.world)
            self.progress = replace(self.progress, micro=(windows + 1) // 2)
            self.save()
        self.team.sum(0)
        if self.team.first:
            forget_ending(self.run)

    def describe(self) -> None:
        """Write into run.json what is known of the run now."""
        if self.team.first:
            parameters = sum(p.numel() for p in self.net.parameters())
            describe(self.run, self.made, self.progress, parameters, self.unigram_nats, str(self.team.device))

    # --- keeping ------------------------------------------------------------------------------------------

    def _clock(self) -> None:
        """Count the time since it was last counted as work."""
        now = time.monotonic()
        self.progress, self.since = replace(self.progress, seconds=self.progress.seconds + now - self.since), now

    def look(self) -> None:
        """Write down the held-out numbers and the sample sentences of these weights, once.

        Raises NotANumber where the last update spoiled them: such weights are never saved.
        """
        if not self.team.first or self.seen_at == self.progress.step:
            return
        self.record.doing("evaluating")
        made, step = self.made, self.progress.step
        seen = evaluate.held_out(self.net, self.settings, made.held_out, made.mask, HELD_OUT_WINDOWS)
        if not math.isfinite(seen["nats"]):
            raise self.learner.spoiled(self.progress, seen["nats"])
        self.seen, self.seen_at = seen, step
        self.record.row({"step": step, "tokens": self.progress.tokens, "held_out": self.seen})
        self.record.samples(step, samples.take(self.net, self.tokenizer, self.sentences))
        self.record.doing("training")

    def save(self) -> None:
        """Commit a checkpoint of now. Raises disk.Full when there is no room."""
        self.saved = time.monotonic()
        if not self.team.first:
            return
        self.record.doing("saving")
        self._clock()
        step, best, seen = self.progress.step, self.progress.best, self.seen_at == self.progress.step
        reads = self.settings.family != "bert" or step > self.progress.switch
        if seen and reads and (best is None or self.seen["nats"] < best.nats):
            self.progress = replace(self.progress, best=Best(step=step, nats=self.seen["nats"]))
        self.record.flush()
        checkpoint.save(self.run.folder, self.progress, self.net, self.learner.optimizer, self.made.folder)
        self.record.doing("training")
