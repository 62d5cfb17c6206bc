"""Made-up hits of a scan and a made-up minimal pair, for front ends and for the wire."""

from __future__ import annotations

import time

from core import messages as m
from core.engine.serve import ProgressCall
from core.errors import UserError
from tests.sweeps import identity

FOREVER, REFUSED = 600, 13
"""Seeds of scans that do not end after their first part, and of those that cannot be."""
TEXT = "The keys to the cabinet were on the table near the old door."


def method(name: str) -> m.Method:
    one = identity(name)
    masked = one.kind == "masked"
    return m.Method(
        identity=one, kind=one.kind, method="within_word_l2r" if masked else "surprisal",
        first_token="none" if masked else "bos",
    )  # fmt: skip


def score(bits: float, rank: int, says: str) -> m.WordScore:
    top = [m.Candidate(text=says, token_id=7, prob=0.5, logprob=-0.6931471805599453)]
    return m.WordScore(surprisal_bits=bits, rank=rank, pieces=["a"], saw="left", top=top, entropy_bits=4.0)


def hits(request: m.Scan, complete: bool = True, text: str = TEXT) -> m.Hits:
    """One hit for each word of a text: the n-th has n bits more under the second model, the last ones first."""
    found, at = [], 0
    for number, word in enumerate(text.split()):
        start = text.index(word, at)
        at = start + len(word)
        value = {"bits": float(number), "rank": number / 2, "overlap": 1 - number / 20}[request.by]
        scores = [score(3.0, 4, " was"), score(3.0 + number, min(30_000, 2 ** (number + 1)), f" {word}")]
        found.append(m.Hit(
            text=text, start=start, end=at, source="a.txt" if request.path else "", passage=number, value=value,
            scores=dict(zip(request.models, scores, strict=True)),
        ))  # fmt: skip
    return m.Hits(
        text=request.path.rpartition("/")[2] or "the text that was given", by=request.by,
        models={name: method(name) for name in request.models}, hits=found[::-1][: request.top], limit=request.limit,
        seed=request.seed, passages=4, words=120, notes=["2 word(s) are left out."], seconds=1.5, complete=complete,
    )  # fmt: skip


def scanned(request: m.Scan, progress: ProgressCall) -> m.Scanned:
    """A partial result, then the whole."""
    if request.seed == REFUSED:
        raise UserError("This cannot be scanned.", hint="Take another seed.")
    progress(1, 2, "scanning, 60 words, about 5 s left")
    progress.show(m.Scanning(id=request.id, found=hits(request, complete=False)))
    while request.seed == FOREVER:
        progress(1, 2, "scanning, 60 words, about 5 s left")
        time.sleep(0.005)
    return m.Scanned(id=request.id, found=hits(request))


def pairing(request: m.Pair) -> m.Pairing:
    """Every word of the bad sentence needs two bits more where it is another one, under a later model four."""
    steps, places = [], [0, 0]
    sums = dict.fromkeys(request.models, 0.0)
    for one, other in zip(request.good.split(), request.bad.split(), strict=True):
        sides = []
        for number, (text, word) in enumerate(((request.good, one), (request.bad, other))):
            start = text.index(word, places[number])
            places[number] = start + len(word)
            sides.append(m.Side(text=word, start=start, end=places[number]))
        more = {name: 2.0 * (at + 1) * (one != other) for at, name in enumerate(request.models)}
        sums = {name: sums[name] + more[name] for name in request.models}
        steps.append(m.Step(
            good=sides[0], bad=sides[1], same=one == other, good_bits=dict.fromkeys(request.models, 3.0),
            bad_bits={name: 3.0 + bits for name, bits in more.items()}, sums=sums,
        ))  # fmt: skip
    decided = next((at for at, step in enumerate(steps) if not step.same), None)
    preferences = {
        name: m.Preference(good=-20.0, bad=-20.0 - bits, bits=bits, prefers="good" if bits else "tie", decided=decided)
        for name, bits in sums.items()
    }
    return m.Pairing(
        good=request.good, bad=request.bad, models={name: method(name) for name in request.models}, steps=steps,
        preferences=preferences, notes=["A note."],
    )  # fmt: skip
