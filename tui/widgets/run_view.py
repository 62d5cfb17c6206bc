"""One run, as it is now: why it failed, what it does in four lines, its curve, and what its trainer printed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from core.runs import RunFile
from tui.runs.watch import Now, Seen
from tui.text import one_line, passage
from tui.widgets.chart import Chart
from tui.widgets.plot import Series
from tui.words import duration, short

PHASES = {"causal": "causal loss", "masked": "masked loss"}


class RunView(Vertical, can_focus=True):
    """Shows what a `Watch` has seen. `phase` is the objective in the chart; empty means the latest."""

    DEFAULT_CSS = """
    RunView #facts { height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    RunView #reason { height: auto; max-height: 8; padding: 0 1; color: $text-error; display: none; }
    RunView.-reason #reason { display: block; }
    RunView:focus #facts { background: $boost; }
    RunView #console { height: auto; max-height: 12; padding: 0 1; background: $panel; display: none; }
    RunView.-console #console { display: block; }
    RunView.-printed Chart { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.seen: Seen | None = None
        self.phase = ""
        self.printed = False
        """Whether the person wants to see what the trainer of a failed run printed."""

    def compose(self) -> ComposeResult:
        yield Static(id="reason", markup=False)
        yield Static(id="facts", markup=False)
        yield Chart("nats by step", "", id="loss")
        yield Static(id="console", markup=False)

    def show(self, seen: Seen | None) -> None:
        """Show `seen`, or nothing at all."""
        if (seen and seen.now.id) != (self.seen and self.seen.now.id):
            self.phase, self.printed = "", False
        self.seen = seen
        chart = self.query_one(Chart)
        if seen is None:
            self.query_one("#facts", Static).update("")
            chart.show([])
            self.remove_class("-console", "-reason", "-printed")
            return
        self.query_one("#facts", Static).update(Content("\n".join(facts(seen))))
        phase = self.phase or latest_phase(seen)
        chart.show(series(seen, phase))
        chart.say(
            "no loss has been written yet" if seen.now.state in ("starting", "running") else "no loss was written"
        )
        why = reason(seen.now)
        self.set_class(bool(why), "-reason")
        self.query_one("#reason", Static).update(passage(why))
        self.set_class(bool(seen.console) and (self.printed or not why), "-console")
        self.set_class(self.printed and bool(seen.console), "-printed")
        self.query_one("#console", Static).update(passage(seen.console))

    def turn_console(self) -> None:
        """Show or hide what the trainer printed."""
        self.printed = not self.printed
        self.show(self.seen)

    def turn_phase(self) -> bool:
        """Show the other objective's chart, for a masked model with a causal start. False when there is no other."""
        if self.seen is None or len(self.seen.loss) < 2:
            return False  # `loss` names an objective also when only what is held out was asked for by it
        names = list(self.seen.loss)
        self.phase = names[(names.index(self.phase or latest_phase(self.seen)) + 1) % len(names)]
        self.show(self.seen)
        return True


def latest_phase(seen: Seen) -> str:
    """The objective to show unless another was asked for: the run's present one."""
    return seen.now.phase if seen.now.phase in seen.loss else next(iter(reversed(seen.loss)), "")


def series(seen: Seen, phase: str) -> list[Series]:
    """The curves of one objective, with the level of a model that reads nothing."""
    name = PHASES.get(phase, "loss")
    found = [
        Series(name, seen.loss.get(phase, ())),
        Series("held out", seen.held_out.get(phase, ()), "dots", "o"),
    ]
    file = seen.now.file
    if file and file.unigram_nats > 0 and found[0].points:
        found.append(Series(f"unigram {file.unigram_nats:.2f}", [(0, file.unigram_nats)], "level", "╌"))
    return found


def reason(at: Now) -> str:
    """Why a run failed or cannot be read, whole; empty where nothing says why."""
    if at.problem:
        return at.problem
    return at.outcome.error.strip() if at.state == "failed" and at.outcome else ""


def facts(seen: Seen) -> list[str]:
    """What is known of a run, in lines that fit 80 columns; every part is safe to show."""
    at = seen.now
    if at.file is None:
        return [f"{one_line(at.id)} · its run.json cannot be read"]
    lines = (_name(at.id, at.file), _state(seen), _progress(at, at.file), _losses(at, at.file), _rates(at, at.file))
    return [line for line in lines if line]


def _name(run: str, file: RunFile) -> str:
    form = file.settings.shape
    parts = [file.settings.family, f"{form.layers} layer{'s' * (form.layers > 1)} of {form.width}"]
    parts += [f"{short(file.parameters)} parameters"] if file.parameters else []
    parts += [f"seed {file.settings.seed}"] + ([one_line(file.device)] if file.device else [])
    return f"{one_line(run)} · {', '.join(parts)}"


def _state(seen: Seen) -> str:
    at, count = seen.now, len(seen.checkpoints)
    kept = f"{count} checkpoint{'s' * (count > 1)}, newest at step {seen.checkpoints[-1]:,}" if count else ""
    kept = kept or "no checkpoint"
    if at.state == "died":
        return f"died: process gone, no result · {kept}"
    if at.state == "failed":
        return f"failed · {kept}" + (" · w shows what its trainer printed" if seen.console else "")
    if at.state == "elsewhere":
        host = one_line(at.file.owner.host) if at.file and at.file.owner else "another machine"
        return f"elsewhere: on {host}, which cannot be asked · {kept}"
    if at.state == "starting":
        return "starting: its process has not spoken yet"
    return f"{at.state} · {kept}"


def _progress(at: Now, file: RunFile) -> str:
    parts = []
    if at.step is not None:
        of = f" of {file.steps:,} ({100 * at.step / file.steps:.0f} %)" if file.steps else ""
        parts.append(f"step {at.step:,}{of}")
    if at.seconds is not None:
        parts.append(f"{duration(at.seconds)} of work")
    if at.eta is not None:
        parts.append(f"about {duration(at.eta)} left")
    return " · ".join(parts)


def _losses(at: Now, file: RunFile) -> str:
    parts, start = [], at.phase == "causal" and file.settings.family == "bert"
    if start:
        parts.append("causal start, left to right")
    elif at.phase:
        parts.append(f"{one_line(at.phase)} training")
    if at.loss is not None:
        parts.append(f"loss {at.loss:.3f} nats")
    if at.held_out is not None and start:
        parts.append(f"held out with masks {at.held_out:.3f}")
    elif at.held_out is not None:
        top1 = "" if at.top1 is None else f", top-1 {100 * at.top1:.1f} %"
        parts.append(f"held out {at.held_out:.3f}{top1}")
    return " · ".join(parts)


def _rates(at: Now, file: RunFile) -> str:
    parts = []
    if at.tokens is not None:
        parts.append(f"{short(at.tokens)} of {short(file.settings.tokens)} tokens")
    if at.state == "running" and at.speed is not None:
        parts.append(f"{short(round(at.speed))} tokens/s")
    if at.lr is not None:
        parts.append(f"lr {at.lr:.2g}")
    if at.grad_norm is not None:
        parts.append(f"gradient norm {at.grad_norm:.2g}")
    return " · ".join(parts)
