"""What the numbers of a trio allow to say: rankings with their spread, and sentences that are true for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from core.settings import FAMILIES
from core.trio.files import Cloze, Measured, Ranked, Report, Trio
from core.trio.members import off

NAMES = {"bert": "BERT", "gpt2": "GPT-2", "lstm": "LSTM"}
READER = 0.1
"""Nats below the unigram line that a masked model must be to count as reading its context."""


def report(trio: Trio, members: Sequence[Measured], places: int, candidates: int, frequency: Cloze | None) -> Report:
    """The report on `members`. `frequency` is what the most frequent candidate gets at the cloze."""
    causal = ranked([one for one in members if one.family != "bert"], lambda one: one.bits_per_character)
    cloze = ranked(members, lambda one: one.cloze.accuracy if one.cloze else None)[::-1]
    made = Report(
        id=trio.id,
        created=time.time(),
        budget=trio.tokens,
        members=tuple(members),
        causal=tuple(causal),
        cloze=tuple(cloze),
        places=places,
        candidates=candidates,
        unigram_cloze=frequency,
    )
    sentences = [*budget(made), *state_of_bert(made), *bits(made), *guesses(made)]
    return msgspec.structs.replace(made, sentences=tuple(sentences))


def ranked(members: Sequence[Measured], key: Callable[[Measured], float | None]) -> list[Ranked]:
    """Each family's mean and spread over its complete seeds, the lowest mean first."""
    found = []
    for family in FAMILIES:
        complete = (one for one in members if one.family == family and one.complete)
        values = [value for one in complete if (value := key(one)) is not None]
        if values:
            mean = sum(values) / len(values)
            found.append(Ranked(family=family, mean=mean, low=min(values), high=max(values), seeds=len(values)))
    return sorted(found, key=lambda one: one.mean)


def budget(made: Report) -> list[str]:
    """What was spent, by whom, and what that means for a masked model."""
    lines = []
    complete = [one for one in made.members if one.complete]
    for one in made.members:
        if not one.complete:
            lines.append(f"{one.run} is not ranked: {one.problem}")
    if complete:
        sizes = [one.parameters for one in complete]
        apart = off(max(sizes), min(sizes))
        lines.append(
            f"Those that are ranked read {_range([one.tokens for one in complete])} tokens each, the same windows of "
            f"the same text in the same order, with {_range(sizes)} parameters ({apart:.1%} apart)."
        )
    masked = next((one for one in complete if one.family == "bert"), None)
    causal = next((one for one in complete if one.family != "bert"), None)
    if masked and causal and masked.targets < causal.targets:
        lines.append(
            f"Of those tokens BERT was asked about {masked.targets:,}, {NAMES[causal.family]} about "
            f"{causal.targets:,}: with masks only the hidden places are targets. Where BERT is behind, it may be for "
            "this budget; it is no verdict on the architecture."
        )
    return lines


def state_of_bert(made: Report) -> list[str]:
    """For each BERT, whether it got past word frequencies."""
    lines = []
    for one in made.members:
        if one.unigram_reader is None or one.nats is None or one.unigram_nats is None:
            continue
        figures = f"{one.nats:.3f} nats at hidden places, word frequencies alone get {one.unigram_nats:.3f}"
        what = "is still a unigram reader" if one.unigram_reader else "reads its context"
        lines.append(f"{one.run} {what}: {figures}.")
    return lines


def bits(made: Report) -> list[str]:
    """The causal models in bits per character; BERT has no such number, nor a perplexity."""
    if len(made.causal) < 2:
        return ["Nothing is ranked in bits per character: that takes a GPT-2 and an LSTM that are complete."]
    first, second = made.causal[:2]
    figures = "; ".join(_spread(one, "{:.3f}") for one in made.causal)
    return [
        f"Bits per character, lower is better: {figures}. {verdict(made.causal, first.high < second.low, 'spreads')}"
    ]


def guesses(made: Report) -> list[str]:
    """All three on the cloze."""
    if not made.cloze:
        return ["There is no cloze to rank by: no member is complete."] if made.places else []
    figures = "; ".join(_spread(one, "{:.1%}") for one in made.cloze)
    chance = f"chance {1 / made.candidates:.0%}"
    if made.unigram_cloze:
        chance += f", the most frequent candidate {made.unigram_cloze.accuracy:.1%}"
    how = f"Which of {made.candidates} words stood here, at {made.places} places, both sides known ({chance})"
    apart = len(made.cloze) > 1 and _low(made, made.cloze[0]) > max(_high(made, one) for one in made.cloze[1:])
    lines = [f"{how}: {figures}. {verdict(made.cloze, apart, 'intervals')}"]
    if any(one.family == "bert" for one in made.cloze) and len(made.cloze) > 1:
        lines.append("BERT ranks them at a mask, the causal models by the likelihood of the whole window with each in.")
    return lines


def verdict(order: Sequence[Ranked], apart: bool, what: str) -> str:
    """Who won, if anybody: it takes two seeds of each, and that `what` they span does not overlap."""
    if len(order) < 2:
        return "Only one of the three is complete: no winner is named."
    if all(one.seeds == 1 for one in order):
        return "One seed: no winner is named."
    if any(one.seeds == 1 for one in order):
        return "Not all have two complete seeds: no winner is named."
    if not apart:
        return f"The {what} overlap: no winner is named."
    return f"{NAMES[order[0].family]} is ahead, and the {what} do not overlap."


def _range(values: Sequence[int]) -> str:
    return " to ".join(f"{value:,}" for value in sorted({min(values), max(values)}))


def _spread(one: Ranked, form: str) -> str:
    mean, low, high = (form.format(value) for value in (one.mean, one.low, one.high))
    over = f" ({low} to {high} over {one.seeds} seeds)" if one.seeds > 1 else ""
    return f"{NAMES[one.family]} {mean}{over}"


def _low(made: Report, of: Ranked) -> float:
    """The lowest end of the intervals of a family: the places are a sample too."""
    return min(one.cloze.low for one in made.members if one.family == of.family and one.complete and one.cloze)


def _high(made: Report, of: Ranked) -> float:
    return max(one.cloze.high for one in made.members if one.family == of.family and one.complete and one.cloze)
