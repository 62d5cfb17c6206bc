"""One update: it goes in parts when memory runs out, and stops before a number that is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core import runs
from core.runs import Run
from core.settings import Family
from core.training import launch
from core.training.learner import NotANumber, OutOfMemory, scarce
from core.training.trainer import Trainer
from tests.core.toy_runs import events, losses, made, resumed, settings


def greedy(trainer: Trainer, most: int, error: Exception) -> None:
    """Let more than `most` windows at once be too much for the network of `trainer`."""
    hidden: Callable[..., Any] = trainer.net.hidden

    def limited(ids: torch.Tensor, *rest: Any, **named: Any) -> Any:
        if len(ids) > most and trainer.net.training:
            raise error
        return hidden(ids, *rest, **named)

    trainer.net.hidden = limited


@pytest.mark.parametrize("family", ["bert", "gpt2", "lstm"])
@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("not enough memory: x")])
def test_out_of_memory_halves_the_parts_and_keeps_the_batch(
    home: Path, own_folder: Path, family: Family, error: Exception
) -> None:
    wanted = settings(home, own_folder, family, dropout=0.0, rows=6, causal_start=0.5)
    whole, split = (Trainer(runs.create(wanted, name)) for name in ("whole", "split"))
    greedy(split, 2, error)
    steps = 12 if family != "bert" else split.progress.switch + 6
    one, other = ([float.fromhex(loss) for loss in made(trainer, steps)] for trainer in (whole, split))
    assert one == pytest.approx(other, abs=1e-5, rel=1e-6) and one[:3] == pytest.approx(other[:3], abs=1e-6)
    assert split.progress.micro == 2 and events(split.run) == ["memory"]
    row = next(row for row in split.run.rows()[0] if row.get("event") == "memory")
    assert row["step"] == 1 and "2 windows" in row["text"]
    assert split.progress.tokens == whole.progress.tokens and split.progress.targets == whole.progress.targets
    split.save()
    assert resumed(split.run).progress.micro == 2


def test_when_no_window_fits_the_run_fails_and_changed_nothing(home: Path, own_folder: Path) -> None:
    trainer = Trainer(runs.create(settings(home, own_folder), "run"))
    greedy(trainer, 0, torch.OutOfMemoryError("CUDA out of memory"))
    before = {name: tensor.clone() for name, tensor in trainer.net.state_dict().items()}
    with pytest.raises(OutOfMemory, match="not enough memory") as caught:
        trainer.step()
    assert all(torch.equal(tensor, before[name]) for name, tensor in trainer.net.state_dict().items())
    failed = launch._failed(trainer.run, trainer, caught.value)
    assert (failed.status, failed.cause, failed.step) == ("failed", "memory", 0)
    launch._write(trainer.run, failed)
    launch.claim(trainer.run).close()
    assert resumed(trainer.run).progress.micro == 2 == resumed(trainer.run).progress.micro


def test_other_errors_are_not_taken_for_a_lack_of_memory(home: Path, own_folder: Path) -> None:
    assert not scarce(RuntimeError("shapes differ")) and scarce(
        RuntimeError("DefaultCPUAllocator: can't allocate memory")
    )
    trainer = Trainer(runs.create(settings(home, own_folder), "run"))
    greedy(trainer, 0, RuntimeError("shapes differ"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        trainer.step()


def poisoned(trainer: Trainer, step: int, value: float) -> Trainer:
    """Let the loss of one step be `value`."""
    forward = trainer.learner.model.forward

    def spoilt(*batch: Any) -> torch.Tensor:
        loss: torch.Tensor = forward(*batch)
        return loss * value if trainer.progress.step == step else loss

    trainer.learner.model.forward = spoilt
    return trainer


def fails(trainer: Trainer) -> NotANumber:
    with pytest.raises(NotANumber) as caught:
        trainer.train()
    launch._write(trainer.run, launch._failed(trainer.run, trainer, caught.value))
    return caught.value


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_the_run_and_resume_goes_past_it(
    home: Path, own_folder: Path, value: float
) -> None:
    wanted = settings(home, own_folder, tokens=2_000)
    trainer = poisoned(Trainer(runs.create(wanted, "run")), 4, value)
    trainer.save()
    error = fails(trainer)
    run = trainer.run
    outcome = run.outcome()
    assert outcome is not None and (outcome.cause, outcome.bad_step, outcome.step) == ("nan", 4, 4)
    assert "step 4" in outcome.error and "windows 16 to 19" in outcome.error and "resume" in outcome.error
    numbers = trainer.made.text.documents(trainer.settings, 4)
    assert f"document {', '.join(map(str, numbers))}." in str(error) and all(1 <= n <= 100 for n in numbers)
    assert all(bool(torch.isfinite(weight).all()) for weight in trainer.net.parameters())
    assert max(losses(run)) == 4

    launch.claim(run).close()
    again = poisoned(resumed(run), 4, value)
    assert again.progress.skips == (4,)
    assert again.train() == "finished" and 5 not in losses(run) and "skipped" in events(run)

    twin = Trainer(runs.create(wanted, "twin"))  # skipped ever after: also without the failure
    made(twin, 4)
    twin.progress = runs.Progress(**{**_fields(twin), "skips": (4,)})
    twin.train()
    assert losses(twin.run) == losses(run)


def _fields(trainer: Trainer) -> dict[str, Any]:
    return {name: getattr(trainer.progress, name) for name in trainer.progress.__struct_fields__}


def test_what_is_passed_over_outlives_a_kill_right_after_the_resume(home: Path, own_folder: Path) -> None:
    run = poisoned(Trainer(runs.create(settings(home, own_folder, tokens=1_000), "run")), 0, float("nan")).run
    fails(poisoned(Trainer(run), 0, float("nan")))
    launch.claim(run).close()  # killed before it has read the text
    launch.claim(run).close()
    assert resumed(run).progress.skips == (0,)
    assert resumed(Run(run.folder)).progress.skips == (0,) and not (run.folder / "ended.json").exists()
