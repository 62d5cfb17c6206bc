"""The charts of a run, and of runs laid over it. One unit and one objective to a panel. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tui.charts.series import Panel, Point, Series
from tui.runs import comparable
from tui.runs.watch import Seen
from tui.text import one_line, shorten_name

OVER = 0.1
"""Nats below the unigram line from which on a masked model is said to have left it."""
LABEL = 22
"""Columns that the name of a run takes in a legend."""
MOST = 6
"""Runs in one chart: more lines cannot be told apart."""
TITLES = {"masked": "masked loss, nats by step", "causal": "causal loss, nats by step"}


class Kind(NamedTuple):
    """A panel of one number: its name, its title, the curve, its unit's size, and whether it is single values."""

    name: str
    title: str
    curve: str
    unit: float = 1.0
    single: bool = False


KINDS = (
    Kind("bits", "held-out bits per character by step", "bits_per_character", single=True),
    Kind("rate", "learning rate by step", "lr"),
    Kind("gradient", "gradient norm before clipping by step", "grad_norm"),
    Kind("speed", "tokens per second by step", "tokens_per_second"),
    Kind("cpu", "processor cores in use by step", "cpu"),
    Kind("memory", "GB of memory by step", "memory", 1e9),
    Kind("gpu", "share of the GPU's time by step", "gpu"),
    Kind("vram", "GB of GPU memory by step", "gpu_memory", 1e9),
)


def panels(seen: Seen, others: Sequence[Seen] = ()) -> list[Panel]:
    """What there is to chart of `seen` and the `others` laid over it. Its own objective comes first, even when empty.

    Losses of two objectives answer different questions, so a masked model's causal start has a panel of its own.
    """
    runs = [seen, *others][:MOST]
    own = objective(seen)
    found = [_loss(runs, own), _loss(runs, "causal" if own == "masked" else "masked")]
    found = [panel for panel in found if panel.name == own or panel.series]
    for kind in KINDS:
        lines = [line for number, run in enumerate(runs) for line in _line(run, kind, number, len(runs))]
        if any(line.points for line in lines):
            found.append(Panel(kind.name, kind.title, tuple(lines), noisy=kind.curve != "lr"))
    return found


def objective(seen: Seen) -> str:
    """What the model is asked in the end: `masked` or `causal`."""
    return "masked" if seen.now.file and seen.now.file.settings.family == "bert" else "causal"


def present(seen: Seen) -> str:
    """The name of the panel that the run fills now."""
    return seen.now.phase or objective(seen)


def apart(seen: Seen, others: Sequence[Seen]) -> list[str]:
    """Why the losses of these runs are no fair comparison: one clause each."""
    files = [one.now.file for one in (seen, *others)[:MOST] if one.now.file]
    return [one_line(reason) for reason in comparable.reasons(files)] if len(files) > 1 else []


def _loss(runs: Sequence[Seen], objective: str) -> Panel:
    lines: list[Series] = []
    for number, run in enumerate(runs):
        loss, held_out = run.loss.get(objective, ()), run.held_out.get(objective, ())
        glyphs, label = marks(number, len(runs)), _label(run, number, len(runs))
        if loss:
            lines.append(Series(label or f"{objective} loss", loss, "line", glyphs[0], number))
        if held_out:
            tone = number if len(runs) > 1 else 1
            lines.append(Series(f"{label} held out".lstrip(), held_out, "dots", glyphs[1], tone))
    return Panel(objective, TITLES[objective], (*lines, *_unigrams(runs, objective)), _note(runs[0], objective))


def _unigrams(runs: Sequence[Seen], objective: str) -> Iterator[Series]:
    """A level for each different unigram line of the runs that are in the panel: usually one."""
    known: set[float] = set()
    for run in runs:
        nats = run.now.file.unigram_nats if run.now.file else 0.0
        if nats > 0 and round(nats, 3) not in known and (run.loss.get(objective) or run.held_out.get(objective)):
            known.add(round(nats, 3))
            yield Series(f"unigram {nats:.2f}", [(0, nats)], "level", "╌", 2 + len(known) - 1)


def _note(seen: Seen, objective: str) -> str:
    """The plateau of a masked model, by its name."""
    nats = seen.now.file.unigram_nats if seen.now.file else 0.0
    looks = seen.held_out.get("masked", ())
    if objective != "masked" or nats <= 0 or not looks:
        return ""
    over = [at for at, (_, y) in enumerate(looks) if y > nats - OVER]
    if over and over[-1] == len(looks) - 1:
        if seen.now.phase == "causal":  # it has not read with masks yet: nothing can be said of that
            return ""
        return "still a unigram reader"
    left: Point = looks[over[-1] + 1 if over else 0]
    return f"left the unigram line at step {left[0]:,.0f}"


def _line(run: Seen, kind: Kind, number: int, count: int) -> Iterator[Series]:
    points = run.curves.get(kind.curve, ())
    if points:
        scaled = points if kind.unit == 1.0 else tuple((x, y / kind.unit) for x, y in points)
        label = _label(run, number, count) or kind.name
        glyphs = marks(number, count)
        yield Series(label, scaled, "dots" if kind.single else "line", glyphs[kind.single], number)


def marks(number: int, count: int) -> tuple[str, str]:
    """The glyphs of run `number` of `count`, on its lines and for its single values: letters where there are more."""
    return (chr(ord("A") + number), chr(ord("a") + number)) if count > 1 else ("*", "o")


def _label(run: Seen, number: int, count: int) -> str:
    """The name of a run, where there are several."""
    return shorten_name(one_line(run.now.name), LABEL) if count > 1 else ""
