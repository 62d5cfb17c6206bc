"""A compiled network: tried at the start of a run, taken where it pays, the same after every resume."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from core import runs
from core.runs import Run
from core.settings import Compiled, Family
from core.training import compiled
from core.training.compiled import Choice
from core.training.trainer import Trainer
from tests.core.test_team import close, together
from tests.core.toy_runs import events, losses, made, resumed, settings

Hidden = Callable[..., Tensor]
STEPS = 40


class Machine:
    """An accelerator and its compiler, played on a CPU: a clock that only goes on where a batch is read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **seconds: float | Exception) -> None:
        """Seconds that a batch takes by mode; an exception is what compiling leads to."""
        self.seconds, self.now, self.compiling = seconds, 0.0, 5.0
        self.built: list[Compiled] = []
        self.shapes: list[tuple[int, ...]] = []
        """Of the windows that the compiled network read."""
        monkeypatch.setattr(compiled, "DEVICES", ("cpu",))
        monkeypatch.setattr(compiled, "LEAST", 0.0)
        monkeypatch.setattr(compiled, "clock", lambda: self.now)
        monkeypatch.setattr(compiled, "build", self.build)

    def build(self, hidden: Hidden, mode: Compiled) -> Hidden:
        self.built.append(mode)
        self.now += self.compiling
        plain = getattr(hidden, "plain", hidden)

        def read(ids: Tensor, **how: bool) -> Tensor:
            self.shapes.append(tuple(ids.shape))
            return self.take(partial(plain, ids), mode, how)

        return read

    def take(self, plain: Hidden, mode: str, how: dict[str, bool]) -> Tensor:
        seconds = self.seconds[mode]
        if isinstance(seconds, Exception):
            raise seconds
        self.now += seconds
        return plain(**how)

    def runs(self, trainer: Trainer) -> Trainer:
        """Let the network of `trainer` take its time as it is."""
        plain = trainer.net.hidden

        def hidden(ids: Tensor, *rest: Any, **how: bool) -> Tensor:
            return self.take(partial(plain, ids, *rest), "no", how)

        hidden.plain = plain  # type: ignore[attr-defined]
        trainer.net.hidden = hidden
        return trainer

    def choose(self, trainer: Trainer) -> Choice:
        return compiled.begin(self.runs(trainer).learner, trainer.progress, lambda: None)


@pytest.fixture
def trainer(home: Path, own_folder: Path) -> Trainer:
    return Trainer(runs.create(settings(home, own_folder, steps=STEPS, short=0.0), "run"))


SLOW = RuntimeError("no compiler\nat all")


@pytest.mark.parametrize(
    ("yes", "graphs", "compiling", "mode"),
    [
        (0.5, 0.4, 5.0, "graphs"),
        (0.5, 0.6, 5.0, "yes"),
        (0.94, 0.99, 0.0, "yes"),
        (0.96, 0.99, 0.0, "no"),
        (1.5, 2.0, 0.0, "no"),
        (0.5, 0.4, 238.0, "graphs"),  # 400 x 0.6 s are saved; three batches as well are read before it is warm
        (0.5, 0.4, 239.0, "no"),
        (SLOW, 0.4, 5.0, "graphs"),
        (0.5, torch.OutOfMemoryError("CUDA out of memory"), 5.0, "yes"),
        (SLOW, SLOW, 5.0, "no"),
    ],
)
def test_the_fastest_that_pays_is_taken(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch, yes: Any, graphs: Any, compiling: float, mode: Compiled
) -> None:
    machine = Machine(monkeypatch, no=1.0, yes=yes, graphs=graphs)
    machine.compiling = compiling
    trainer.progress = runs.Progress(steps=400)
    choice = machine.choose(trainer)
    assert choice.mode == mode and choice.event == ("eager" if mode == "no" else "compiled")
    assert "1000.0 ms as it is" in choice.text and f"is read {compiled.NAMES[mode]}." in choice.text
    assert ("no compiler)" in choice.text) == (yes is SLOW) and "at all," not in choice.text
    assert machine.built == ["yes", "graphs", *([] if mode == "no" else [mode])]
    assert (trainer.learner.task.reader is None) == (mode == "no")
    assert all(weight.grad is None for weight in trainer.net.parameters())


@pytest.mark.parametrize("cause", ["short", "memory", "sentences", "begun", "over"])
def test_nothing_is_tried_where_it_cannot_pay(trainer: Trainer, monkeypatch: pytest.MonkeyPatch, cause: str) -> None:
    machine = Machine(monkeypatch, no=1.0, yes=0.1, graphs=0.1)
    if cause == "short":
        monkeypatch.setattr(compiled, "LEAST", STEPS + 1.0)
    changes = {"memory": {"micro": 2}, "begun": {"step": 3}, "over": {"step": STEPS}}.get(cause, {})
    trainer.progress = msgspec.structs.replace(trainer.progress, **changes)
    if cause == "sentences":
        trainer.learner.settings = msgspec.structs.replace(trainer.settings, frame="sentences")
    choice = machine.choose(trainer)
    assert machine.built == [] and choice.text == "" and trainer.learner.task.reader is None
    assert choice.mode == ("no" if cause in ("short", "begun") else "")


def test_no_room_for_a_whole_batch_is_left_to_the_first_step(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, no=torch.OutOfMemoryError("CUDA out of memory"), yes=0.1, graphs=0.1)
    assert machine.choose(trainer) == Choice("no") and machine.built == []


def test_on_a_cpu_nothing_is_compiled(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "begin", lambda *_: pytest.fail("it was tried"))
    trainer.train()
    assert trainer.run.file().settings.compiled == "" and events(trainer.run) == []


def test_a_trial_changes_no_number_of_the_run_and_its_choice_is_kept(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = settings(home, own_folder, "bert", steps=STEPS, short=0.5, causal_start=0.3)
    plain = Trainer(runs.create(wanted, "plain"))
    plain.train()
    machine = Machine(monkeypatch, no=1.0, yes=0.5, graphs=0.9)
    tried = machine.runs(Trainer(runs.create(wanted, "tried")))
    tried.train()
    assert losses(tried.run) == losses(plain.run) and events(tried.run) == ["compiled"]
    assert tried.run.file().settings == msgspec.structs.replace(plain.settings, compiled="yes")
    full = sum(tried.made.text.length(wanted, step) == wanted.length for step in range(STEPS))
    of_the_run = machine.shapes[-full:]
    assert set(machine.shapes) == {(4, 32)} and 0 < full < STEPS  # short windows are read as they are
    weights = [(run.checkpoints[-1] / "model.safetensors").read_bytes() for run in (plain.run, tried.run)]
    assert weights[0] == weights[1] and len(of_the_run) == full


def test_a_resumed_run_reads_as_it_did_whatever_would_pay_now(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(monkeypatch, no=1.0, yes=0.5, graphs=0.9)
    run = machine.runs(trainer).run
    trainer._compile()
    made(trainer, 3)
    trainer.save()
    assert run.file().settings.compiled == "yes"

    machine.seconds, machine.built = {"no": 1.0, "yes": 2.0, "graphs": 0.1}, []
    again = machine.runs(resumed(run))
    again.train()
    assert machine.built == ["yes"] and events(run) == ["compiled", "resumed"] and again.learner.task.reader is not None


def test_a_resumed_run_that_cannot_be_compiled_says_so_and_goes_on(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(monkeypatch, no=1.0, yes=0.5, graphs=0.9)
    machine.runs(trainer)._compile()
    made(trainer, 3)
    trainer.save()
    machine.seconds["yes"] = SLOW
    again = machine.runs(resumed(trainer.run))
    assert again.train() == "finished" and events(trainer.run) == ["compiled", "resumed", "eager"]
    assert again.learner.task.reader is None and again.run.file().settings.compiled == "yes"


def test_where_memory_runs_out_the_parts_are_read_as_they_are(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(monkeypatch, no=1.0, yes=0.5, graphs=0.9)
    machine.runs(trainer)._compile()
    machine.seconds["yes"] = torch.OutOfMemoryError("CUDA out of memory")
    compiled_before = len(machine.shapes)
    made(trainer, 3)
    assert trainer.progress.micro == 2 and trainer.progress.step == 3
    assert len(machine.shapes) == compiled_before + 1  # the batch that did not fit


def really(monkeypatch: pytest.MonkeyPatch, backend: str = "aot_eager") -> None:
    """Trace and differentiate with torch.compile itself, on this CPU; no code is generated."""
    monkeypatch.setattr(compiled, "DEVICES", ("cpu",))
    monkeypatch.setattr(compiled, "build", lambda hidden, _: torch.compile(hidden, dynamic=False, backend=backend))


@pytest.mark.parametrize(
    "family", ["gpt2", pytest.param("bert", marks=pytest.mark.slow), pytest.param("lstm", marks=pytest.mark.slow)]
)
def test_torch_compile_gives_the_curve_and_a_resume_the_same_bits(
    home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch, family: Family
) -> None:
    causal = 0.3 if family == "bert" else 0.0
    wanted = settings(home, own_folder, family, steps=12, dropout=0.0, causal_start=causal, compiled="yes")
    plain = Trainer(runs.create(wanted, "plain"))
    plain.train()
    really(monkeypatch)
    whole = Trainer(runs.create(wanted, "whole"))
    whole.train()
    assert whole.learner.task.reader is not None and close(losses(whole.run), losses(plain.run))
    run = runs.create(wanted, "run")
    first = Trainer(run)
    first._compile()
    made(first, 5)
    first.save()
    resumed(run).train()
    assert losses(run) == losses(whole.run)


def plainly(hidden: Hidden, mode: Compiled) -> Hidden:
    """A compiler that changes nothing."""
    return lambda ids, **how: hidden(ids, **how)


@pytest.mark.parametrize("case", ["faster", "broken", pytest.param("traced", marks=pytest.mark.slow)])
def test_a_team_chooses_together(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    wanted = settings(home, own_folder, steps=12, dropout=0.0, rows=5, processes=2)
    alone = Trainer(runs.create(wanted, "alone"))
    alone.train()
    really(monkeypatch)
    begin, build = compiled.begin, compiled.build if case == "traced" else plainly

    def faster(learner: Any, *more: Any) -> Choice:
        def built(hidden: Hidden, mode: Compiled) -> Hidden:
            if case == "broken" and not learner.team.first:
                raise SLOW
            return build(hidden, mode)

        monkeypatch.setattr(compiled, "build", built)
        # As it is a batch takes minutes, and compiled a moment, in every process of the team.
        monkeypatch.setattr(compiled, "clock", iter(map(float, (0, 1000, 1000, 1001, 1001, 1002))).__next__)
        return begin(learner, *more)

    monkeypatch.setattr(compiled, "begin", faster)
    run = runs.create(wanted, "both")
    assert together(run) == [0, 0], (run.folder / "console.log").read_text()
    refused = case == "broken"
    assert close(losses(run), losses(alone.run)) and events(run) == ["eager" if refused else "compiled"]
    assert run.file().settings.compiled == ("no" if refused else "yes")
    assert refused == ("another process" in next(row["text"] for row in run.rows()[0] if "event" in row))


@pytest.mark.gpu
@pytest.mark.parametrize("family", ["bert", "gpt2", "lstm"])
@pytest.mark.parametrize("mode", ["yes", "graphs"])
def test_on_a_gpu_it_is_exact_from_start_to_start(home: Path, own_folder: Path, family: Family, mode: Compiled) -> None:
    causal = 0.3 if family == "bert" else 0.0
    wanted = settings(home, own_folder, family, steps=20, causal_start=causal, compiled=mode)

    def curve(run: Run) -> list[float]:
        return [float.fromhex(loss) for loss in losses(run).values()]

    plain = Trainer(runs.create(msgspec.structs.replace(wanted, compiled="no", dropout=0.0), "plain"))
    plain.train()
    close_by = Trainer(runs.create(msgspec.structs.replace(wanted, dropout=0.0), "close"))
    close_by.train()
    assert close_by.learner.task.reader is not None and events(close_by.run) == []
    assert curve(close_by.run) == pytest.approx(curve(plain.run), rel=0.02)  # bfloat16
    whole, run = (Trainer(runs.create(wanted, name)) for name in ("whole", "run"))
    whole.train()
    run._compile()
    made(run, 9)
    run.save()
    resumed(run.run).train()
    assert losses(run.run) == losses(whole.run)


@pytest.mark.gpu
def test_on_a_gpu_the_choice_is_measured(home: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "LEAST", 0.0)
    trainer = Trainer(runs.create(settings(home, own_folder, steps=20), "run"))
    trainer.train()
    said = next(row["text"] for row in trainer.run.rows()[0] if row.get("event") in ("compiled", "eager"))
    assert trainer.run.file().settings.compiled in ("no", "yes", "graphs") and "ms as it is" in said
