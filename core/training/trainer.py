"""The trainer: one process, one run folder. It resumes from the newest intact checkpoint, or starts.

SIGTERM and SIGUSR2 save a checkpoint and exit 0; SIGHUP is ignored, for a run outlives its window.
"""

from __future__ import annotations

import faulthandler
import logging
import math
import os
import platform
import signal
import time
from pathlib import Path
from typing import Any, Literal

import msgspec
import torch

from core import __version__
from core.device import choose
from core.errors import UserError
from core.models.nets.bert import Bert
from core.models.nets.gpt2 import Gpt2
from core.models.nets.lstm import Lstm
from core.runs import Outcome, Run, write_atomically
from core.settings import TrainSettings
from core.text.tokens import Tokenizer
from core.training import checkpoint, objective, samples, stream
from core.training.journal import Journal
from core.training.ownership import Stop, claim, own_tokenizer

NETS: dict[str, Any] = {"bert": Bert, "gpt2": Gpt2, "lstm": Lstm}
HELD_OUT_WINDOWS = 96
log = logging.getLogger(__name__)


def rate(settings: TrainSettings, step: int, steps: int) -> float:
    """The learning rate at `step`: linear warm-up, then a cosine to zero.

    A masked model with a causal start warms up once more when its task changes.
    """
    switch = objective.causal_steps(settings, steps) if settings.family == "bert" else 0
    since = step - switch if 0 < switch <= step else step
    warm = min(1.0, (since + 1) / settings.warmup)
    return settings.lr * warm * 0.5 * (1 + math.cos(math.pi * step / steps))


class Trainer:
    """Everything one run needs in memory."""

    def __init__(self, run: Run) -> None:
        self.run, self.settings = run, run.file().settings
        self.tokenizer_folder = own_tokenizer(run, Path(self.settings.tokenizer))
        files, held = ([Path(name) for name in names] for names in (self.settings.texts, self.settings.held_out))
        self.text = stream.load(files, self.tokenizer_folder, "all" if held else "training")
        self.held_out = stream.load(held or files, self.tokenizer_folder, "all" if held else "held out")
        if min(len(self.text), 10 * len(self.held_out)) < 10 * self.settings.length:
            raise UserError(
                "The text is too short to train on.",
                why=f"It has {len(self.text):,} tokens to train on and {len(self.held_out):,} to check with.",
                hint=f"Give at least {20 * self.settings.length:,} tokens of text.",
            )
        self.tokenizer = Tokenizer.load(self.tokenizer_folder)
        if self.tokenizer.mask is None:
            raise UserError("The tokenizer has no mask token.", why="A masked model is trained with it.")
        self.steps, self.mask = self._steps(), self.tokenizer.mask
        self.device = usable()
        net = NETS[self.settings.family]
        torch.manual_seed(self.settings.seed)
        unigram = self.text.unigram(self.settings.shape.vocabulary)
        self.net = net.from_config(net.shaped(self.settings.shape), self.settings.dropout).start(unigram)
        self.net.to(self.device).train()
        self.unigram = objective.unigram_nats(unigram, self.held_out, HELD_OUT_WINDOWS, self.settings.length)
        matrices = [p for p in self.net.parameters() if p.ndim == 2]
        vectors = [p for p in self.net.parameters() if p.ndim != 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": self.settings.weight_decay},
             {"params": vectors, "weight_decay": 0.0}],
            lr=self.settings.lr, betas=(0.9, 0.98), eps=1e-6, fused=True,
        )  # fmt: skip
        self.step, self.tokens, self.seconds, self.attempt = 0, 0, 0.0, 1
        self.seen: dict[str, float] = {}
        """The held-out numbers of the last evaluation."""

    def _steps(self) -> int:
        """Steps until the budget of tokens is spent: the lengths of all windows are known beforehand."""
        spent, step = 0, 0
        while spent < self.settings.tokens:
            spent += self.settings.rows * self.text.length(self.settings, step)
            step += 1
        return step

    def resume(self) -> None:
        """Go on from the newest intact checkpoint, naming damaged ones that were passed over."""
        for name in checkpoint.set_aside(self.run.folder):
            log.warning("The checkpoint %s is damaged: it was set aside and the one before it is used.", name)
        self.attempt = 1 + max((row.get("attempt", 0) for row in self.run.rows()[0]), default=0)
        if not (intact := self.run.checkpoints):
            return
        state = checkpoint.restore(intact[-1], self.net, self.optimizer)
        if state["steps"] != self.steps:
            raise UserError(
                f"The text of the run {self.run.id} is not the one that it began with.",
                why=f"It would now take {self.steps:,} steps, not {state['steps']:,}.",
                hint="Put the files back as they were, or start a new run.",
            )
        self.step, self.tokens = state["step"], state["tokens"]
        self.seconds = state["seconds"]
        log.info("Resuming from %s.", intact[-1].name)

    def describe(self) -> None:
        """Write into run.json what became known at the start."""
        versions = {"lookboth": __version__, "torch": str(torch.__version__), "python": platform.python_version()}
        known = msgspec.structs.replace(
            self.run.file(), steps=self.steps, versions=versions, device=str(self.device),
            parameters=sum(p.numel() for p in self.net.parameters()),
            unigram_nats=self.unigram if math.isfinite(self.unigram) else 0.0,
        )  # fmt: skip
        write_atomically(self.run.folder / "run.json", msgspec.json.encode(known))

    def save(self) -> None:
        state = {"tokens": self.tokens, "seconds": self.seconds, "steps": self.steps}
        checkpoint.save(self.run.folder, self.step, self.net, self.optimizer, self.tokenizer_folder, state)

    def update(self) -> dict[str, Any]:
        """One step: forward, backward, clip, AdamW. Returns its row of metrics."""
        started = time.perf_counter()
        torch.manual_seed(int(stream.generator(self.settings.seed, self.step, 3).integers(2**62)))
        lr = rate(self.settings, self.step, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        loss, read = objective.loss(self.net, self.settings, self.text, self.step, self.steps, self.mask)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.settings.clip)
        value = float(loss.detach())
        if not (math.isfinite(value) and math.isfinite(float(norm))):
            raise UserError(
                f"The loss is not a number at step {self.step}.",
                why=f"loss {value}, gradient norm {float(norm)}",
                hint="Start again with a lower learning rate; the last checkpoint is good.",
            )
        self.optimizer.step()
        spent = time.perf_counter() - started
        self.step, self.tokens, self.seconds = self.step + 1, self.tokens + read, self.seconds + spent
        phase = "causal" if self.step <= objective.causal_steps(self.settings, self.steps) else "masked"
        return {
            "step": self.step, "tokens": self.tokens, "seconds": self.seconds, "phase": phase, "loss": value,
            "loss_hex": value.hex(), "lr": lr, "grad_norm": float(norm), "tokens_per_second": read / spent,
        }  # fmt: skip

    def look(self) -> dict[str, float]:
        """The held-out numbers now."""
        return objective.held_out(self.net, self.settings, self.held_out, self.mask, HELD_OUT_WINDOWS)

    def evaluate(self, metrics: Journal, examples: Journal) -> None:
        """Write down the held-out numbers and the sample sentences of this step."""
        self.seen = self.look()
        metrics.add({"step": self.step, "tokens": self.tokens, "held_out": self.seen})
        for row in samples.take(self.net, self.tokenizer):
            examples.add({"step": self.step} | row)

    def train(self, stop: Stop | None = None) -> Literal["stopped", "finished"]:
        """Run to the end of the budget or until asked to stop; returns how it ended."""
        metrics = Journal(self.run.folder / "metrics.jsonl", self.attempt)
        examples = Journal(self.run.folder / "samples.jsonl", self.attempt)
        saved = time.monotonic()
        try:
            while self.step < self.steps and not (stop and stop.asked):
                if self.step % self.settings.evaluate_every == 0:
                    self.evaluate(metrics, examples)
                metrics.add(self.update())
                if time.monotonic() - saved >= self.settings.checkpoint_seconds:
                    metrics.flush()
                    self.save()
                    saved = time.monotonic()
            self.evaluate(metrics, examples)
        finally:
            for journal in (metrics, examples):
                journal.flush()
                journal.close()
        self.save()
        return "stopped" if self.step < self.steps else "finished"

    def outcome(self, status: Literal["finished", "stopped"]) -> None:
        """Write result.json. What `train` saw last was seen after the last step."""
        held = self.seen if status == "finished" else {}
        result = Outcome(status=status, step=self.step, tokens=self.tokens, seconds=self.seconds, held_out=held)
        write_atomically(self.run.folder / "result.json", msgspec.json.encode(result))


def usable() -> torch.device:
    """The device to train on: as chosen for the engine, but for mps, whose LSTM and attention train wrongly."""
    device = choose().device
    if device.type == "cuda":
        torch.use_deterministic_algorithms(True, warn_only=True)
    return torch.device("cpu") if device.type == "mps" else device


def main(folder: str) -> int:
    """Train the run in `folder` to its end. Returns the process's exit code."""
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop, run = Stop(), Run(Path(folder))
    try:
        lock = claim(run)
    except UserError as error:
        log.error("%s", error)
        return 1
    with lock:
        try:
            if threads := run.file().settings.threads:
                torch.set_num_threads(threads)
            trainer = Trainer(run)
            if trainer.device.type == "cpu":
                os.nice(10)
            trainer.resume()
            trainer.describe()
            trainer.outcome(trainer.train(stop))
            return 0
        except Exception as error:  # the last stop: whatever it was belongs into the run's folder
            log.exception("The run stops here.")
            last = max((row.get("step", 0) for row in run.rows()[0]), default=0)
            failed = Outcome(
                status="failed", step=last, tokens=0, seconds=0.0, error=str(error) or type(error).__name__
            )
            write_atomically(run.folder / "result.json", msgspec.json.encode(failed))
            return 1
