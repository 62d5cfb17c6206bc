"""C7: the rule, and the parts of a fall that were built into a network."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from core.claims.ends import decide
from core.experiments import ends
from core.messages import Finding, Number
from core.sweep import text
from tests.core import cyclic
from tests.core.experimenting import bundled, found, number, stopped

TINY = {"windows": 60.0, "tokens": 32.0}


def measured(fall: float, rise: float, held: float, artefact: float, spread: float = 0.05) -> dict[str, Number]:
    named = {"fall": fall, "gpt2_rise": rise, "gpt2_fall": held, "artefact": artefact}
    return {name: number(value, value - spread, value + spread) for name, value in named.items()}


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        (measured(2.0, 0.5, 0.0, 0.5), "mixed"),
        (measured(2.0, 0.5, 0.0, 0.0), "supported"),
        (measured(2.0, 0.5, 0.0, 0.1), "supported"),  # an artefact for sure, and a small one
        (measured(2.0, 0.5, 0.0, 0.27), "inconclusive"),
        (measured(2.0, 0.5, -0.3, 0.0, 0.3), "inconclusive"),  # of the artefact nothing is known
        (measured(0.75, 0.5, 0.0, 0.5), "inconclusive"),
        (measured(0.1, 0.5, 0.0, 0.5), "refuted"),
        (measured(2.0, 0.0, 0.0, 0.5), "refuted"),
        (measured(2.0, 0.5, 0.8, 0.5), "refuted"),
        (measured(2.0, 0.5, 0.5, 0.5), "inconclusive"),
        (measured(2.0, 0.5, 0.0, 0.5) | {"fall": Number(None)}, "inconclusive"),
    ],
)
def test_the_rule(numbers: dict[str, Number], verdict: str) -> None:
    assert decide(numbers).verdict == verdict


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of the cycle, and nothing known where weights are untrained."""
    monkeypatch.setattr(text, "find", lambda *_: cyclic.text())
    monkeypatch.setattr(ends, "fresh", cyclic.blank)


def run(control: str = "none", seed: int = 1, bare: float = 0.5, late: float = 5.0) -> Finding:
    models = {"bert": cyclic.reader("masked", bare=bare), "gpt2": cyclic.reader("causal", late=late),
              "lstm": cyclic.reader("causal", ready=0)}  # fmt: skip
    return found(models.__getitem__, "C7", seed, control=control, **TINY)


def bits(logit: float) -> float:
    """The log-probability of a word with this logit among nine others with none."""
    return (logit - math.log(math.exp(logit) + 9)) / math.log(2)


@pytest.mark.usefixtures("check")
def test_the_parts_are_those_that_were_built_in() -> None:
    one = run()
    built = {"fall": bits(5) - bits(0.5), "information": bits(5) - bits(2), "artefact": bits(2) - bits(0.5),
             "gpt2_rise": bits(5) - bits(0.5), "gpt2_fall": 0.0, "lstm_rise": 0.0}  # fmt: skip
    for name, value in built.items():
        assert one.measured[name].value == pytest.approx(value, abs=1e-5), name
        assert one.measured[name].low == pytest.approx(value, abs=1e-5)
    assert one.verdict == "mixed" and one.measured["accuracy_fall"].value == 0.0
    names = {line.name: line for line in one.charts[0].lines}
    assert names.keys() == {"bert (framed)", "bert (bare)", "gpt2 (start)", "lstm (start)"}
    assert names["bert (bare)"].x == [0.0, 2.0, 10.0, 16.0, 22.0, 29.0, 31.0]
    assert set(names["bert (bare)"].y) == {100.0}


@pytest.mark.usefixtures("check")
def test_a_fall_that_stays_in_the_training_format_supports_it() -> None:
    assert run(bare=2.0).verdict == "supported"
    assert run(late=0.5).verdict == "refuted"  # a GPT-2 that gains nothing


@pytest.mark.usefixtures("check")
@pytest.mark.parametrize("control", ["untrained", "shuffled-positions"])
def test_a_control_refutes(control: str) -> None:
    assert run(control).verdict == "refuted"


@pytest.mark.usefixtures("check")
def test_one_seed_gives_the_same_numbers() -> None:
    first, again = (replace(run("shuffled-positions", seed), seconds=0.0) for seed in (1, 1))
    assert first == again and first.measured["fall"] != run("shuffled-positions", 2).measured["fall"]


@pytest.mark.usefixtures("check")
def test_it_can_be_left() -> None:
    models = {"bert": cyclic.reader("masked"), "gpt2": cyclic.reader("causal"), "lstm": cyclic.reader("causal")}
    assert stopped(models.__getitem__, "C7", **TINY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bundled_models(seed: int) -> None:
    assert found(bundled, "C7", seed).verdict != "refuted"


@pytest.mark.slow
@pytest.mark.parametrize("control", ["untrained", "shuffled-positions"])
def test_a_control_refutes_it_for_the_bundled_models(control: str) -> None:
    assert found(bundled, "C7", 1, control=control).verdict == "refuted"
