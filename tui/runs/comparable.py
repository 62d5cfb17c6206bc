"""Why the losses of some runs may not be read off one axis, or are no fair comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.runs import RunFile

MATCHED = 0.02
"""Largest difference of parameters or of budget, as a share of the smaller, that still counts as equal."""


def reasons(files: Sequence[RunFile]) -> list[str]:
    """One clause for each thing that sets these runs apart; empty when their losses can be compared.

    Texts are told by the digests that the trainers wrote down: of token ids, so another tokenizer is another text.
    """
    if len(files) < 2:
        return []
    found = [f"not comparable: {what}" for what, key in KEYS if len({key(file) for file in files}) > 1]
    for unread in (file.id for file in files if not (file.text and file.held_out_text)):
        found.append(f"not known to be comparable: what {unread} reads is not written down yet")
    read = [file for file in files if file.text and file.held_out_text]
    found += [f"not comparable: {what}" for what, key in DIGESTS if len({key(file) for file in read}) > 1]
    return found + [clause for what, key in AMOUNTS if (clause := _unmatched(files, what, key))]


KEYS: tuple[tuple[str, Callable[[RunFile], object]], ...] = (
    ("masked and causal losses answer different questions", lambda file: file.settings.family == "bert"),
    ("windows of other lengths", lambda file: file.settings.length),
)
DIGESTS: tuple[tuple[str, Callable[[RunFile], str]], ...] = (
    ("another text or tokenizer", lambda file: file.text),
    ("other held-out text", lambda file: file.held_out_text),
)
AMOUNTS: tuple[tuple[str, Callable[[RunFile], int]], ...] = (
    ("parameters", lambda file: file.parameters),
    ("tokens", lambda file: file.settings.tokens),
)


def _unmatched(files: Sequence[RunFile], what: str, key: Callable[[RunFile], int]) -> str:
    """How much more of something the richest run has than the poorest; empty within the tolerance, or unknown."""
    known = [(key(file), file.id) for file in files if key(file)]
    if not known or (most := max(known))[0] <= (least := min(known))[0] * (1 + MATCHED):
        return ""
    factor = most[0] / least[0]
    more = f"{factor - 1:.0%}".replace("%", " %") if factor < 2 else f"{factor:.1f} times as many"
    return f"unmatched: {most[1]} has {more}{' more' if factor < 2 else ''} {what}"
