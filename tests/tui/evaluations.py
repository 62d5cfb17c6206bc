"""Evaluations that nobody made: a text, minimal pairs and facts, with the numbers that a test wants."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from pathlib import Path

import msgspec

from core.messages import UNIGRAM, Evaluation, Measure, Outcome, Rate, SetAbout
from tests.tui.fakes import identity, kind_of
from tui.evaluations.archive import RESULT, Asked, begin

TEXT = SetAbout(
    name="wiki.valid", kind="text", path="/data/wiki.valid.txt", sha256="a" * 64, items=90_000, taken=90_000
)
PAIRS = SetAbout(name="blimp", kind="pairs", path="/data/blimp.jsonl.xz", sha256="b" * 64, items=67_000, taken=3350)
FACTS = SetAbout(name="factbook", kind="cloze", path="/data/factbook.jsonl", sha256="c" * 64, items=473, taken=473)
ACCURACY = {"bert": 0.66, "gpt2": 0.72, "lstm": 0.65, UNIGRAM: 0.5}
ASKED = Asked(models=["bert", "gpt2", "lstm"], sets=["wiki.valid", "blimp", "factbook"])


def rate(value: float, n: int) -> Rate:
    """A proportion with its Wilson interval."""
    z = 1.959964
    middle, half = value + z * z / (2 * n), z * sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return Rate(value=value, low=(middle - half) / (1 + z * z / n), high=(middle + half) / (1 + z * z / n), n=n)


def share(name: str, value: float, n: int) -> Measure:
    return Measure(name=name, unit="share", value=value, n=n, rate=rate(value, n))


def plain(name: str, unit: str, value: float | None, n: int) -> Measure:
    return Measure(name=name, unit=unit, value=value, n=n)


def outcomes(model: str, accuracy: float) -> dict[str, Outcome]:
    """One model on the three sets."""
    masked = kind_of(model) == "masked"
    if masked:
        text = [plain("masked_nats_15", "nats", 3.21, 3000), share("masked_top1_15", 0.41, 3000)]
    else:
        text = [plain("bits_per_character", "bits", 1.8765, 90_000), plain("perplexity", "", 41.23, 24_000)]
    text.append(plain("ties", "", 3.0, 9))
    pairs = "PLL-word-l2r" if masked else "log-likelihood"
    groups = {"adjunct_island": rate(0.9, 50), "wh_island": rate(0.3, 50), "anaphor_gender_agreement": rate(0.7, 50)}
    facts = [share("left_top1_single", 0.1, 400), plain("left_median_rank_single", "rank", 812.5, 400)]
    found = {
        TEXT.name: ("15 % masked" if masked else "windows of 128, stride 64", text, {}),
        PAIRS.name: (pairs, [share("accuracy", accuracy, 3350)], groups),
        FACTS.name: ("rank of the answer", facts, {}),
    }
    return {
        name: Outcome(model=model, set=name, method=how, measures=measures, groups=kept, seconds=12.0)
        for name, (how, measures, kept) in found.items()
    }


def evaluation(
    accuracy: Mapping[str, float] = ACCURACY, sets: tuple[SetAbout, ...] = (TEXT, PAIRS, FACTS), **more: object
) -> Evaluation:
    """The models of `accuracy` on `sets`."""
    found = [outcomes(model, value)[one.name] for one in sets for model, value in accuracy.items()]
    made = Evaluation(
        models={name: identity(name, kind_of(name)) for name in accuracy if name != UNIGRAM}, sets=list(sets),
        outcomes=found, notes=["Ties count a half."], seconds=36.0, complete=True,
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def keep(name: str, made: Evaluation, asked: Asked = ASKED) -> Path:
    """Put an evaluation where the lab keeps them."""
    folder = begin(asked, name)
    (folder / RESULT).write_bytes(msgspec.json.encode(made))
    return folder
