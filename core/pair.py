"""A minimal pair: which of two sentences does each model prefer, and at which word is that decided?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, takewhile

from core.compare import method_of
from core.errors import UserError
from core.evaluation.pairs import TIE
from core.messages import Choice, Pairing, Preference, Side, Step
from core.models.model import Model
from core.rescore import PLL_USED, first_token, must_fit
from core.scoring import causal, masked
from core.scoring.tokens import bits
from core.text.align import Group, align
from core.text.tokens import Tokens

Progress = Callable[[int, int, str], None]
Column = list[float]
"""For every group of words its log-probability in nats."""


def pair(models: dict[str, Model], good: str, bad: str, progress: Progress) -> Pairing:
    """Score both sentences under every model and lay their words beside each other.

    Causal models: the log-likelihood from the start token on (a model without one: from the second token on); the
    tokens that both sentences begin with have the very same numbers, so that they contribute exactly 0. Masked models:
    pseudo-log-likelihood, each token hidden with the later pieces of its word (Kauf & Ivanova 2023, arXiv 2305.10588).

    The words are laid beside each other as by `diff`: equal words stand together, and of other stretches words of the
    same number one by one, else the whole stretches. Where D(k) is how many bits more the bad sentence needs up to step
    k, and D(0) = 0, the preference is decided at the step after the last k at which D(k) has not the sign of D(n); an
    amount within `TIE` nats has the sign 0. So from that step on, and no earlier, the sum never leaves its side.

    Raises UserError for a sentence without a word, and for one that is longer than a model's window.
    """
    texts = (good, bad)
    read = {name: [model.tokenizer.encode(text) for text in texts] for name, model in models.items()}
    groups = [align(text, {name: both[at] for name, both in read.items()}) for at, text in enumerate(texts)]
    if not all(groups):
        raise UserError("There is no word in one of the sentences.", hint="Give two sentences.")
    total, done = sum(len(one.ids) for both in read.values() for one in both), 0
    columns: dict[str, list[Column]] = {}
    for name, model in models.items():
        must_fit(model, name, read[name], "judged")

        def report(tokens: int, of: int, base: int = done, name: str = name) -> None:
            progress(base + tokens, total, f"judging with {name}")

        columns[name] = _columns(model, name, texts, read[name], groups, report)
        done += sum(len(one.ids) for one in read[name])
    steps = _steps(texts, groups, columns)
    return Pairing(
        good=good,
        bad=bad,
        models={name: method_of(model, PLL_USED, first_token(model)) for name, model in models.items()},
        steps=steps,
        preferences={name: _preference(name, both, steps) for name, both in columns.items()},
        notes=[note for name, model in models.items() for note in _notes(name, model, read[name], groups)],
    )


def _columns(
    model: Model,
    name: str,
    texts: Sequence[str],
    encodings: Sequence[Tokens],
    groups: Sequence[Sequence[Group]],
    report: Callable[[int, int], None],
) -> list[Column]:
    """The two sentences under one model."""
    ids = [one.ids for one in encodings]
    words = [[group.tokens[name] for group in some] for some in groups]
    found: Sequence[Sequence[float | None]]
    if model.identity.kind == "masked":
        found = masked.logprobs(model, list(map(masked.pieces, texts, encodings)), PLL_USED, report)
    else:
        first, second = causal.logprobs(model, ids, first_token(model), report)
        shared = sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(*ids, strict=False)))
        found = [first, first[:shared] + second[shared:]]
    return [
        [math.fsum(value for value in scored[piece.start : piece.stop] if value is not None) for piece in some]
        for scored, some in zip(found, words, strict=True)
    ]


def _steps(texts: Sequence[str], groups: Sequence[Sequence[Group]], columns: dict[str, list[Column]]) -> list[Step]:
    """The words beside each other, with what they add up to."""
    said = [[text[group.start : group.end] for group in some] for text, some in zip(texts, groups, strict=True)]
    laid = list(_laid(*said))
    amounts = {
        name: [(_bits(good, left), _bits(bad, right)) for left, right in laid] for name, (good, bad) in columns.items()
    }
    sums = {name: list(accumulate(bad - good for good, bad in column)) for name, column in amounts.items()}
    return [
        Step(
            good=_side(texts[0], groups[0], left),
            bad=_side(texts[1], groups[1], right),
            same=said[0][left.start : left.stop] == said[1][right.start : right.stop],
            good_bits={name: column[at][0] for name, column in amounts.items()},
            bad_bits={name: column[at][1] for name, column in amounts.items()},
            sums={name: column[at] for name, column in sums.items()},
        )
        for at, (left, right) in enumerate(laid)
    ]


def _laid(good: Sequence[str], bad: Sequence[str]) -> Iterator[tuple[range, range]]:
    """Words of the one and those of the other in their place."""
    for _, first, last, start, end in SequenceMatcher(None, good, bad, autojunk=False).get_opcodes():
        if last - first == end - start:
            yield from ((range(first + n, first + n + 1), range(start + n, start + n + 1)) for n in range(last - first))
        else:
            yield range(first, last), range(start, end)


def _bits(column: Column, some: range) -> float:
    return bits(math.fsum(column[some.start : some.stop]))


def _side(text: str, groups: Sequence[Group], some: range) -> Side:
    if not some:
        place = groups[some.start - 1].end if some.start else 0
        return Side(text="", start=place, end=place)
    start, end = groups[some.start].start, groups[some.stop - 1].end
    return Side(text=text[start:end], start=start, end=end)


def _preference(name: str, both: Sequence[Column], steps: Sequence[Step]) -> Preference:
    good, bad = map(math.fsum, both)
    signs = [0, *(_sign(step.sums[name]) for step in steps)]
    whole = signs[-1]
    choice: Choice = "tie" if whole == 0 else "good" if whole > 0 else "bad"
    decided = max(at for at, sign in enumerate(signs) if sign != whole) if whole else None
    return Preference(good=good, bad=bad, bits=steps[-1].sums[name], prefers=choice, decided=decided)


def _sign(amount: float) -> int:
    """Of an amount of bits."""
    return 0 if abs(amount) <= bits(-TIE) else 1 if amount > 0 else -1


def _notes(name: str, model: Model, encodings: Sequence[Tokens], groups: Sequence[Sequence[Group]]) -> Iterator[str]:
    if unknown := sum(sum(one.unknown) for one in encodings):
        yield f"{name} reads {unknown} token(s) as unknown, so it cannot tell such words apart."
    if dropped := sum(not group.tokens[name] for some in groups for group in some):
        yield f"{name} does not see {dropped} word(s): its tokenizer drops them."
    if model.identity.kind == "causal" and model.tokenizer.start is None:
        yield f"{name} has no start token: the first token of each sentence has no score."
