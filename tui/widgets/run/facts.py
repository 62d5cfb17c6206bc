"""What is known of a run in words: lines that fit 80 columns, safe to show."""

from __future__ import annotations

import time

from core.runs import Beat, Outcome, RunFile
from tui.runs.now import Now
from tui.runs.watch import Seen
from tui.text import one_line
from tui.words import brief, duration, short

DOING = {
    "reading": "reading the text",
    "measuring": "measuring how fast it is here",
    "evaluating": "looking at the held-out text",
    "saving": "saving a checkpoint",
}
"""What a trainer does when it does not train, by `Beat.doing`."""
ADVICE = {
    "nan": "Resume it: it goes on from its last good checkpoint and passes over that batch.",
    "disk": "Free some room and resume it: it goes on from its last good checkpoint.",
    "memory": "Resume it with fewer programs beside it, or start one of a smaller size.",
}
"""What to do about a failure, by `Outcome.cause`."""


def facts(seen: Seen) -> list[str]:
    """What is known of a run, line by line."""
    at = seen.now
    if at.file is None:
        return [f"{one_line(at.name)} · its run.json cannot be read"]
    lines = (
        _name(at, at.file), _state(seen), _progress(at, at.file), _losses(at, at.file), _rates(at), _budget(at.file),
        _last(seen),
    )  # fmt: skip
    return [line for line in lines if line]


def reason(at: Now) -> str:
    """Why a run failed or cannot be read, whole, and what to do; empty where nothing says why."""
    if at.problem:
        return at.problem
    if at.state != "failed" or at.outcome is None:
        return ""
    return f"{at.outcome.error.strip()} {advice(at.outcome)}".strip()


def advice(outcome: Outcome) -> str:
    """What to do about a failure that has a known cause, unless the trainer has said so itself."""
    told = ADVICE.get(outcome.cause, "")
    return "" if "resume" in outcome.error.lower() else told


def _name(at: Now, file: RunFile) -> str:
    form = file.settings.shape
    parts = [file.settings.family, f"{form.layers} layer{'s' * (form.layers > 1)} of {form.width}"]
    parts += [f"{short(file.parameters)} parameters"] if file.parameters else []
    parts += [f"seed {file.settings.seed}"] + ([one_line(file.device)] if file.device else [])
    note = f" · {one_line(at.about.note)}" if at.about.note else ""
    return f"{one_line(at.name)} · {', '.join(parts)}{note}"


def _state(seen: Seen) -> str:
    at, count = seen.now, len(seen.checkpoints)
    kept = f"{count} checkpoint{'s' * (count > 1)}, newest at step {seen.checkpoints[-1]:,}" if count else ""
    kept = kept or "no checkpoint"
    if at.state == "died":
        return f"died: process gone, no result · {kept} · resume goes on from there"
    if at.state == "failed":
        return f"failed · {kept}" + (" · w shows what its trainer printed" if seen.console else "")
    if at.state == "elsewhere":
        host = one_line(at.file.owner.host) if at.file and at.file.owner else "another machine"
        return f"elsewhere: on {host}, {_heard(at.beat)} · {kept}"
    if at.state == "starting":
        return "starting: its process has not spoken yet"
    best = f", best at {seen.best.step:,} ({seen.best.nats:.3f} nats)" if seen.best else ""
    return f"{at.state}{_doing(at)} · {kept}{best}"


def _doing(at: Now) -> str:
    """What the trainer of a living run does besides training."""
    if at.state != "running" or at.beat is None or at.beat.doing not in DOING:
        return ""
    detail = f" {one_line(at.beat.detail)}" if at.beat.detail else ""
    return f": {DOING[at.beat.doing]}{detail}…"


def _heard(beat: Beat | None) -> str:
    if beat is None:
        return "which cannot be asked"
    age = time.time() - beat.time
    return "which was heard just now" if age < 5 else f"last heard {brief(age)} ago"  # clocks may differ by seconds


def _progress(at: Now, file: RunFile) -> str:
    parts = []
    if at.step is not None:
        of = f" of {file.steps:,} ({100 * at.step / file.steps:.0f} %)" if file.steps else ""
        parts.append(f"step {at.step:,}{of}")
    if at.eta is not None:
        parts.append(f"about {duration(at.eta)} left")
    if at.seconds is not None:
        parts.append(f"{duration(at.seconds)} of work")
    if at.tokens is not None:
        whole = 0 if file.settings.steps else file.settings.tokens  # steps that were asked for read about so many
        of = f" of {short(whole)}" if at.tokens <= whole else ""  # the last batch, or what was added, goes past it
        parts.append(f"{short(at.tokens)}{of} tokens")
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


def _rates(at: Now) -> str:
    parts = []
    if at.state == "running" and at.speed is not None:
        parts.append(f"{short(round(at.speed))} tokens/s")
    if at.lr is not None:
        parts.append(f"lr {at.lr:.2g}")
    if at.grad_norm is not None:
        parts.append(f"gradient norm {at.grad_norm:.2g}")
    if at.state == "running" and at.beat and at.beat.memory:
        parts.append(f"{at.beat.cpu:.1f} cores, {at.beat.memory / 1e9:.1f} GB")
        if at.beat.gpu is not None:
            parts.append(f"GPU {at.beat.gpu:.0%}, {(at.beat.gpu_memory or 0) / 1e9:.1f} GB".replace("%", " %"))
    return " · ".join(parts)


def _budget(file: RunFile) -> str:
    if (whole := file.budget) is None:
        return ""
    return (
        f"budget: {short(whole.parameters)} parameters, {short(whole.tokens)} tokens, {short(whole.targets)} targets, "
        f"{whole.flops:.2g} FLOPs"
    )


def _last(seen: Seen) -> str:
    """The newest event, and what of the rows could not be read."""
    parts = []
    if seen.events:
        newest = seen.events[-1]
        parts.append(f"step {newest.step:,}: {one_line(newest.text or newest.kind)}")
    if seen.unreadable:
        parts.append(f"{seen.unreadable:,} line{'s' * (seen.unreadable > 1)} could not be read")
    return " · ".join(parts)
