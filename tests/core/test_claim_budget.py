"""C10: the arithmetic against numbers worked out by hand, the rule, and the knobs of one's own run."""

from __future__ import annotations

import pytest
import torch

from core.claims import budget as plan
from core.errors import Cancelled
from core.experiments.experiment import run
from core.messages import Experiment, Finding, Number


def finding(report=lambda *_: None, seed: int = 1, **knobs: float | str) -> Finding:
    request = Experiment(id=1, claim="C10", seed=seed, knobs=knobs)
    return run(request, lambda name: pytest.fail(name), torch.device("cpu"), report, lambda part: None)


@pytest.mark.parametrize(
    ("gpt1", "bert", "verdict"),
    [(32_768, 131_072, "supported"), (32_768, 42_598, "mixed"), (20_000, 42_598, "refuted")],
)
def test_rule(gpt1: float, bert: float, verdict: str) -> None:
    measured = {
        "gpt1_batch": Number(gpt1), "bert_batch": Number(bert), "tokens_ratio": Number(1.3),
        "targets_ratio": Number(0.195),
    }  # fmt: skip
    assert plan.decide(measured).verdict == verdict


def test_published_recipes_come_to_the_numbers_of_the_notes() -> None:
    found = finding()
    value = {name: number.value for name, number in found.measured.items()}
    assert value["gpt1_tokens"] == 1e6 * 64 * 512
    assert value["bert_tokens"] == pytest.approx(0.9e6 * 256 * 128 + 0.1e6 * 256 * 512)  # 42.6 billion
    assert value["bert_targets"] == pytest.approx(6.39e9, rel=1e-3)
    assert value["targets_ratio"] == pytest.approx(0.195)
    assert value["bert_flops"] == pytest.approx(6 * 110e6 * 42.5984e9)
    assert value["gpt1_steps_of_100_epochs"] == pytest.approx(2.44e6, rel=1e-3)
    assert 40 < value["gpt1_epochs"] < 41
    assert found.verdict == "mixed" and found.differs


def test_the_control_flips_the_verdict_and_the_seed_changes_nothing() -> None:
    control = finding(control=plan.ONE_LENGTH)
    assert control.verdict == "supported"
    assert control.notes == [*finding().notes, "A control: one-length. The verdict is about what was changed so."]
    assert finding(seed=1).measured == finding(seed=2).measured


def test_own_run_follows_its_knobs() -> None:
    found = finding(steps=10, batch=4, length=100, asked=50, short=50, parameters=2)
    value = {name: number.value for name, number in found.measured.items()}
    assert value["own_batch"] == 4 * (50 + 12.5)
    assert value["own_tokens"] == 2500 and value["own_targets"] == 1250
    assert value["own_flops"] == 6 * 2e6 * 2500
    bars = {line.name: line.y for line in found.charts[1].lines}
    assert bars["tokens"][-1] == 2500 and len(found.charts[1].ticks) == len(bars["targets"])


def test_the_calculator_says_what_the_experiment_says() -> None:
    knobs = plan.PLAN.settle(False, {"steps": 10.0, "short": 50.0})
    calculation, found = plan.calculate(knobs), finding(**knobs)
    own = calculation.rows[plan.NAMES["own"]]
    assert own == tuple(
        found.measured[f"own_{what}"].value for what in ("steps", "batch", "tokens", "targets", "flops")
    )
    assert len(own) == len(calculation.columns) and len(calculation.rows) == 4
    assert calculation.charts == found.charts


def test_cancel() -> None:
    def report(done: int, total: int, note: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        finding(report)
