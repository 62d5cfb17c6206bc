"""A minimal pair as a person reads it: what each model prefers, where that is decided, and the sum word by word."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from core.messages import Pairing, Preference, Side, Step
from tui.clean import clean
from tui.results.reading import identity, label, saw
from tui.text import cells, shorten

WORD, BLOCK, ACROSS = 14, 2, 68
"""Columns of a word, models beside each other, and columns of a line."""
ABOUT = (
    "Bits: how many more the bad sentence needs; + speaks for the good one. Sum: up to here. ◆: decided, from here on "
    "the sum stays on its side. ≠: other words. A masked model's number is a pseudo-log-likelihood (within_word_l2r), "
    "and its first words already differ because it sees the last ones."
)


def preference(found: Pairing, name: str) -> str:
    """One model's judgement in a sentence."""
    one = found.preferences[name]
    who = f"{label(name)} ({saw(found.models[name].kind)})"
    if one.prefers == "tie":
        return f"{who} prefers neither: they are equally likely."
    return f"{who} prefers the {one.prefers} sentence by {abs(one.bits):.2f} bits, decided at {_place(found, one)}."


def _place(found: Pairing, one: Preference) -> str:
    assert one.decided is not None
    step = found.steps[one.decided]
    sides = [f"“{clean(side.text)}”" if side.text else "nothing" for side in (step.good, step.bad)]
    return sides[0] if step.same else " against ".join(sides)


def as_table(found: Pairing) -> str:
    """The whole answer as plain text, at most `ACROSS` columns wide."""
    names = list(found.preferences)
    lines = [
        *_wrapped(f"good  {clean(found.good)}", 6),
        *_wrapped(f"bad   {clean(found.bad)}", 6),
        "",
        *(line for name in names for line in _wrapped(preference(found, name), 2)),
    ]
    for at in range(0, len(names), BLOCK):
        some = names[at : at + BLOCK]
        lines += ["", *_block(found, some)]
    lines += ["", *_wrapped(ABOUT, 0), "", *(note for said in found.notes for note in _wrapped(clean(said), 0))]
    return "\n".join([*lines, *(identity(method) for method in found.models.values())]) + "\n"


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, ACROSS, subsequent_indent=" " * indent)


def _block(found: Pairing, names: Sequence[str]) -> list[str]:
    """The steps under some models."""
    heads = "".join(f"  {shorten(label(name), 16):^16}" for name in names)
    lines = [
        " " * (2 * WORD + 3) + heads,
        f"{_padded('good')}   {_padded('bad')}" + f"  {'bits':>7} {'sum':>8}" * len(names),
    ]
    for at, step in enumerate(found.steps):
        sign = " " if step.same else "≠"
        sides = f"{_padded(_side(step.good))} {sign} {_padded('' if step.same else _side(step.bad))}"
        lines.append((sides + "".join(_cell(found, name, at, step) for name in names)).rstrip())
    return lines


def _cell(found: Pairing, name: str, at: int, step: Step) -> str:
    mark = "◆" if found.preferences[name].decided == at else " "
    return f"  {_number(step.bad_bits[name] - step.good_bits[name]):>7} {_number(step.sums[name]):>7}{mark}"


def _number(bits: float) -> str:
    """Nothing at all looks other than what rounds to it."""
    return "0" if bits == 0 else f"{bits:+.2f}"


def _side(side: Side) -> str:
    return clean(side.text) or "–"


def _padded(text: str) -> str:
    short = shorten(text, WORD)
    return short + " " * (WORD - cells(short))
