"""What the notes call "our calculation", worked out again from what its sources print.

A sum belongs to the paragraph or list entry of a claim that begins with its words. `given` are the numbers in it that a
source prints; `found` are the others, as the notes print them, with their values.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from tokenizers import BertWordPieceTokenizer


class Sum(NamedTuple):
    """One calculation."""

    claim: str
    begins: str
    given: str
    found: Mapping[str, float]


WIDTH = 512
LSTM = 8 * WIDTH**2 + 8 * WIDTH  # four gates, each with weights for input and state and PyTorch's two biases
BLOCK = 12 * WIDTH**2 + 13 * WIDTH  # attention, feed-forward with an inner size of 4 WIDTH, two norms

# Salamone 2021, data/prediction_accuracies.json and, as the fifth and the third, the first run kept beside it.
BERT_AT = {
    0: (0.022, 0.051, 0.020, 0.011, 0.020),
    95: (0.589, 0.724, 0.602, 0.760, 0.546),
    96: (0.596, 0.632, 0.586, 0.620, 0.618),
    97: (0.505, 0.684, 0.626, 0.555, 0.549),
    98: (0.472, 0.524, 0.460, 0.565, 0.495),
    99: (0.316, 0.313, 0.297, 0.216, 0.226),
}
GPT_AT = {1: (0.067, 0.056, 0.031), 2: (0.101, 0.198, 0.144), 99: (0.382, 0.337, 0.415)}
PLATEAU = fmean((0.658, 0.692, 0.680, 0.730, 0.646))
"""BERT's mean over positions 5 to 94."""
LATE_GPT = 0.396
SAMPLES = 10_240 / 100
"""A position and a run."""


def _interval(shares: tuple[float, ...]) -> tuple[float, float]:
    """The 95 % Wilson interval of the mean of runs of equal size."""
    n, share, z = round(SAMPLES) * len(shares), fmean(shares), 1.96
    middle, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


FIRST, LAST, GPT_LAST = _interval(BERT_AT[0]), _interval(BERT_AT[99]), _interval(GPT_AT[99])
SEEN = 0.9e6 * 256 * 128 + 0.1e6 * 256 * 512
"""Tokens that BERT read, if its batches always had 256 sequences."""
GPT_BATCH = 64 * 512

SUMS = (
    Sum("C2", "Count the weights.", "", {"8": 4 * (1 + 1), "4": 3 + 1, "2": 1 + 1, "12": 4 + 2 * 4}),
    Sum(
        "C2",
        "One layer at d = 512",
        "512",
        {"2,101,248": LSTM, "3,152,384": BLOCK, "2048": 4 * WIDTH, "1.5": BLOCK / LSTM},
    ),
    Sum("C2", "Leaving out terms", "", {"8": 4 + 2 * 2, "2": (8 - 4) / 2, "0.75": (4 + 2) / 8}),
    Sum("C3", "So the LSTM costs", "", {"5.6": 74.7 - 69.1, "14.8": 74.7 - 59.9}),
    Sum("C4", "So on German", "", {"2.7": 27.3 - 24.6}),
    Sum("C5", "Feed-forward share", "", {"4": 3 + 1, "8": 2 * 4, "12": 4 + 2 * 4}),
    Sum("C7", "One part of the fall", "", {"99": 100 - 1, "50": fmean(range(1, 100))}),
    Sum(
        "C7",
        "BERT, four models",
        "95",
        {
            "0": 0, "0.025": fmean(BERT_AT[0]), "0.014": FIRST[0], "0.042": FIRST[1],
            "99": 100 - 1, "0.274": fmean(BERT_AT[99]), "0.24": LAST[0], "0.31": LAST[1],
        },
    ),
    Sum(
        "C7",
        "GPT-2, two sizes",
        "1 2 95",
        {
            "0.051": fmean(GPT_AT[1]), "0.148": fmean(GPT_AT[2]), "0.378": fmean(GPT_AT[99]),
            "99": 100 - 1, "0.33": GPT_LAST[0], "0.43": GPT_LAST[1],
        },
    ),
    Sum(
        "C7",
        "BERT's hits with",
        "0 1 2 3 4",
        {f"{fmean(BERT_AT[at]):.3f}": fmean(BERT_AT[at]) for at in (99, 98, 97, 96, 95)},
    ),
    Sum("C7", "About 102 samples", "0.65", {"102": SAMPLES, "9": 196 * math.sqrt(0.65 * 0.35 / SAMPLES)}),
    Sum(
        "C7",
        "Of the fall",
        "0.396 90 99",
        {
            "0.41": PLATEAU - fmean(BERT_AT[99]),
            "0.29": PLATEAU - LATE_GPT,
            "0.12": LATE_GPT - fmean(BERT_AT[99]),
        },
    ),
    Sum(
        "C7",
        "Markers in the test text",
        "15,218 241,211 3,017",
        {"6.31": 100 * 15_218 / 241_211, "1.25": 100 * 3_017 / 241_211},
    ),
    Sum("C10", "Both numbers stand", "256 512 90 128", {"131,072": 256 * 512, "43": SEEN / 1e9}),
    Sum(
        "C10",
        "With 256 sequences",
        "256 0.9 0.1",
        {"32,768": 256 * 128, "131,072": 256 * 512, "42.6": SEEN / 1e9, "131": 256 * 512 * 1e6 / 1e9},
    ),
    Sum(
        "C10",
        "Targets:",
        "15 1",
        {
            "42.6": SEEN / 1e9, "6.4": 0.15 * SEEN / 1e9, "32,768": GPT_BATCH,
            "32.8": GPT_BATCH * 1e6 / 1e9, "5": GPT_BATCH * 1e6 / (0.15 * SEEN),
        },
    ),
    Sum(
        "C10",
        "100 epochs of 800M",
        "100 800 1",
        {"2.44": 100 * 800e6 / GPT_BATCH / 1e6, "41": GPT_BATCH * 1e6 / 800e6},
    ),
)  # fmt: skip

COUNTED = (
    Sum("C7", "[CLS] stood in", "100", {"5": math.nan, "8": math.nan, "1,339": math.nan}),
    Sum("C7", "About 23 %", "0.658", {"23": math.nan, "0.55": math.nan}),
    Sum("C9", "Vocabularies as published", "", dict.fromkeys(("30,522", "101", "102", "103", "50,257"), math.nan)),
)
"""Sums whose values have to be counted in data; `counted` does it."""


def counted(corpora: Path) -> dict[str, float]:
    """The values of `COUNTED`, from WikiText-2's test text and the vocabularies of BERT and GPT-2."""
    vocabulary = corpora / "tokenizers/bert-base-uncased/vocab.txt"
    ids = {token: number for number, token in enumerate(vocabulary.read_text("utf-8").splitlines())}
    size = len(json.loads((corpora / "tokenizers/gpt2/vocab.json").read_text("utf-8")))
    tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
    lines, whole, opened, marked = 0, 0, 0.0, 0.0
    for line in (corpora / "eval/wikitext-2/wiki.test.tokens").read_text("utf-8").splitlines():
        read = tokenizer.encode(line.strip())
        if (length := len(read.ids)) < 100:
            continue
        marks = [found.span() for found in re.finditer(r"<unk>|@.@", line.strip())]
        pieces = (any(a <= start < end <= b for a, b in marks) for start, end in read.offsets)
        before = [0, *accumulate(pieces)]
        starts = max(1, length - 100)  # the notebook draws from range(length - 100), and 0 for a line of just 100
        lines, whole, opened = lines + 1, whole + (length == 100), opened + 1 / starts
        marked += fmean((before[at + 100] - before[at]) / 100 for at in range(starts))
    share = marked / lines
    return {
        "5": 100 * opened / lines, "8": whole, "1,339": lines, "23": 100 * share, "0.55": (0.658 - share) / (1 - share),
        "30,522": len(ids), "101": ids["[CLS]"], "102": ids["[SEP]"], "103": ids["[MASK]"], "50,257": size,
    }  # fmt: skip
