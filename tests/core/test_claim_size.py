"""C2: the rule on made-up numbers, the counts against real modules, and an experiment on tiny networks."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.claims import size as plan
from core.errors import Cancelled
from core.experiments import recall
from core.experiments.experiment import run
from core.messages import Experiment, Finding, Number

TINY = {"longest": 8, "steps": 30, "seeds": 2}


def finding(report=lambda *_: None, seed: int = 1, **knobs: float | str) -> Finding:
    request = Experiment(id=1, claim="C2", seed=seed, knobs=knobs)
    return run(request, lambda name: pytest.fail(name), torch.device("cpu"), report, lambda part: None)


@pytest.mark.parametrize(
    ("times", "low", "high", "verdict"),
    [
        (0.67, 0.5, 0.9, "refuted"),
        (1.0, -0.5, 0.9, "refuted"),
        (1.33, 0.5, 0.9, "mixed"),
        (1.33, -0.05, 0.05, "supported"),
        (1.33, -0.2, 0.9, "inconclusive"),
        (1.33, None, None, "inconclusive"),
    ],
)
def test_rule(times: float, low: float | None, high: float | None, verdict: str) -> None:
    measured = {"lstm_over_transformer": Number(times), "recall_gap": Number(0.3, "", low, high)}
    assert plan.decide(measured).verdict == verdict


@pytest.mark.parametrize(("width", "ratio", "layers"), [(32, 4, 1), (64, 1, 3), (96, 2.5, 2)])
def test_sizes_are_those_of_real_modules(width: int, ratio: float, layers: int) -> None:
    lstm = nn.LSTM(width, width, layers)
    block = nn.TransformerEncoderLayer(width, 2, round(ratio * width))
    counted = [sum(weight.numel() for weight in net.parameters()) for net in (lstm, block)]
    assert plan.sizes(width, ratio, layers) == (counted[0], layers * counted[1])


def test_sizes_are_those_of_the_notes() -> None:
    assert plan.sizes(512, 4) == (2_101_248, 3_152_384)
    lstm, transformer = plan.sizes(512, plan.even(512))
    assert transformer == pytest.approx(lstm, rel=1e-3)


def test_the_calculator_counts_what_the_experiment_counts() -> None:
    knobs = plan.PLAN.settle(False, {"width": 96.0, "layers": 2.0, "feed_forward": 2.5, **TINY, "steps": 10.0})
    lstm, transformer, even = plan.calculate(knobs).rows.values()
    measured = finding(**knobs).measured
    assert lstm[1] == measured["lstm_parameters"].value
    assert transformer[1] == measured["transformer_parameters"].value == 2 * transformer[0]
    assert 1 / transformer[2] == pytest.approx(measured["lstm_over_transformer"].value)
    assert even[2] == pytest.approx(1, rel=0.01)
    narrow = plan.calculate({**knobs, "control": plan.NARROW})
    assert [*narrow.rows.values()][1][2] < 1 and narrow.charts == [plan.chart(96)]


def test_a_symbol_that_nothing_looks_at_gets_no_gradient() -> None:
    net = recall.fresh("Transformer", 32, 1, 1)
    norms = recall.reach(net, 6, 1)
    assert len(norms) == 7 and min(norms) > 0
    net.stack.blocks[0].out.weight.data.zero_()  # attention brings nothing any more
    assert recall.reach(net, 6, 1)[1:] == [0] * 6


def test_two_runs_are_equal_and_the_control_flips_the_verdict() -> None:
    found, again = finding(**TINY), finding(**TINY)
    assert found.verdict == "refuted" and found.measured == again.measured and found.charts == again.charts
    assert found.measured["lstm_trained_parameters"].value == pytest.approx(
        found.measured["transformer_trained_parameters"].value, rel=0.02
    )
    assert found.measured["lstm_gradient_untrained"].value < found.measured["transformer_gradient_untrained"].value
    control = finding(control=plan.NARROW, **TINY | {"longest": 2, "steps": 10})
    assert control.verdict != "refuted" and control.measured["lstm_over_transformer"].value > 1.3


def test_cancel() -> None:
    def report(done: int, total: int, note: str) -> None:
        assert 0 <= done < total
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        finding(report, **TINY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_quick_form_sees_the_lstm_behind_with_equal_parameters(seed: int) -> None:
    found = finding(seed=seed)
    assert found.verdict == "refuted" and found.measured["recall_gap"].low > plan.HARDER
    measured = {**found.measured, "lstm_over_transformer": Number(1.33)}
    assert plan.decide(measured).verdict == "mixed"
