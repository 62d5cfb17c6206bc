"""Predictions as text and files."""

from __future__ import annotations

import csv
import io
import math

import msgspec

from core.messages import FORMAT, Prediction
from tui.clean import clean
from tui.results.reading import inert, label, saw, visible


def as_table(found: list[Prediction]) -> str:
    """What is on screen, as plain text for the clipboard; empty when there is nothing."""
    if not found:
        return ""
    lines = [found[0].text]
    for one in found:
        model = one.model
        lines += ["", f"{label(model.name)} {saw(model.kind)}: {model.revision}, {model.device} {model.dtype}"]
        lines += [clean(note) for note in one.notes]
        for slot in one.slots:
            lines.append(f"{slot.kind} at {slot.start}–{slot.end}")
            lines += [f"  {100 * top.prob:5.1f}%  {visible(top.text)}" for top in slot.top]
    return "\n".join(lines) + "\n"


def shared(found: list[Prediction]) -> dict[str, str]:
    """Notes that several predictions carry, each with the names of its models, or with none when it is all of them."""
    carriers: dict[str, list[str]] = {}
    for one in found:
        for note in dict.fromkeys(one.notes):
            carriers.setdefault(note, []).append(label(one.model.name))
    every = len(found)
    return {note: "" if len(names) == every else ", ".join(names) for note, names in carriers.items() if len(names) > 1}


def as_json(found: list[Prediction]) -> str:
    """All models' predictions, each as `lookboth predict --json` writes it."""
    return msgspec.json.format(msgspec.json.encode({"version": FORMAT, "predictions": found})).decode() + "\n"


def as_csv(found: list[Prediction]) -> str:
    """One row a candidate."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["model", "revision", "saw", "kind", "start", "end", "rank", "token", "token_id", "prob", "bits"])
    for one in found:
        for slot in one.slots:
            for rank, top in enumerate(slot.top, start=1):
                bits = -top.logprob / math.log(2)
                place = [inert(one.model.name), one.model.revision, one.saw, slot.kind, slot.start, slot.end]
                writer.writerow([*place, rank, inert(top.text), top.token_id, top.prob, round(bits, 4)])
    return out.getvalue()
