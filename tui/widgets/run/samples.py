"""Watch it learn: what comes in the place of each mask, as it turns from noise to words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content

from tui.results.reading import token
from tui.runs.scrub import Look, Sentence, steps
from tui.text import cells, one_line, shorten
from tui.widgets.bars import STEPS

FLOOR = -5.0
"""Power of ten of the probability that the lowest step stands for, and everything under it."""
LEGEND = "the right answer's probability: ▁ to 0.001 % … ▇ 100 %, by powers of ten"
EMPTY = "It has not been asked anything yet. The first answers come with the first evaluation."


class Scrub:
    """Which evaluation is looked at: the newest, until a person goes back."""

    def __init__(self) -> None:
        self.step: int | None = None
        """None is the newest, whatever comes."""

    def move(self, known: Sequence[int], by: float) -> None:
        """Go `by` of all evaluations forward, at least one; past the newest one is now again."""
        if not known:
            return
        far = max(1, round(abs(by) * len(known)))
        here = len(known) - 1 if self.step is None else max(0, sum(step <= self.step for step in known) - 1)
        there = max(0, here + (far if by > 0 else -far))
        self.step = known[there] if there < len(known) - 1 else None

    def at(self, known: Sequence[int]) -> int:
        """The step that is looked at."""
        return known[-1] if self.step is None else self.step


def nearest(checkpoints: Sequence[int], step: int) -> int | None:
    """The checkpoint closest to `step`; None without any."""
    return min(checkpoints, key=lambda saved: (abs(saved - step), saved), default=None)


def head(sentences: Sequence[Sentence], scrub: Scrub, checkpoints: Sequence[int], width: int) -> Content:
    """Where we are among the evaluations, and the scale of the curves: three lines of `width` columns; empty before
    the first evaluation."""
    if not (known := steps(sentences)):
        return Content("")
    scale = Content.styled(shorten(f" {LEGEND}", width), "$text-muted")
    lines = _where(scrub, known, checkpoints, width), _timeline(known, checkpoints, scrub.at(known), width), scale
    return Content("\n").join(lines)


def page(sentences: Sequence[Sentence], scrub: Scrub, width: int, room: int = 0) -> Content:
    """Two lines of `width` columns for each sentence: its right answer's curve, and what came instead.

    A blank line between them where `room` rows are enough for that.
    """
    if not (known := steps(sentences)):
        return Content(EMPTY)
    between = [Content("")] * (3 * len(sentences) <= room)
    step = scrub.at(known)
    lines = [line for one in sentences for line in (*_sentence(one, step, known[-1], width), *between)]
    return Content("\n").join(lines)


def _where(scrub: Scrub, known: Sequence[int], checkpoints: Sequence[int], width: int) -> Content:
    step = scrub.at(known)
    here = f" now: step {step:,}" if scrub.step is None else f" step {step:,} of {known[-1]:,}"
    parts = [here, f"evaluation {sum(one <= step for one in known)} of {len(known)}"]
    if (saved := nearest(checkpoints, step)) is not None:
        parts.append(f"enter: {'its' if saved == step else 'nearest'} checkpoint, {saved:,}")
    return Content.styled(shorten(" · ".join(parts), width), "bold")


def _timeline(known: Sequence[int], checkpoints: Sequence[int], step: int, width: int) -> Content:
    """All evaluations on a line, with a C where there is a checkpoint and ┃ where we are."""
    end = f" {known[-1]:,}"
    room = max(8, width - cells(end) - 4)
    last = max(1, known[-1])
    line = ["─"] * room
    for mark, where in (("·", known), ("C", checkpoints)):
        for one in where:
            if one <= last:
                line[one * (room - 1) // last] = mark
    at = step * (room - 1) // last
    here = "C" if line[at] == "C" else "┃"
    return Content.assemble(" 0 ", "".join(line[:at]), (here, "bold reverse"), "".join(line[at + 1 :]), end)


def _sentence(sentence: Sentence, step: int, last: int, width: int) -> list[Content]:
    look = sentence.at(step)
    spark = max(12, min(40, width // 4))
    told = _answer(sentence, look)
    room = max(10, width - spark - cells(told) - 4)
    text = shorten(one_line(sentence.text), room)
    first = Content.assemble(" ", (text, "bold"), " " * (room - cells(text)), "  ", told, " ")
    if sentence.answer:
        first = first + _spark(sentence, spark, step, last)
    return [first, _tops(sentence, look, width)]


def _answer(sentence: Sentence, look: Look | None) -> str:
    if not sentence.answer or look is None or look.prob is None:
        return ""
    rank = f" rank {look.rank:,}" if look.rank else ""
    return f"{one_line(sentence.answer.strip())} {percent(look.prob)}{rank}"


def _spark(sentence: Sentence, room: int, step: int, last: int) -> Content:
    glyphs = [" " if prob is None else STEPS[level(prob)] for prob in sentence.spark(room, last)]
    at = min(room - 1, step * room // max(1, last))
    return Content.assemble("".join(glyphs[:at]), (glyphs[at], "reverse"), "".join(glyphs[at + 1 :]))


def _tops(sentence: Sentence, look: Look | None, width: int) -> Content:
    """The likeliest predictions; the right one carries a mark."""
    if look is None or not look.tops:
        return Content.styled("   nothing yet", "$text-muted")
    parts: list[Content | str] = []
    room = width - 3
    for word, prob in look.tops:
        right = bool(sentence.answer) and word.strip() == sentence.answer.strip()
        part = f"{'✓' if right else ''}{token(word)} {percent(prob)}"
        if (room := room - cells(part) - 3) < 0:
            break
        parts.append(Content.styled(part, "bold $text-success" if right else ""))
    return Content.assemble("   ", Content(" · ").join(parts))


def level(prob: float) -> int:
    """Which of the seven steps a probability belongs to."""
    power = math.log10(prob) if prob > 0 else FLOOR
    return max(0, min(len(STEPS) - 1, round((power - FLOOR) / -FLOOR * (len(STEPS) - 1))))


def percent(prob: float) -> str:
    """A probability as a person reads it, with two digits that say something."""
    share = 100 * prob
    if share >= 10:
        return f"{share:.0f} %"
    return f"{share:.1f} %" if share >= 1 else f"{share:.2g} %" if share >= 0.001 else "<0.001 %"
