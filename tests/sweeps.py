"""A made-up sweep, for front ends and for the wire."""

from __future__ import annotations

import time

from core import messages as m
from core.engine.serve import ProgressCall
from core.errors import UserError

FOREVER, REFUSED = 600, 13
"""Seeds of sweeps that do not end after their first part, and of those that cannot be."""


def identity(name: str) -> m.Identity:
    """A model that does not exist."""
    return m.Identity(
        name=name, source="bundled", kind="masked" if name.startswith("bert") else "causal", architecture="Fake",
        revision="0123456789ab", parameters=1234, context=128, vocabulary=10, device="cpu", dtype="float32",
    )  # fmt: skip


def series(model: str, condition: str, positions: int) -> m.Series:
    """Right at two of four places everywhere, but at the last position, where nothing was asked."""
    none: list[float | None] = [None]
    share: list[float | None] = [0.5] * (positions - 1)
    return m.Series(
        model=model, condition=condition, accuracy=share + none, low=[0.15] * (positions - 1) + none,
        high=[0.85] * (positions - 1) + none, top5=share + none, top5_low=share + none, top5_high=share + none,
        logprob=[-2.5] * (positions - 1) + none, n=[4] * (positions - 1) + [0], stop=[0.25] * (positions - 1) + none,
    )  # fmt: skip


def curves(request: m.Sweep, complete: bool = True) -> m.Curves:
    """What such a request might find."""
    positions = request.positions or list(range(request.length))
    estimate = m.Estimate(value=0.25, low=-0.125, high=0.5)
    found: dict[str, m.Series] = {}
    for name in request.models:
        masked = identity(name).kind == "masked"
        found[name] = series(name, "framed" if masked else "start", len(positions))
        if masked:
            found[f"{name}/bare"] = series(name, "bare", len(positions))
    fall = m.Fall(condition="framed", middle=0.5, last=0.25, fall=estimate, windows=4)
    return m.Curves(
        positions=positions, middle=positions[2:4], unit="tokens", protocol=request.protocol, seed=request.seed,
        length=request.length, windows=request.windows, text=request.path or request.text or "a default text",
        models={name: identity(name) for name in request.models},
        formats={name: one.condition for name, one in found.items() if name == one.model}, series=found,
        falls=dict.fromkeys(request.models, fall),
        waterfalls={
            name: m.Waterfall(bare=fall, trained=fall, artefact=estimate) for name in request.models
            if identity(name).kind == "masked"
        },
        sentences=["It falls, and \x1b[31mnothing\x1b[0m else."], notes=["A note."], complete=complete, seconds=1.5,
    )  # fmt: skip


def swept(request: m.Sweep, progress: ProgressCall) -> m.Swept:
    """Two partial results, then the whole."""
    if request.seed == REFUSED:
        raise UserError("This cannot be swept.", hint="Take another seed.")
    for done in (1, 2):
        progress(done, 3, "sweeping, bert framed, about 5 s left")
        progress.show(m.Sweeping(id=request.id, sweep=curves(request, complete=False)))
        time.sleep(0.12)
        while request.seed == FOREVER:
            progress(done, 3, "sweeping, bert framed, about 5 s left")
            time.sleep(0.005)
    return m.Swept(id=request.id, sweep=curves(request))
