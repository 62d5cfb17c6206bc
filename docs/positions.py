"""The table of the position claim: three tiny masked models that differ in their training windows, and BERT."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from core import paths
from core.catalogue import STUDIED
from core.messages import Curves, Estimate, Series

RESULTS = paths.assets() / "results" / "sweeps"
COMMANDS = {
    "trio": "lookboth sweep wiki.test.txt --windows 2000 --json",
    "positions-1": f"lookboth sweep wiki.test.txt --models {','.join(STUDIED)} --windows 2000 --json",
    "positions-2": "the same, with the models of the second seed",
}
"""The files that ship, and the command that made each."""
WINDOWS = {
    "framed": "[CLS] crop [SEP]",
    "masks": "[CLS] whole sentences [SEP]",
    "bare": "bare crop",
}
"""How the windows looked in training, by the condition that comes closest to it."""


HEADS = (
    "middle, bare", "second, bare", "last, bare", "last, [CLS] … [SEP]", "last, two masks before [SEP]", "“.”",
    "fall, bare", "fall, as trained", "artefact",
)  # fmt: skip


def read(name: str) -> Curves:
    """A sweep that ships."""
    return msgspec.json.decode((RESULTS / f"{name}.json").read_bytes(), type=Curves)


def table() -> str:
    """A row for each masked model, in points with 95 % intervals, and the commands."""
    lines = [
        f"| model | trained on | {' | '.join(HEADS)} |",
        "|---|---|" + "--:|" * len(HEADS),
        *(row for name in COMMANDS for row in _rows(read(name))),
    ]
    said = (
        "Windows of 100 tokens; all rows of a file are of the same 2,000 windows and the same words. Middle, second, "
        "last: top-1 accuracy in % at these positions. Falls from the middle to the last position and the artefact, "
        "which is their difference, in points with 95 % intervals. “.” is how often a model says a full stop at the "
        "last position when [SEP] follows; no word that was asked for is one."
    )
    commands = [f"{command}    # {name}.json" for name, command in COMMANDS.items() if command.startswith("lookboth")]
    return "\n".join([*lines, "", said, "", "```", *commands, "```", ""])


def _rows(found: Curves) -> Iterator[str]:
    for name, split in found.waterfalls.items():
        framed, masks, bare = (_series(found, name, condition) for condition in ("framed", "masks", "bare"))
        cells = [
            name,
            WINDOWS[found.formats[name]],
            f"{100 * split.bare.middle:.1f}",
            _percent(bare, 1),
            *(_percent(one, -1) for one in (bare, framed, masks)),
            "–" if framed is None else f"{100 * (framed.stop[-1] or 0):.0f}",
            *(_points(one) for one in (split.bare.fall, split.trained.fall, split.artefact)),
        ]
        yield f"| {' | '.join(cells)} |"


def _series(found: Curves, name: str, condition: str) -> Series | None:
    """What a model said in a condition; None where it was not asked in it."""
    return found.series.get(name if found.formats[name] == condition else f"{name}/{condition}")


def _percent(one: Series | None, at: int) -> str:
    share = None if one is None else one.accuracy[at]
    return "–" if share is None else f"{100 * share:.1f}"


def _points(one: Estimate) -> str:
    low, value, high = (100 * number for number in (one.low, one.value, one.high))
    return f"{value:.1f} ({low:.1f} to {high:.1f})"
