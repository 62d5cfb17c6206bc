"""Where the engine's work is done: one device, the models on it, and one function a request.

Everything heavy is imported inside `prepare` and `work`, so that the engine can greet its front end at once.
"""

from __future__ import annotations

import gc
import time
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Raw
from msgspec.structs import replace

from core.catalogue import Entry, resolve
from core.engine.serve import ProgressCall
from core.engine.shelf import Shelf
from core.errors import UserError
from core.messages import (
    PAGE,
    AnyRequest,
    Check,
    Checked,
    Compare,
    Compared,
    Curves,
    Evaluate,
    Evaluated,
    Event,
    Experiment,
    Experimented,
    Experimenting,
    Finding,
    Hits,
    Load,
    Loaded,
    Notice,
    Page,
    Pair,
    Paired,
    Predict,
    Predicted,
    Probe,
    Probed,
    Ready,
    Rescore,
    Rescored,
    Scan,
    Scanned,
    Scanning,
    Sweep,
    Sweeping,
    Swept,
    raw,
)
from core.niceness import give_way

if TYPE_CHECKING:
    from core.device import Choice
    from core.models.model import Model

NICENESS = 10
"""On a CPU the engine gives way to the window and to everything else; on an idle machine that costs nothing."""


class Bench:
    """The real bench: torch on one device."""

    def __init__(self) -> None:
        self._shelf = Shelf(self._load)
        self._choice: Choice
        self._refused: UserError | None = None

    def prepare(self) -> list[Event]:
        """Import torch, choose a device and, unless it is a CPU, see whether its numbers are right.

        A device that fails is not used: the CPU takes its place. Where there is no device at all, every request
        says so.
        """
        begun = time.perf_counter()
        import torch

        from core import device, floor

        told: list[Event] = [Notice(text=complaint, level="warning") for complaint in floor.complaints()]
        try:
            self._choice = device.choose()
        except UserError as error:
            self._refused = error
            told.append(Notice(text=str(error), level="error"))
            self._choice = device.Choice(torch.device("cpu"), torch.float32, str(error))
        if self._choice.device.type != "cpu":
            checked = self._check(0)
            told.append(_outcome(checked))
            if not checked.passed:
                self._shelf.clear()
                self._refused = None
                reason = f"cpu: {checked.device} failed its self-test"
                self._choice = device.Choice(torch.device("cpu"), torch.float32, reason)
        if self._choice.device.type == "cpu":
            give_way(NICENESS)
        ready = Ready(
            device=self._device,
            dtype=str(self._choice.dtype).removeprefix("torch."),
            reason=self._choice.reason,
            torch=str(torch.__version__),
            seconds=time.perf_counter() - begun,
        )
        return [ready, *told]

    def leisure(self) -> list[Event]:
        """The self-test of a CPU, and its outcome."""
        if self._refused or self._choice.device.type != "cpu":
            return []
        return [_outcome(self._check(0))]

    def relieve(self) -> None:
        """Let go of all models and of what torch keeps for later."""
        import torch

        self._shelf.clear()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def work(self, request: AnyRequest, progress: ProgressCall) -> Event:
        """The answer to one request. Raises UserError, or `core.errors.Cancelled` out of `progress`."""
        if self._refused:
            raise self._refused
        if isinstance(request, Check):
            return self._check(request.id)
        if isinstance(request, Load):
            return Loaded(id=request.id, model=self._get([request.model], progress)[0].identity)
        if isinstance(request, Predict):
            from core.predict import predict

            model = self._get([request.model], progress)[0]
            return Predicted(id=request.id, prediction=predict(model, request.text, request.top))
        if isinstance(request, Compare):
            return self._compare(request, progress)
        if isinstance(request, Rescore):
            from core.rescore import rescore

            models = dict(zip(request.models, self._get(request.models, progress), strict=True))
            place = request.text, request.start, request.end
            return Rescored(id=request.id, rescoring=rescore(models, *place, request.candidates, progress))
        if isinstance(request, Evaluate):
            from core.evaluation.evaluate import evaluate

            models = dict(zip(request.models, self._get(request.models, progress), strict=True))
            found = evaluate(models, request.sets, request.everything, request.seed, request.folder, progress)
            return Evaluated(id=request.id, evaluation=found)
        if isinstance(request, Sweep):
            return self._sweep(request, progress)
        if isinstance(request, Scan):
            return self._scan(request, progress)
        if isinstance(request, Pair):
            from core.pair import pair

            models = dict(zip(request.models, self._get(request.models, progress), strict=True))
            return Paired(id=request.id, pairing=pair(models, request.good, request.bad, progress))
        if isinstance(request, Experiment):
            return self._experiment(request, progress)
        if isinstance(request, Probe):
            return self._probe(request, progress)
        raise TypeError(f"There is no work for {type(request).__name__}.")

    @property
    def _device(self) -> str:
        return str(self._choice.device)

    def _get(self, names: list[str], progress: ProgressCall) -> list[Model]:
        models = []
        for done, name in enumerate(names):
            models.append(self._shelf.get(name, partial(progress, done, len(names), f"opening {name}")))
        return models

    def _load(self, entry: Entry) -> Model:
        from core.models.load import load

        return load(entry, self._choice.device)

    def _compare(self, request: Compare, progress: ProgressCall) -> Compared:
        from core.compare import compare

        models = dict(zip(request.models, self._get(request.models, progress), strict=True))
        found = compare(models, request.text, request.top, request.pll, request.first_token, progress)
        if request.paged:
            for first in range(0, len(found.words), PAGE):
                progress.show(Page(id=request.id, words=Raw(raw(found.words[first : first + PAGE]))))
            found = replace(found, words=[])
        return Compared(id=request.id, comparison=found)

    def _sweep(self, request: Sweep, progress: ProgressCall) -> Swept:
        from core.sweep.formats import trained_in
        from core.sweep.sweep import sweep

        models = dict(zip(request.models, self._get(request.models, progress), strict=True))
        formats = {name: trained_in(resolve(name), model.identity.kind) for name, model in models.items()}

        def show(part: Curves) -> None:
            progress.show(Sweeping(id=request.id, sweep=part))

        return Swept(id=request.id, sweep=sweep(models, formats, request, progress, show))

    def _scan(self, request: Scan, progress: ProgressCall) -> Scanned:
        from core.scan.scan import scan

        models = dict(zip(request.models, self._get(request.models, progress), strict=True))

        def show(part: Hits) -> None:
            progress.show(Scanning(id=request.id, found=part))

        return Scanned(id=request.id, found=scan(models, request, progress, show))

    def _experiment(self, request: Experiment, progress: ProgressCall) -> Experimented:
        from core.experiments.experiment import run

        def show(part: Finding) -> None:
            progress.show(Experimenting(id=request.id, finding=part))

        def open_model(name: str) -> Model:
            return self._get([name], progress)[0]

        return Experimented(id=request.id, finding=run(request, open_model, self._choice.device, progress, show))

    def _probe(self, request: Probe, progress: ProgressCall) -> Probed:
        """A few steps of a training run, on the device that a trainer would use."""
        from core.training.device import usable
        from core.training.probe import measure

        found = measure(request.settings, check=partial(progress, 0, 1, "measuring a few steps"))
        return Probed(
            id=request.id,
            tokens_per_second=found.tokens_per_second,
            memory=found.memory_bytes,
            device=str(usable()),
        )

    def _check(self, number: int) -> Checked:
        """Run the self-test. A device that fails it is refused from then on."""
        from core import device

        verdict = device.self_test(self._choice.device, self._shelf.get)
        if not verdict.passed:
            self._refused = UserError(
                f"{self._device} failed its self-test, so it is not used.",
                why=verdict.note,
                hint="Install another build of torch.",
            )
        return Checked(
            id=number,
            device=self._device,
            passed=verdict.passed,
            worst=verdict.worst,
            tolerance=verdict.tolerance,
            note=verdict.note,
        )


def _outcome(checked: Checked) -> Notice:
    if checked.passed:
        return Notice(text=f"Self-test of {checked.device}: no wrong number found. {checked.note}")
    return Notice(text=f"Self-test of {checked.device} failed: it is not used. {checked.note}", level="error")
