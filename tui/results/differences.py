"""Two comparisons of one text, an old and a new one: which words changed by how much, and which identities differ."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

import msgspec

from core.messages import FORMAT, Comparison, Method, Struct, Word
from tui.results.reading import label

LISTED = 50
"""Words that a table lists; a file has them all."""
SAME = 5e-5
"""Bits up to which two numbers are the same: float32 on one machine repeats itself to less."""


class Change(Struct, frozen=True):
    """A word whose number is another one. A side without a score is null."""

    model: str
    text: str
    start: int
    """In the new text."""
    old_bits: float | None
    new_bits: float | None

    @property
    def by(self) -> float | None:
        """New minus old, where both have a score."""
        return None if self.old_bits is None or self.new_bits is None else self.new_bits - self.old_bits


class Differences(Struct, frozen=True):
    """All that is not the same."""

    same_text: bool
    identities: list[str]
    """A sentence for everything about the models that differs."""
    matched: int
    """Words that both texts have, in the same order."""
    only_old: int
    only_new: int
    changes: list[Change]
    """The largest first; words that have a score on one side alone before all."""
    compared: int
    """Numbers that both sides have a place for: matched words times common models."""
    version: int = FORMAT


def differences(old: Comparison, new: Comparison) -> Differences:
    """What changed from `old` to `new`, under the models that both name. Words are matched in order, by their text."""
    common = [name for name in new.models if name in old.models]
    pairs = list(_matched(old, new))
    changes = []
    for before, after in pairs:
        for name in common:
            one, other = before.scores[name].surprisal_bits, after.scores[name].surprisal_bits
            if (one is None) != (other is None) or (one is not None and other is not None and abs(other - one) > SAME):
                changes.append(Change(model=name, text=after.text, start=after.start, old_bits=one, new_bits=other))
    changes.sort(key=lambda change: (change.by is not None, -abs(change.by or 0), change.start))
    return Differences(
        same_text=old.text == new.text,
        identities=list(_identities(old, new)),
        matched=len(pairs),
        only_old=len(old.words) - len(pairs),
        only_new=len(new.words) - len(pairs),
        changes=changes,
        compared=len(pairs) * len(common),
    )


def _matched(old: Comparison, new: Comparison) -> Iterator[tuple[Word, Word]]:
    """The words that stand in both; of one text, those at the same place."""
    if old.text == new.text:
        places = {(word.start, word.end): word for word in old.words}
        yield from ((places[word.start, word.end], word) for word in new.words if (word.start, word.end) in places)
        return
    before, after = ([word.text for word in one.words] for one in (old, new))
    for first, second, size in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        yield from zip(old.words[first : first + size], new.words[second : second + size], strict=True)


def _identities(old: Comparison, new: Comparison) -> Iterator[str]:
    for name in old.models:
        if name not in new.models:
            yield f"{label(name)} is in the old one only."
    for name, method in new.models.items():
        if name not in old.models:
            yield f"{label(name)} is in the new one only."
            continue
        for field, before, after in _facts(old.models[name], method):
            if before != after:
                yield f"{label(name)}: {field} was {before}, is {after}."


def _facts(old: Method, new: Method) -> Iterator[tuple[str, object, object]]:
    for field in ("method", "first_token", "unit"):
        yield field.replace("_", " "), getattr(old, field), getattr(new, field)
    before, after = msgspec.structs.asdict(old.identity), msgspec.structs.asdict(new.identity)
    for field, value in before.items():
        if field != "name":
            yield field, value, after[field]


def as_table(found: Differences) -> str:
    """The differences as plain text, for the screen and the clipboard."""
    lines = [] if found.same_text else [
        f"The texts differ: {found.matched} words stand in both, {found.only_old} in the old one only, "
        f"{found.only_new} in the new one only."
    ]  # fmt: skip
    lines += found.identities or ["The models are the same, in every file and method."]
    if not found.changes:
        return "\n".join([*lines, "", f"All {found.compared:,} numbers are the same."]) + "\n"
    lines += ["", f"{len(found.changes):,} of {found.compared:,} numbers changed; the largest changes first:", ""]
    rows = [("word", "at", "model", "old bits", "new bits", "change")]
    for one in found.changes[:LISTED]:
        by = "" if one.by is None else f"{one.by:+.4f}"
        rows.append((one.text, str(one.start), label(one.model), _bits(one.old_bits), _bits(one.new_bits), by))
    widths = [max(len(row[at]) for row in rows) for at in range(6)]
    for row in rows:
        left = f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:<{widths[2]}}"
        lines.append("  ".join([left, *(f"{cell:>{width}}" for cell, width in zip(row[3:], widths[3:], strict=True))]))
    if (more := len(found.changes) - LISTED) > 0:
        lines.append(f"and {more:,} more.")
    return "\n".join(lines) + "\n"


def _bits(bits: float | None) -> str:
    return "–" if bits is None else f"{bits:.4f}"
