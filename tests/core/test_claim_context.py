"""C6: the rule, and the losses of networks whose use of the context is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from core.claims import context as claim
from core.claims.context import decide
from core.experiments import context
from core.experiments.spoiling import part, spoil
from core.messages import Finding, Number
from core.sweep import text
from core.text.stream import generator
from tests.core import cyclic
from tests.core.experimenting import bundled, found, number, stopped

TINY = {"targets": 40.0, "tokens": 24.0, "far": 6.0}


def measured(left: float, right: float, far: Number, same: Number, spread: float = 0.05) -> dict[str, Number]:
    """Both ways of taking a side away cost the same."""
    found = {"far_shuffled": far, "negation_same": same}
    for side, value in (("left", left), ("right", right)):
        found |= {f"{side}_{cut}": number(value, value - spread, value + spread) for cut in claim.CUTS}
    return found


NOTHING, SOMETHING, UNSURE = number(0.0, -0.02, 0.02), number(0.2, 0.1, 0.3), number(0.05, 0.0, 0.1)
STAYS, TURNS, HALF = number(0.8, 0.65, 0.9), number(0.2, 0.1, 0.35), number(0.5, 0.35, 0.65)


@pytest.mark.parametrize(
    ("left", "right", "far", "same", "verdict"),
    [
        (2.0, 1.0, SOMETHING, TURNS, "supported"),
        (2.0, 1.0, NOTHING, TURNS, "mixed"),
        (2.0, 1.0, SOMETHING, STAYS, "mixed"),
        (2.0, 1.0, UNSURE, TURNS, "inconclusive"),
        (2.0, 1.0, SOMETHING, HALF, "inconclusive"),
        (2.0, 0.1, NOTHING, STAYS, "inconclusive"),
        (2.0, 0.0, SOMETHING, TURNS, "refuted"),
        (-1.0, 2.0, SOMETHING, TURNS, "refuted"),
    ],
)
def test_the_rule(left: float, right: float, far: Number, same: Number, verdict: str) -> None:
    decision = decide(measured(left, right, far, same))
    assert decision.verdict == verdict and f"{min(left, 2.0):.2f} bits without its left side" in decision.why


def test_a_side_counts_only_where_both_ways_show_it() -> None:
    for cut in claim.CUTS:
        numbers = measured(2.0, 1.0, SOMETHING, TURNS) | {f"right_{cut}": number(0.0, -0.05, 0.05)}
        assert decide(numbers).verdict == "refuted"
    assert decide(measured(2.0, 1.0, Number(None), TURNS)).verdict == "inconclusive"


def test_parts_and_ways() -> None:
    random = generator(1, 0)
    assert part("left", 9, 4, random) == [0, 1, 2, 3] and part("right", 9, 4, random) == [5, 6, 7, 8]
    assert part("near", 9, 4, random) == [1, 2, 3, 5, 6, 7] and part("beyond-3", 9, 4, random) == [0, 8]
    assert part("beyond-0", 5, 2, random) == [0, 1, 3, 4]
    scattered = part("scattered-3", 9, 4, random)
    assert len(scattered) == 3 and 4 not in scattered
    ids, pool = [*range(9)], np.array([50])
    assert spoil(ids, 4, [0, 1, 8], "deleted", pool, random) == ([2, 3, 4, 5, 6, 7], 2)
    assert spoil(ids, 4, [0, 8], "random", pool, random) == ([50, 1, 2, 3, 4, 5, 6, 7, 50], 4)
    shuffled = spoil(ids, 4, [0, 1, 2, 3], "shuffled", pool, random)
    assert sorted(shuffled.ids[:4]) == [0, 1, 2, 3] and shuffled.ids[4:] == ids[4:] and shuffled.at == 4
    assert ids == [*range(9)]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of the cycle, and nothing known where weights are untrained."""
    monkeypatch.setattr(text, "find", lambda *_: cyclic.text())
    monkeypatch.setattr(context, "fresh", cyclic.blank)


def run(control: str = "none", seed: int = 1) -> Finding:
    model = cyclic.neighbours()
    return found(lambda name: model, "C6", seed, control=control, **TINY)


@pytest.mark.usefixtures("check")
def test_each_neighbour_is_worth_what_it_should_be() -> None:
    one = run()
    strong, weak = math.exp(4), 1.0
    both = 2 * 4 - math.log(math.exp(8) + 2 * strong + 7 * weak)  # the target twice, its neighbours once each
    alone = 4 - math.log(2 * strong + 8 * weak)
    for name in ("left_deleted", "right_deleted"):
        assert one.measured[name].value == pytest.approx((both - alone) / math.log(2), abs=1e-5)
    assert one.measured["whole_context"].value == pytest.approx(-both / math.log(2), abs=1e-5)
    assert one.measured["far_shuffled"].value == one.measured["beyond_3_random"].value == 0.0
    assert one.measured["untrained_left_deleted"].value == 0.0
    assert one.measured["negation_same"].value == 1.0 and one.measured["negation_same"].n == 40
    assert one.verdict == "mixed" and one.charts[0].lines[0].x == [0.0, 3.0, 6.0, 10.0]


@pytest.mark.usefixtures("check")
@pytest.mark.parametrize("control", ["untrained", "shuffled"])
def test_a_control_refutes(control: str) -> None:
    assert run(control).verdict == "refuted"


@pytest.mark.usefixtures("check")
def test_one_seed_gives_the_same_numbers_and_another_other_ones() -> None:
    first, again, other = (replace(run(seed=seed), seconds=0.0) for seed in (1, 1, 2))
    assert first == again and first.measured["near_random"] != other.measured["near_random"]


@pytest.mark.usefixtures("check")
def test_it_can_be_left() -> None:
    model = cyclic.neighbours()
    assert stopped(lambda name: model, "C6", **TINY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bundled_model(seed: int) -> None:
    assert found(bundled, "C6", seed).verdict in ("mixed", "inconclusive")


@pytest.mark.slow
@pytest.mark.parametrize("control", ["untrained", "shuffled"])
def test_a_control_refutes_it_for_the_bundled_model(control: str) -> None:
    assert found(bundled, "C6", 1, control=control, targets=100.0).verdict == "refuted"
