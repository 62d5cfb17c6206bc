"""The loop of a run: update, look at the held-out text, save, and obey what a person asks."""

from __future__ import annotations

import time
from typing import Literal

import msgspec

from core.runs import Outcome
from core.training import canary, compiled, schedule, weights
from core.training.keep.ear import NOTHING, Order
from core.training.material import keep_choice
from core.training.opened import Opened

POLL = 0.5
"""Seconds between two looks for a request while the run pauses."""
replace = msgspec.structs.replace


class Trainer(Opened):
    """An opened run in training."""

    stopping = False
    """Whether somebody asked to stop."""

    # --- the loop -----------------------------------------------------------------------------------------

    def train(self) -> Literal["stopped", "finished"]:
        """Run to the end of the budget, or until somebody asks to stop; returns how it ended."""
        try:
            self.since = self.saved = time.monotonic()
            self.record.doing("training")
            self._hear()
            self._compile()
            while not self._over():
                if self.progress.step % self.settings.evaluate_every == 0:
                    self.look()
                    self._mind_the_canary()
                self.step()
                if self._due():
                    self.look()
                    self.save()
            self.describe()
            if self.progress.step < self.progress.steps:
                self._stopped(self.progress.step)
        finally:
            self.record.close()
        return "stopped" if self.progress.step < self.progress.steps else "finished"

    def _compile(self) -> None:
        """Where a GPU trains: read full windows through a compiler where that pays. What was chosen once stays so."""
        if self.stopping or self.team.device.type not in compiled.DEVICES:
            return
        self.record.doing("measuring")
        choice = compiled.begin(self.learner, self.progress, self.record.tick)
        if choice.text:
            self.record.event(choice.event, self.progress.step, choice.text)
        if self.team.first and choice.mode != self.settings.compiled:
            keep_choice(self.run, choice.mode)
        self.record.doing("training")
        self.since = self.saved = time.monotonic()

    def _due(self) -> bool:
        """Whether it is time for a checkpoint. A short run has one at its middle too: a damaged last one loses half."""
        middle = self.progress.step == self.progress.steps // 2 and not self.run.checkpoints
        return middle or time.monotonic() - self.saved >= self.settings.checkpoint_seconds

    def _over(self) -> bool:
        """Whether no step is left to make. The last one is saved then, and whoever asks meanwhile is still heard."""
        if self.stopping or self.progress.step == self.progress.steps:
            self.look()
            self.save()
            self._hear()
        return self.stopping or self.progress.step == self.progress.steps

    def step(self) -> None:
        """One update, or one batch passed over; then obey what was asked meanwhile."""
        before, order = self.progress, self._next()
        if before.step in before.skips:
            order, _ = self.team.agree(order)
            self.progress = replace(before, step=before.step + 1)
            self.record.event("skipped", before.step, f"The batch of step {before.step:,} was passed over.")
        else:
            self.progress, row, order = self.learner.update(before, order)
            self._clock()
            self.record.row(row | {"seconds": self.progress.seconds})
        if self.progress.micro != before.micro:
            windows = self.progress.micro
            self.record.event(
                "memory", self.progress.step, f"Memory ran out: {windows} windows of a batch are computed at once now."
            )
        self.record.tick(self.progress.step)
        self._obey(order)

    def _mind_the_canary(self) -> None:
        """Start a masked model again that is stuck; every process of the team does."""
        caught = self.team.first and canary.stuck(self.settings, self.progress, self.seen, self.unigram_nats)
        if not self.team.sum(float(caught))[0]:
            return
        updates = self.progress.step - max(self.progress.switch, self.progress.fresh)
        self.progress = schedule.again(self.settings, self.progress)
        fresh = weights.first(self.settings, self.unigram, self.progress.restarts).to(self.team.device)
        self.learner.restart(fresh)
        self.seen_at = -1
        text = f"After {updates:,} updates with masks the model still answered like a unigram: it begins again from "
        self.record.event("canary", self.progress.step, text + "fresh weights, at half the rate.")
        self.describe()
        self.save()

    # --- what a person asks -------------------------------------------------------------------------------

    def _next(self) -> Order:
        """What was asked for, in the first process. To extend makes sense once, and by something."""
        order = self.ear.next() if self.team.first else NOTHING
        while order.do == "extend" and (order.name in self.progress.extended or max(order.tokens, order.steps) <= 0):
            self.ear.done(order)
            order = self.ear.next()
        return order

    def _hear(self) -> None:
        """Obey everything that was asked for."""
        while not self.stopping and (order := self.team.agree(self._next())[0]).do:
            self._obey(order)

    def _obey(self, order: Order) -> None:
        step = self.progress.step
        if order.do != "extend":
            self.ear.done(order)
        if order.do == "stop":
            self.stopping = True
        elif order.do == "pause":
            self._pause()
        elif order.do == "save":
            self.look()
            self.save()
            self.record.event("saved", step, f"Saved at step {step:,}, as asked.")
        elif order.do == "extend":
            asked = (order.tokens, order.name, order.steps)
            self.progress = schedule.extended(self.settings, self.progress, self.made.text, *asked)
            self.describe()
            self.save()
            self.ear.done(order)
            self.record.event("extended", step, f"The run is longer now: {self.progress.steps:,} steps.")

    def _pause(self) -> None:
        """Save, and wait for `go` or `stop`."""
        self.look()
        self.save()
        self.record.event("paused", self.progress.step, f"Paused at step {self.progress.step:,}.")
        self.record.doing("paused")
        while not self.stopping:
            order, _ = self.team.agree(self._next())
            self.since = time.monotonic()  # what is saved meanwhile does not count the pause as work
            if order.do == "go":
                self.ear.done(order)
                self.record.event("going on", self.progress.step, f"Going on at step {self.progress.step:,}.")
                break
            if order.do == "pause":
                self.ear.done(order)
            elif order.do:
                self._obey(order)
                self.record.doing("paused")
            self.record.tick()
            time.sleep(POLL)
        self.saved = time.monotonic()
        self.record.doing("training")

    def outcome(self, status: Literal["finished", "stopped"]) -> Outcome:
        """What result.json says of a run that ended well."""
        done = self.progress
        held = self.seen if self.seen_at == done.step else {}
        return Outcome(status=status, step=done.step, tokens=done.tokens, seconds=done.seconds, held_out=held)
