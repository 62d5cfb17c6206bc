"""The words and numbers of a comparison as a person reads them: labels, marks, totals."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages import Candidate, Comparison, Kind, Method, WordScore
from tui.clean import clean
from tui.text import cells, one_line, shorten

LABELS = {"bert": "BERT", "gpt2": "GPT-2", "lstm": "LSTM"}
MARKS = {
    "dropped": "dropped: the tokenizer gives it no token",
    "unknown": "unknown: not in the vocabulary, read as [UNK]",
    "outside": "outside the window of the model",
    "first": "first: nothing to its left, so no score",
}
LEFT = ("left_only", "left_masked")
"""Pseudo-log-likelihoods that read the left side alone."""
SIGNS = {"dropped": "∅", "unknown": "?", "outside": "…", "first": "–"}


def label(name: str) -> str:
    """What a model is called on screen."""
    return LABELS.get(name, name)


def saw(kind: Kind) -> str:
    """What such a model can see of a text."""
    return "saw both sides" if kind == "masked" else "saw the left only"


def sees_as(method: Method) -> Kind:
    """The kind of model that saw as much of the text: masked or, from the left alone, causal."""
    return "causal" if method.method in LEFT else method.kind


def headline(name: str, kind: Kind | None, room: int) -> str:
    """A model's name with what it saw, in at most `room` columns: the name is cut before that is."""
    if kind is None:
        return shorten(one_line(label(name)), room)
    short = "both sides" if kind == "masked" else "left only"
    full = one_line(label(name))
    for text in (f"{full} {saw(kind)}", f"{full} saw {short}", f"{full}: {short}"):
        if cells(text) <= room:
            return text
    return f"{shorten(full, room - len(short) - 2)}: {short}" if room > len(short) + 3 else shorten(short, room)


@dataclass(frozen=True)
class Total:
    """A model's whole text. Bits per character only for causal models: a pseudo-log-likelihood is no probability."""

    bits: float
    per_character: float | None
    unscored: int
    pseudo: bool

    def __str__(self) -> str:
        kind = " (pseudo)" if self.pseudo else ""
        rate = f" · {self.per_character:.2f} bits/char" if self.per_character is not None else ""
        missing = f" · {self.unscored} not scored" if self.unscored else ""
        return f"{self.bits:.1f} bits{kind}{rate}{missing}"


def totals(comparison: Comparison) -> dict[str, Total]:
    """Each model's sum over all scored words; characters count with the white space before them."""
    bits = dict.fromkeys(comparison.models, 0.0)
    characters, unscored = dict.fromkeys(bits, 0), dict.fromkeys(bits, 0)
    end = None
    for word in comparison.words:
        for name in bits:
            score = word.scores.get(name)
            if score is None or score.surprisal_bits is None:
                unscored[name] += 1
            else:
                bits[name] += score.surprisal_bits
                characters[name] += word.end - (word.start if end is None else end)
        end = word.end
    found = {}
    for name, method in comparison.models.items():
        pseudo = method.kind == "masked"
        rate = None if pseudo or not characters[name] else bits[name] / characters[name]
        found[name] = Total(bits[name], rate, unscored[name], pseudo)
    return found


def token(text: str) -> str:
    """A token for a narrow place: its leading space dropped, anything invisible given a sign."""
    body = text[1:] if len(text) > 1 and text[0] == " " and text[1] != " " else text
    return visible(body)


def visible(text: str) -> str:
    """A token as it is in the vocabulary, with signs for spaces at its start, newlines and tabs."""
    bare = text.lstrip(" ")
    shown = "␣" * (len(text) - len(bare)) + bare
    return clean(shown.replace("\n", "␊").replace("\t", "␉").replace("\u00a0", "⍽")) or "∅"


def number(bits: float | None) -> str:
    """Bits with as many digits as are stable."""
    return "–" if bits is None else f"{bits:.1f}" if bits < 99.95 else f"{bits:.0f}"


def place(rank: int | None) -> str:
    """A rank in at most five columns."""
    return "" if rank is None else str(rank) if rank < 100_000 else f"{rank // 1000}k"


def chance(prob: float) -> str:
    """A probability in three columns: `.41`; `1.0` for what rounds to it."""
    return "1.0" if prob >= 0.995 else f"{prob:.2f}"[1:]


def first(score: WordScore) -> Candidate | None:
    """What the model would have said here."""
    return score.top[0] if score.top else None


def identity(method: Method) -> str:
    """Which model it was, in one line."""
    one = method.identity
    return f"{one.name} ({one.source}, {one.architecture}, {one.revision}, {one.device} {one.dtype})"


def inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r")) else text
