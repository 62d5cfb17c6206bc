"""C1: the rule on made-up ratios, the two stacks, and an experiment on small ones."""

from __future__ import annotations

import pytest
import torch

from core.claims import speed as plan
from core.errors import Cancelled, UserError
from core.experiments import speed
from core.experiments.blocks import LstmStack, TransformerStack, weights
from core.experiments.experiment import run
from core.messages import Experiment, Finding, Number

CPU = torch.device("cpu")


def finding(report=lambda *_: None, shown=None, **knobs: float | str) -> Finding:
    request = Experiment(id=1, claim="C1", seed=1, knobs={"threads": 1, **knobs})
    return run(request, lambda name: pytest.fail(name), CPU, report, (shown if shown is not None else []).append)


def ratios(**tasks: list[tuple[float, float]]) -> dict[str, Number]:
    return {
        plan.cell(task, 16 * 4**place): Number((low + high) / 2, "", low, high)
        for task, pairs in tasks.items()
        for place, (low, high) in enumerate(pairs)
    }


@pytest.mark.parametrize(
    ("train", "generate", "verdict"),
    [
        ((1.5, 2.0), (1.2, 1.3), "supported"),
        ((1.5, 2.0), (0.5, 0.6), "mixed"),
        ((0.3, 0.4), (0.95, 1.2), "refuted"),
        ((1.5, 2.0), (0.95, 1.2), "inconclusive"),
        ((0.95, 1.05), (0.95, 1.05), "inconclusive"),
    ],
)
def test_rule(train: tuple[float, float], generate: tuple[float, float], verdict: str) -> None:
    decided = plan.decide(ratios(train=[train] * 2, encode=[train] * 2, generate=[generate] * 2))
    assert decided.verdict == verdict
    assert f"{sum(train) / 2:.2f} times as fast at 64 tokens" in decided.why


def test_median_has_an_interval_that_any_distribution_allows() -> None:
    assert speed.middle([3, 1, 2, 6, 5, 4]) == (3.5, 1, 6)  # 96.9 %
    assert speed.middle(range(9)) == (4, 1, 7)  # 96.1 %
    assert speed.middle(range(21)) == (10, 5, 15)  # 97.3 %


def test_crossing_lies_on_a_line_between_logarithms() -> None:
    assert speed.crossing([16, 64], [2, 0.5]) == pytest.approx(32)
    assert speed.crossing([16, 64], [2, 1.5]) is None
    assert speed.crossing([16, 64], [0.9, 0.5]) is None


def test_stacks_have_as_many_weights_and_the_walk_gives_the_same_numbers() -> None:
    torch.manual_seed(1)
    lstm, side_by_side, walking = LstmStack(64, 2), TransformerStack(64, 2), TransformerStack(64, 2, one_by_one=True)
    walking.load_state_dict(side_by_side.state_dict())
    assert weights(side_by_side) == pytest.approx(weights(lstm), rel=0.01)
    x = torch.randn(2, 9, 64)
    assert torch.allclose(side_by_side(x), walking(x), atol=1e-5)


def test_a_step_reads_what_the_cache_holds() -> None:
    torch.manual_seed(1)
    net = TransformerStack(64, 1)
    x = torch.randn(2, 9, 64)
    past = net.past(2, 8)
    block = net.blocks[0]
    _, keys, values = block.qkv(block.norm_attention(x)).chunk(3, dim=-1)
    for kept, part in zip(past[0], (keys, values), strict=True):
        kept[:, :, :-1] = part.unflatten(-1, (2, 32)).transpose(1, 2)[:, :, :-1]
    with torch.inference_mode():
        assert torch.allclose(net.step(x[:, -1:], past), net(x)[:, -1:], atol=1e-5)


def test_measures_every_length_in_every_task() -> None:
    shown: list[Finding] = []
    before = torch.get_num_threads()
    found = finding(shown=shown, width=32, longest=160, repeats=6)
    assert torch.get_num_threads() == before
    for task in plan.TASKS:
        for length in (128, 160):
            number = found.measured[plan.cell(task, length)]
            assert 0 < number.low <= number.value <= number.high and number.n == 6
    assert [line.x for line in found.charts[0].lines] == [[128, 160]] * 2
    assert "1 of" in found.notes[0] and shown and not shown[0].complete


def test_cancel_and_wrong_knobs() -> None:
    def report(done: int, total: int, note: str) -> None:
        if done > 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        finding(report, width=32, longest=32, repeats=6)
    with pytest.raises(UserError):
        finding(repeats=2)


@pytest.mark.slow
@pytest.mark.parametrize(("control", "verdict"), [("none", "mixed"), (plan.ONE_BY_ONE, "refuted")])
def test_the_control_flips_the_verdict(control: str, verdict: str) -> None:
    """One token at a time, the Transformer loses its advantage. Processor time, so that other programs count little."""
    assert finding(width=256, longest=1024 if control == "none" else 64, repeats=9, control=control).verdict == verdict
