"""Three ways to train the same network, each in a process of its own that works only when it has its turn.

    python -m benchmarks.contestants ours|loop|trainer|roof FORM

FORM is a `Form` as JSON. A line on standard input starts a turn of so many seconds; its row is a line of JSON on
standard output. At the end of the input the last line says how much memory the process took.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import psutil
import torch

from benchmarks.roof import products, round_of
from core import paths
from core.settings import Shape, TrainSettings
from core.text import documentation, stream

WARM = 2
TOKENIZER = paths.assets() / "models" / "gpt2"


class Form(msgspec.Struct, frozen=True):
    """What is trained, and how: `like` for like, or each as it comes by default."""

    shape: Shape
    masked: bool
    like: bool
    threads: int
    rows: int = 8

    def settings(self) -> TrainSettings:
        """As our trainer would be told. By default it has no dropout, a quarter of short windows, and more masks."""
        same: dict[str, Any] = {"short": 0.0, "mask_from": 0.15, "mask_to": 0.15} if self.like else {}
        return TrainSettings(
            family="bert" if self.masked else "gpt2", shape=self.shape, texts=[], tokenizer=str(TOKENIZER),
            tokens=0, rows=self.rows, length=self.shape.positions, lr=1e-3, warmup=100, threads=self.threads, **same,
        )  # fmt: skip


class Turns:
    """Whose turn it is, and what was done in it. The first steps of the first turn are not counted."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # whatever else a library prints is no row
        self._left = WARM
        self._until = 0.0

    def wait(self) -> bool:
        """Sleep until the next turn; False when there is none."""
        line = sys.stdin.readline()
        if not line:
            return False
        self._seconds, self._tokens, self._steps = float(line), 0, 0
        self._begin()
        return True

    def _begin(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        self._until = self._wall + self._seconds

    def step(self, tokens: int) -> bool:
        """One step is done. Waits for the next turn where this one is over; False when there is none."""
        if self._left:
            self._left -= 1
            self._begin()
            return True
        self._tokens, self._steps = self._tokens + tokens, self._steps + 1
        now = time.perf_counter()
        if now < self._until:
            return True
        cpu = time.process_time() - self._cpu
        self.say(tokens=self._tokens, steps=self._steps, seconds=now - self._wall, cpu_seconds=cpu)
        return self.wait()

    def say(self, **row: Any) -> None:
        self._out.write(json.dumps(row) + "\n")
        self._out.flush()


def text() -> stream.Stream:
    """The Python documentation as ids of the bundled tokenizer, which the larger vocabulary has as well."""
    return stream.load([documentation.file()], TOKENIZER, "training")


def ours(form: Form, turns: Turns) -> None:
    """The loop of `lookboth train`."""
    from core.runs import Progress
    from core.training.learner import Learner
    from core.training.team import Team
    from core.training.weights import first

    settings, read = form.settings(), text()
    learner = Learner(
        first(settings, read.unigram(form.shape.vocabulary)), settings, read, 4, Team(torch.device("cpu"))
    )
    half = 50_000
    progress = Progress(step=half, steps=2 * half, switch=0 if form.masked else 2 * half, last_mask=2 * half)
    going = turns.wait()
    while going:
        before = progress.tokens
        progress, _, _ = learner.update(progress)
        going = turns.step(progress.tokens - before)


def theirs(form: Form) -> tuple[Any, list[dict[str, Any]], Any]:
    """The model, the windows and the collator that a user of `transformers` would take."""
    import transformers

    shape = form.shape
    if form.masked:
        without: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        config: Any = transformers.BertConfig(
            vocab_size=shape.vocabulary, hidden_size=shape.width, num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads, intermediate_size=shape.inner, max_position_embeddings=shape.positions,
            **(without if form.like else {}),
        )  # fmt: skip
        model: Any = transformers.BertForMaskedLM(config)
    else:
        without = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
        config = transformers.GPT2Config(
            vocab_size=shape.vocabulary, n_embd=shape.width, n_layer=shape.layers, n_head=shape.heads,
            n_inner=shape.inner, n_positions=shape.positions, **(without if form.like else {}),
        )  # fmt: skip
        model = transformers.GPT2LMHeadModel(config)
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(TOKENIZER)
    collate = transformers.DataCollatorForLanguageModeling(tokenizer, mlm=form.masked, mlm_probability=0.15)
    ids, length = text().ids, shape.positions
    windows = [{"input_ids": ids[at : at + length].astype("int64")} for at in range(0, len(ids) - length, length)]
    return model.train(), windows, collate


def loop(form: Form, turns: Turns) -> None:
    """The loop of the textbooks: DataLoader, loss, backward, clip, AdamW."""
    model, windows, collate = theirs(form)
    loader: Iterable[Any] = torch.utils.data.DataLoader(windows, form.rows, shuffle=True, collate_fn=collate)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    going = turns.wait()
    while going:
        for batch in loader:
            optimizer.zero_grad()
            model(**batch).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            going = turns.step(batch["input_ids"].numel())
            if not going:
                break


def trainer(form: Form, turns: Turns) -> None:
    """The Hugging Face Trainer with its defaults, but for what it would write: no checkpoints, no reports."""
    import transformers

    class Wait(transformers.TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            if not turns.step(form.rows * form.shape.positions):
                control.should_training_stop = True

    model, windows, collate = theirs(form)
    with tempfile.TemporaryDirectory() as folder:
        told = transformers.TrainingArguments(
            output_dir=folder, max_steps=10**6, per_device_train_batch_size=form.rows, learning_rate=1e-3,
            use_cpu=True, save_strategy="no", report_to="none", disable_tqdm=True,
        )  # fmt: skip
        made = transformers.Trainer(model, told, train_dataset=windows, data_collator=collate, callbacks=[Wait()])
        if turns.wait():
            made.train()


def roof(form: Form, turns: Turns) -> None:
    """Only the matrix products of a step like for like, with nothing between them."""
    settings = form.settings()
    inside = form.shape.positions - 2
    targets = form.rows * (round(0.15 * inside) if form.masked else form.shape.positions)
    wanted = products(settings, targets)
    going = turns.wait()
    while going:
        round_of(wanted)
        going = turns.step(form.rows * form.shape.positions)


def main(who: str, told: str) -> None:
    form = msgspec.json.decode(told, type=Form)
    torch.set_num_threads(form.threads)
    torch.manual_seed(1)
    turns = Turns()
    run: Callable[[Form, Turns], None] = {"ours": ours, "loop": loop, "trainer": trainer, "roof": roof}[who]
    before = psutil.Process().memory_info().rss
    run(form, turns)
    turns.say(peak_bytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, at_start=before)


if __name__ == "__main__":
    main(*sys.argv[1:])
