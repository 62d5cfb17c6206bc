"""Intervals, curves and the waterfall, against numbers by hand and by brute force; position labels permuted."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from core.sweep.curve import curve
from core.sweep.scores import Reading, Scores
from core.sweep.waterfall import fall, resamples, waterfall

STOPS = frozenset({7})


def scored(table: list[list[int | None]]) -> Scores:
    """A row a window, a column a position: 1 right, 0 wrong, None not asked."""
    made = Scores(len(table), list(range(len(table[0]))))
    for window, row in enumerate(table):
        for position, right in enumerate(row):
            if right is not None:
                made.put(window, position, Reading(-1.0 - window, bool(right), True, 5 if right else 7), STOPS)
    return made


def test_a_curve_by_hand() -> None:
    found = curve("bert", "bare", scored([[1, None], [0, None], [1, 0], [1, None]]))
    assert found.n == [4, 1] and found.accuracy == [0.75, 0.0] and found.stop == [0.25, 1.0]
    assert found.logprob == [pytest.approx(-2.5), pytest.approx(-3.0)] and found.top5 == [1.0, 1.0]
    # Wilson (1927): (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = 3/4, n = 4, z = 1.96
    assert found.low[0] == pytest.approx(0.30064, abs=1e-4) and found.high[0] == pytest.approx(0.95441, abs=1e-4)
    assert found.low[1] == 0.0 and found.high[1] == pytest.approx(0.79345, abs=1e-4)


def test_nothing_scored_is_null() -> None:
    found = curve("bert", "bare", Scores(3, [0, 1]))
    assert found.n == [0, 0]
    assert {*found.accuracy, *found.low, *found.high, *found.top5, *found.logprob, *found.stop} == {None}


BARE: list[list[int | None]] = [[1, 1, 0], [1, None, 0], [0, 1, 1], [1, 1, 0]]
TRAINED: list[list[int | None]] = [[1, 1, 1], [1, None, 0], [1, 1, 1], [1, 0, 1]]


def test_the_waterfall_by_hand() -> None:
    found = waterfall(scored(BARE), scored(TRAINED), "framed", [0, 1], 2, resamples(4, 500, 1))
    assert found is not None
    assert found.bare.middle == 6 / 7 and found.bare.last == 1 / 4
    assert found.bare.fall.value == pytest.approx(6 / 7 - 1 / 4)
    assert found.trained.fall.value == pytest.approx(6 / 7 - 3 / 4)
    assert found.artefact.value == pytest.approx(3 / 4 - 1 / 4)
    assert found.bare.windows == 4 and found.trained.condition == "framed"


def test_the_bootstrap_is_that_of_brute_force() -> None:
    """All 4^4 resamples of four windows, each computed as the value itself is."""
    values = []
    for draw in itertools.product(range(4), repeat=4):
        drop = []
        for table in (BARE, TRAINED):
            middle = [cell for window in draw for cell in table[window][:2] if cell is not None]
            last = [cell for window in draw for cell in table[window][2:] if cell is not None]
            drop.append(np.mean(middle) - np.mean(last))
        values.append((drop[0], drop[0] - drop[1]))
    found = waterfall(scored(BARE), scored(TRAINED), "framed", [0, 1], 2, resamples(4, 20_000, 3))
    assert found is not None
    for index, mine in ((0, found.bare.fall), (1, found.artefact)):
        low, high = np.percentile([value[index] for value in values], [2.5, 97.5])
        assert (mine.low, mine.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_the_same_seed_draws_the_same_windows() -> None:
    assert (resamples(9, 50, 4) == resamples(9, 50, 4)).all()
    assert (resamples(9, 50, 4) != resamples(9, 50, 5)).any()
    assert (resamples(9, 50, 4).sum(axis=1) == 9).all()


def test_a_fall_without_an_end_is_none() -> None:
    assert fall("bare", scored([[1, 1, None]]), [0, 1], 2, resamples(1, 10, 1)) is None
    assert fall("bare", scored([[None, None, 1]]), [0, 1], 2, resamples(1, 10, 1)) is None


def test_permuted_labels_give_a_flat_line() -> None:
    """A steep curve; once positions are permuted within every window, nothing of it is left."""
    steep: list[list[int | None]] = [[1] * 10 + [0] * 10 for _ in range(400)]
    shuffle = random.Random(1)
    permuted = [shuffle.sample(row, len(row)) for row in steep]
    before = fall("bare", scored(steep), list(range(5, 10)), 19, resamples(400, 500, 1))
    after = fall("bare", scored(permuted), list(range(5, 10)), 19, resamples(400, 500, 1))
    assert before is not None and after is not None
    assert before.fall.value == 1.0 and abs(after.fall.value) < 0.06 and after.fall.low < 0 < after.fall.high
    found = curve("bert", "bare", scored(permuted))
    assert all(low is not None and high is not None and low - 0.02 < 0.5 < high + 0.02
               for low, high in zip(found.low, found.high, strict=True))  # fmt: skip
